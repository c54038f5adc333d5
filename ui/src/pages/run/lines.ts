import type { LogEvent, LogStream } from "../../api/types";
import { keyText } from "../../lib/keys";
import { millis } from "../../lib/time";
import { brief, ordered } from "../../metadata/value";

export type LineSource = "events" | LogStream;
export interface Line {
  key: string;
  source: LineSource;
  /** Milliseconds; null: the line has none of its own (raw output). */
  time: number | null;
  step: string | null;
  /** Kind of event, or level of a logged message. */
  kind: string;
  text: string;
  tone: "plain" | "failure" | "stale" | "success";
}
export interface Output { step: string; attempt: number; stream: LogStream; text: string }

/** What an event says beyond its name: where it was stored, what was logged, why it failed. */
export function eventText(event: LogEvent): string {
  switch (event.type) {
    case "materialized":
    case "observed": {
      const details = ordered(event.data.metadata).slice(0, 6).map(([label, item]) => `${label} ${brief(item)}`);
      return [event.message, ...details].join("   ");
    }
    case "inputs_loaded":
      if (!event.data.inputs.length) return event.message;
      return `${event.message}   ${event.data.inputs.map((input) => `${keyText(input.asset_key)}${input.seconds === null ? "" : ` in ${Math.round(input.seconds * 1000)} ms`}`).join(", ")}`;
    case "run_ended": return event.data.message && event.data.message !== event.message ? `${event.message}   ${event.data.message}` : event.message;
    default: return event.message;
  }
}

function eventTone(event: LogEvent): Line["tone"] {
  if (event.type === "materialized") return "success";
  if (event.type === "step_ended" || event.type === "run_ended") return event.data.status === "failure" ? "failure" : event.data.status === "success" ? "plain" : "stale";
  return "plain";
}

function logLine(text: string): { time: number | null; kind: string; text: string } {
  try {
    const { time, level, message } = JSON.parse(text) as { time?: number; level?: string; message?: string };
    return { time: typeof time === "number" ? time / 1000 : null, kind: level ?? "log", text: String(message ?? text) };
  } catch {
    return { time: null, kind: "log", text };
  }
}
const levelTone = (level: string): Line["tone"] => (/error|critical/i.test(level) ? "failure" : /warn/i.test(level) ? "stale" : "plain");

/**
 * Events and output as one text. Logged messages have times of their own; raw output has none and stands after the last
 * event of its attempt that came before the attempt's result.
 */
export function mergeLines(events: LogEvent[], outputs: Output[]): Line[] {
  const out: { line: Line; at: number; order: number }[] = [];
  const began = new Map<string, number>();
  for (const event of events) {
    const at = millis(event.timestamp);
    if (event.step_key && (event.type === "step_started" || event.type === "inputs_loaded")) began.set(`${event.attempt} ${event.step_key}`, at);
    out.push({ at, order: 0, line: { key: `e${event.id}`, source: "events", time: at, step: event.step_key, kind: event.type, text: eventText(event), tone: eventTone(event) } });
  }
  for (const { step, attempt, stream, text } of outputs) {
    let at = began.get(`${attempt} ${step}`) ?? 0;
    const lines = text.split("\n");
    if (lines.at(-1) === "") lines.pop();
    lines.forEach((raw, i) => {
      const key = `${stream} ${attempt} ${step} ${i}`;
      if (stream !== "log") return void out.push({ at, order: stream === "stdout" ? 1 : 2, line: { key, source: stream, time: null, step, kind: stream, text: raw.replace(/\r$/, ""), tone: stream === "stderr" ? "stale" : "plain" } });
      const logged = logLine(raw);
      at = Math.max(at, logged.time ?? at);
      out.push({ at, order: 1, line: { key, source: "log", step, ...logged, tone: levelTone(logged.kind) } });
    });
  }
  return out.map((item, i) => ({ ...item, i })).sort((a, b) => a.at - b.at || a.order - b.order || a.i - b.i).map(({ line }) => line);
}

export function filterLines(lines: Line[], sources: ReadonlySet<LineSource>, step: string | undefined, q: string): Line[] {
  const wanted = q.toLowerCase();
  return lines.filter((line) => sources.has(line.source) && (!step || line.step === step) && (!wanted || line.text.toLowerCase().includes(wanted) || (line.step ?? "").toLowerCase().includes(wanted)));
}
