#!/usr/bin/env node
// A code location in plain Node, without any SDK: core/protocol/README.md is all it needs. Workers are spawned.
//
//   node node.mjs            defs: raw (3 numbers), doubled(raw), total(doubled), broken
import { createHash } from "node:crypto";
import { fstatSync, mkdirSync, readFileSync, readSync, renameSync, writeFileSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { pathToFileURL } from "node:url";

const [CONTROL, JOURNAL, CLAIMS] = [3, 4, 6];
const storage = process.env.HEADRACE_STORAGE ?? ".";

// ---- the assets ----------------------------------------------------------------------------------------------------
const assets = {
  raw: { inputs: [], make: () => [1, 2, 3] },
  doubled: { inputs: ["raw"], make: (raw) => raw.map((n) => 2 * n) },
  total: { inputs: ["doubled"], make: (doubled) => doubled.reduce((a, b) => a + b, 0) },
  broken: {
    inputs: [],
    make: () => {
      throw new TypeError("asked to fail");
    },
  },
};
const pathOf = (key) => `${storage}/${key.join("/")}.json`;

function store(key, value) {
  const text = JSON.stringify(value);
  mkdirSync(storage, { recursive: true });
  writeFileSync(`${pathOf(key)}.tmp`, text);
  renameSync(`${pathOf(key)}.tmp`, pathOf(key)); // the old value or the new one, never half of it
  const bytes = Buffer.byteLength(text);
  return {
    metadata: { path: { type: "path", value: pathOf(key) }, bytes: { type: "int", value: bytes } },
    stored: { uri: pathToFileURL(pathOf(key)).href, format: "json", schema: null, bytes, etag: null },
  };
}

// ---- definitions (section 6) ---------------------------------------------------------------------------------------
const definitions = {
  assets: Object.entries(assets).map(([name, { inputs }]) => ({
    key: [name],
    step_key: name,
    group: "node",
    deps: inputs.map((input) => ({ key: [input], input, input_manager_key: null })),
    io_manager_key: "io_manager",
    stores_output: true,
    required_resources: ["io_manager"],
  })),
  resources: [{ key: "io_manager", type: "node.json", is_io_manager: true, in_memory: false, nested: [], config: [] }],
  env_vars: [],
  execution: {},
};
const sorted = (value) =>
  Array.isArray(value)
    ? value.map(sorted)
    : value && typeof value === "object"
      ? Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
      : value;
const hash = createHash("sha256").update(JSON.stringify(sorted(definitions))).digest("hex");

function eachLine(socket, take) {
  let rest = "";
  socket.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    lines.filter(Boolean).forEach((line) => take(JSON.parse(line)));
  });
}

// ---- host (section 2) ----------------------------------------------------------------------------------------------
function host() {
  const socket = new Socket({ fd: CONTROL });
  const send = (message) => socket.write(`${JSON.stringify(message)}\n`);
  send({ type: "hello", protocol: 1, language: "node", language_version: process.versions.node, sdk: "none", fork: false, pid: process.pid, executable: process.execPath });
  eachLine(socket, ({ type }) => {
    if (type === "shutdown") process.exit(0);
    if (type === "describe")
      send({ type: "definitions", hash, worker_start: "spawn", worker_start_reason: "Node cannot fork.", load_seconds: 0, definitions });
  });
  socket.on("end", () => process.exit(0));
}

// ---- worker (sections 3 and 4) -------------------------------------------------------------------------------------
const crcTable = Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});
const crc32 = (bytes) => (bytes.reduce((crc, byte) => (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff], 0xffffffff) ^ 0xffffffff) >>> 0;
const now = () => Date.now() * 1000;

function worker() {
  const socket = new Socket({ fd: CONTROL });
  const append = (...lines) => {
    const text = lines.map((line) => JSON.stringify({ time: now(), ...line }));
    const whole = text.map((line) => `${crc32(Buffer.from(line)).toString(16).padStart(8, "0")} ${line}\n`).join("");
    writeSync(JOURNAL, whole); // a single write
    socket.write("\n"); // the wake-up
  };
  append({
    type: "worker_started", protocol: 1, hash, claims: true, pid: process.pid, worker_id: Number(process.env.HEADRACE_WORKER_ID),
    start_time: Number(readFileSync("/proc/self/stat", "utf8").split(") ").pop().split(" ")[19]),
    boot_id: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  });
  let newest = 0;
  const isOurs = (claim) => {
    while (claim && newest < claim) {
      const bytes = Buffer.alloc(8);
      try {
        if (readSync(CLAIMS, bytes) !== 8) return false; // the daemon is gone
      } catch {
        return false; // nothing there: the daemon took the step back
      }
      newest = Number(bytes.readBigUInt64LE());
    }
    return !claim || newest === claim;
  };
  const run = ({ run_id, step_key, attempt, asset_key, inputs }) => {
    const step = { run_id, step_key, attempt, offsets: [1, 2, 5].map((fd) => fstatSync(fd).size) };
    append({ type: "step_started", ...step });
    const began = performance.now();
    const end = (status, error) => ({ type: "step_ended", ...step, status, error, seconds: (performance.now() - began) / 1000 });
    try {
      const values = inputs.map((input) => JSON.parse(readFileSync(pathOf(input.asset_key), "utf8")));
      append({ type: "inputs_loaded", ...step, inputs: inputs.map(({ name, asset_key: key }) => ({ name, asset_key: key, metadata: {}, seconds: 0 })) });
      const made = store(asset_key, assets[step_key].make(...values));
      append({ type: "materialized", ...step, asset_key, partition: null, ...made, data_version: null, tags: {} }, end("success", null));
    } catch (error) {
      append(end("failure", { type: error.name, message: error.message, stack: error.stack, file: null, line: null, phase: "asset" }));
    }
  };
  const canceled = new Set(); // steps run to their end in one go: a cancellation can only meet one that waits
  eachLine(socket, (message) => {
    const id = `${message.run_id} ${message.step_key} ${message.attempt}`;
    if (message.type === "cancel_step") canceled.add(id);
    else if (isOurs(message.claim) && !canceled.has(id)) run(message);
  });
  socket.on("end", () => {
    append({ type: "worker_ended", reason: "no more steps" });
    socket.end(() => process.exit(0));
  });
}

process.env.HEADRACE_ROLE === "worker" ? worker() : host();
