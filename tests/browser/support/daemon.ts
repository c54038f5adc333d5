import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { moduleName, type Project } from "./project.ts";

const installed = fileURLToPath(new URL("../../../.venv/bin/headrace", import.meta.url));
const binary = process.env.HEADRACE_BIN ?? installed;

/** A real daemon on a project. Its address stays the same over a restart. */
export class Daemon {
  private child: ChildProcess | null = null;
  private said = "";
  private port = "0";
  url = "";

  constructor(private readonly project: Project, private readonly environment: Record<string, string> = {}) {}

  async start(): Promise<void> {
    if (!existsSync(binary)) throw new Error(`${binary} is not there: ./run build makes it, or set HEADRACE_BIN`);
    const { DATA_PATH: _, ...inherited } = process.env;
    const arguments_ = ["dev", "-m", moduleName, "-d", this.project.folder, "-p", this.port, "--home", join(this.project.folder, ".headrace")];
    const child = spawn(binary, arguments_, { env: { ...inherited, ...this.environment }, stdio: ["ignore", "pipe", "pipe"] });
    this.child = child;
    child.stderr!.on("data", (chunk: Buffer) => (this.said += chunk));
    const lines = createInterface({ input: child.stdout! });
    const serving = new Promise<string>((resolve, reject) => {
      lines.on("line", (line) => {
        this.said += `${line}\n`;
        const url = /^Serving Headrace on (http:\/\/\S+)/.exec(line)?.[1];
        if (url) resolve(url);
      });
      child.on("exit", (code) => reject(new Error(`the daemon ended with ${code}:\n${this.said}`)));
      child.on("error", reject);
    });
    this.url = (await serving).replace(/\/$/, "");
    this.port = new URL(this.url).port;
  }
  /** Ends it as a service manager would. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const child = this.child;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    this.child = null;
  }
  get output(): string {
    return this.said;
  }
}
