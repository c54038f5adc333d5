// Holds dist against its budget: kB of gzip, what the first page needs and all of it.
import { readFileSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const gz = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length / 1000;
const html = readFileSync(new URL("index.html", dist), "utf8");
const files = readdirSync(new URL("static/", dist)).map((name) => `static/${name}`);
const initial = [...html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map((match) => match[1]);
const sum = (list) => list.reduce((total, file) => total + gz(file), 0);

const rows = [
  ["initial JS", sum(initial), 130, 150],
  ["all JS", sum([...new Set([...initial, ...files.filter((file) => file.endsWith(".js"))])]), 300, 300],
  ["CSS", sum(files.filter((file) => file.endsWith(".css"))), 12, 15],
];
let failed = /<(script|style)(?![^>]*\bsrc=)[^>]*>[^<]/.test(html);
if (failed) console.error("index.html holds an inline script or style: the page's policy forbids it");
for (const [name, size, aim, limit] of rows) {
  const verdict = size > limit ? "TOO LARGE" : size > aim ? "above the aim" : "ok";
  failed ||= size > limit;
  console.log(`${name.padEnd(10)} ${size.toFixed(1).padStart(6)} kB gz   aim ${aim}, limit ${limit}   ${verdict}`);
}
process.exit(failed ? 1 : 0);
