import { describe, expect, it } from "vitest";
import type { LogEvent } from "../../api/types";
import { eventText, filterLines, LogMerge, type Output } from "./lines";

const event = (id: number, type: string, second: number, data: object = {}, step: string | null = "setosa") =>
  ({ id, type, run_id: "r", run_number: 1, step_key: step, asset_key: null, partition: null, attempt: 1, timestamp: `2026-01-02T03:04:0${second}.000000Z`, message: type.replaceAll("_", " "), data }) as unknown as LogEvent;
const at = (second: number) => Date.UTC(2026, 0, 2, 3, 4, second) * 1000;
const error = { type: "ValueError", message: "bad row", stack: null, file: null, line: null, phase: "asset" };
const events = [event(1, "run_started", 0, {}, null), event(2, "step_started", 1, { worker: 1 }), event(3, "inputs_loaded", 2, { inputs: [] }), event(4, "step_ended", 5, { status: "failure", error, seconds: 4, worker: 1 })];
const outputs = [
  { step: "setosa", attempt: 1, stream: "log" as const, text: `{"time":${at(3)},"level":"warning","message":"three"}\nnot json\n{"time":${at(4)},"level":"info","message":"four"}\n` },
  { step: "setosa", attempt: 1, stream: "stdout" as const, text: "one\r\ntwo" },
];

const mergeLines = (all: LogEvent[], printed: Output[]) => new LogMerge().merge(all, printed);

describe("the merged log", () => {
  const lines = mergeLines(events, outputs);
  it("puts logged messages by their time and raw output before the step's end", () => expect(lines.map((line) => line.text.split("   ")[0])).toEqual(["run started", "step started", "inputs loaded", "one", "two", "three", "not json", "four", "step ended"]));
  it("gives every line a key of its own", () => expect(new Set(lines.map((line) => line.key)).size).toBe(lines.length));
  it("marks what went wrong", () => expect(lines.filter((line) => line.tone !== "plain").map((line) => [line.text.split("   ")[0], line.tone])).toEqual([["three", "stale"], ["step ended", "failure"]]));
  it("filters by stream, step and text", () => {
    const texts = (...args: [string[], string | undefined, string]) => filterLines(lines, { sources: new Set(args[0]) as never, step: args[1], q: args[2] }).map((line) => line.text);
    expect(texts(["stdout"], undefined, "")).toEqual(["one", "two"]);
    expect(texts(["events", "stdout", "log"], "other", "")).toEqual([]);
    expect(texts(["stdout", "log"], "setosa", "TWO")).toEqual(["two"]);
    expect(filterLines(lines, { sources: new Set(["events", "log", "stdout"]), problems: true }).map((line) => line.tone)).toEqual(["stale", "failure"]);
    expect(filterLines(lines, { sources: new Set(["stdout"]), attempt: 2 })).toEqual([]);
  });
  it("grown bit by bit is the same as read at once, also where a line was read in two", () => {
    const merge = new LogMerge();
    const text = outputs[1]!.text;
    for (let cut = 0; cut < text.length; cut++) merge.merge(events.slice(0, cut % 4), [outputs[0]!, { ...outputs[1]!, text: text.slice(0, cut) }]);
    expect(merge.merge(events, outputs)).toEqual(lines);
  });
});

it("says the user's own exception once: the message holds it", () => expect(eventText({ ...events[3]!, message: "setosa failed: ValueError: bad row" })).toBe("setosa failed: ValueError: bad row"));
it("says where it was stored", () => expect(eventText(event(5, "materialized", 5, { metadata: { nrows: { type: "int", value: 1500 }, path: { type: "path", value: "a.csv" } } }))).toBe("materialized   path a.csv   nrows 1,500"));
