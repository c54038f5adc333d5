import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const guide = fileURLToPath(new URL("../../../examples/guide", import.meta.url));
export const moduleName = "my_dagster_code_location";

/** A person's project folder: files are written into it while a daemon runs on it. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "headrace-browser-"));

  /** Puts the contents of a step of the guide over what is there, as someone who follows the guide would type it. */
  useGuide(step: 1 | 2 | 3 | 4 | 5): void {
    const name = readdirSync(guide).find((entry) => entry.startsWith(`${step}_`))!;
    cpSync(join(guide, name), this.folder, { recursive: true, filter: (source) => !/__pycache__|\.headrace|my_data/.test(source.slice(guide.length)) });
  }
  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }
  /** The code location's one file. */
  code(text: string): void {
    this.write(`${moduleName}/__init__.py`, text);
  }
  read(path: string): string {
    return readFileSync(join(this.folder, path), "utf8");
  }
  delete(path: string): void {
    rmSync(join(this.folder, path), { recursive: true });
  }
  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
