import type { LogEvent, Step } from "../../api/types";
import { millis } from "../../lib/time";

/** One attempt of a step that was followed by another. */
export interface Attempt { number: number; from: number; to: number; status: string }

/** By step: its attempts before the one that the run tells of. Those that have no end yet in the events are left out. */
export function earlierAttempts(events: LogEvent[], steps: Step[]): Map<string, Attempt[]> {
  const latest = new Map(steps.filter((step) => step.attempt > 1).map((step) => [step.step_key, step.attempt]));
  const found = new Map<string, Attempt[]>();
  if (!latest.size) return found;
  const began = new Map<string, number>();
  for (const event of events) {
    const { step_key: step, attempt: number } = event;
    if (step === null || number === null || number >= (latest.get(step) ?? 0)) continue;
    const name = `${number} ${step}`;
    if (event.type === "step_started") began.set(name, millis(event.timestamp));
    const from = began.get(name);
    if (event.type !== "step_ended" || from === undefined) continue;
    const list = found.get(step) ?? [];
    found.set(step, list);
    list.push({ number, from, to: millis(event.timestamp), status: event.data.status === "retrying" ? "failure" : event.data.status });
  }
  return found;
}
