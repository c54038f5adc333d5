import type { LogEvent } from "../api/types";

/** The kinds of events, which are the names of the stream's frames. */
export const eventTypes = [
  "daemon_started", "code_location_loaded", "code_location_failed", "run_created", "run_started", "run_canceling", "run_ended",
  "step_started", "inputs_loaded", "materialized", "observed", "step_ended",
] as const satisfies LogEvent["type"][];

/** Between a page and the shared worker. */
export type ToWorker = { type: "topics"; topics: string[] } | { type: "bye" };
export type FromWorker = { type: "event"; event: LogEvent } | { type: "state"; up: boolean; cursor: number } | { type: "reset" };

/** The last event id of the log, as a hub asks for it. */
export async function logPosition(): Promise<number> {
  const response = await fetch("/api/v1/status");
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return ((await response.json()) as { as_of: number }).as_of;
}
