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
  attempt: number | null;
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

interface Entry { line: Line; at: number; order: number }
/** Of one output, what was cut into lines: all up to the last line break. */
interface Parsed { began: number; done: number; at: number; entries: Entry[] }

/**
 * Events and output as one text. Logged messages have times of their own; raw output has none and stands after the last
 * event of its attempt that came before the attempt's result. What was cut into lines once is kept: a log of 100,000 lines
 * grows by what is new.
 */
export class LogMerge {
  private readonly parsed = new Map<string, Parsed>();
  private readonly began = new Map<string, number>();
  private eventEntries: Entry[] = [];

  merge(events: LogEvent[], outputs: Output[]): Line[] {
    for (const event of events.slice(this.eventEntries.length)) this.eventEntries.push(this.eventEntry(event));
    const all = [this.eventEntries, ...outputs.map((output) => this.outputEntries(output))].flat();
    // Each part is in order already, which sorting makes use of; it keeps the order of equals.
    return all.sort((a, b) => a.at - b.at || a.order - b.order).map(({ line }) => line);
  }
  private eventEntry(event: LogEvent): Entry {
    const at = millis(event.timestamp);
    if (event.step_key && (event.type === "step_started" || event.type === "inputs_loaded")) this.began.set(`${event.attempt} ${event.step_key}`, at);
    return { at, order: 0, line: { key: `e${event.id}`, source: "events", time: at, step: event.step_key, attempt: event.attempt, kind: event.type, text: eventText(event), tone: eventTone(event) } };
  }
  private outputEntries(output: Output): Entry[] {
    const name = `${output.stream} ${output.attempt} ${output.step}`, began = this.began.get(`${output.attempt} ${output.step}`) ?? 0;
    let parsed = this.parsed.get(name);
    if (!parsed || parsed.began !== began) this.parsed.set(name, (parsed = { began, done: 0, at: began, entries: [] }));
    const end = output.text.lastIndexOf("\n") + 1;
    for (const text of end > parsed.done ? output.text.slice(parsed.done, end - 1).split("\n") : []) parsed.entries.push(outputEntry(output, text, parsed));
    parsed.done = Math.max(parsed.done, end);
    const unfinished = output.text.slice(end);
    return unfinished ? [...parsed.entries, outputEntry(output, unfinished, parsed)] : parsed.entries;
  }
}

function outputEntry({ step, attempt, stream }: Output, raw: string, parsed: Parsed): Entry {
  const common = { key: `${stream}.${attempt}.${parsed.entries.length + 1}.${step}`, source: stream, step, attempt };
  if (stream !== "log") return { at: parsed.at, order: stream === "stdout" ? 1 : 2, line: { ...common, time: null, kind: stream, text: raw.replace(/\r$/, ""), tone: stream === "stderr" ? "stale" : "plain" } };
  const logged = logLine(raw);
  parsed.at = Math.max(parsed.at, logged.time ?? parsed.at);
  return { at: parsed.at, order: 1, line: { ...common, ...logged, tone: levelTone(logged.kind) } };
}

export interface LineFilter {
  sources: ReadonlySet<LineSource>;
  step?: string | undefined;
  attempt?: number | undefined;
  /** Only what warns or tells of a failure. */
  problems?: boolean;
  q?: string;
}

export function filterLines(lines: Line[], { sources, step, attempt, problems, q = "" }: LineFilter): Line[] {
  const wanted = q.toLowerCase();
  return lines.filter((line) =>
    sources.has(line.source) && (!step || line.step === step) && (!attempt || line.attempt === attempt) && (!problems || line.tone === "failure" || line.tone === "stale") &&
    (!wanted || line.text.toLowerCase().includes(wanted) || (line.step ?? "").toLowerCase().includes(wanted)));
}
