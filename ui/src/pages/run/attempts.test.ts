import { expect, test } from "vitest";
import type { LogEvent, Step } from "../../api/types";
import { earlierAttempts } from "./attempts";

const at = (second: number): string => `2026-01-01T00:00:0${second}.000000Z`;
const event = (type: string, step_key: string, attempt: number, second: number, status = "retrying"): LogEvent => ({ type, step_key, attempt, timestamp: at(second), data: { status } }) as unknown as LogEvent;
const step = (step_key: string, attempt: number): Step => ({ step_key, attempt }) as Step;

test("the attempts before the last one, each with its time", () => {
  const events = [event("step_started", "a", 1, 1), event("step_started", "b", 1, 1), event("step_ended", "a", 1, 2), event("step_ended", "b", 1, 2, "success"), event("step_started", "a", 2, 4), event("step_ended", "a", 2, 5, "success")];
  const found = earlierAttempts(events, [step("a", 2), step("b", 1)]);
  expect([...found.keys()]).toEqual(["a"]);
  expect(found.get("a")).toEqual([{ number: 1, from: Date.parse(at(1)), to: Date.parse(at(2)), status: "failure" }]);
  expect(earlierAttempts([event("step_ended", "a", 1, 2)], [step("a", 2)]).size).toBe(0);
});
