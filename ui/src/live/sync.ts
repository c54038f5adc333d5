import type { Query, QueryClient } from "@tanstack/react-query";
import type { LogEvent } from "../api/types";
import { keyText } from "../lib/keys";
import { Refresher } from "./refresher";
import { stream } from "./stream";

/** Which queries an event makes out of date, by the first parts of their keys. */
export function outdated(event: LogEvent): string[][] {
  switch (event.type) {
    case "code_location_loaded": return [["code-locations"], ["definitions"], ["graph-status"], ["assets"]];
    case "code_location_failed": return [["code-locations"]];
    case "run_created": return [["runs"], ["graph-status"], ["assets"]];
    case "materialized":
    case "step_started":
    case "step_ended":
      return [["runs"], ["graph-status"], ...(event.asset_key ? [["assets", keyText(event.asset_key)]] : [["assets"]])];
    case "run_ended": return [["runs"], ["graph-status"], ["assets"]];
    case "run_started":
    case "run_canceling": return [["runs"]];
    default: return [];
  }
}

/** Keeps the page's answers current: reads again what events made out of date, and everything after a loss of the stream. */
export function keepCurrent(client: QueryClient): () => void {
  const refresher = new Refresher((name) => readAgain(client, JSON.parse(name) as string[]));
  const stopEvents = stream.subscribe(["assets", "code-locations", "runs"], (event) => {
    for (const key of outdated(event)) if (client.getQueryCache().findAll({ queryKey: key }).length) refresher.mark(JSON.stringify(key));
  });
  // The stream misses nothing after its first position; an answer as of before it, also one still under way, is read again.
  let floor = -1;
  const late = (query: Query): boolean => query.state.data !== undefined && asOf(query.state.data) < floor;
  const stopPositions = stream.onPosition((cursor) => {
    if (cursor === Infinity) return void client.invalidateQueries();
    if (floor >= 0) return;
    floor = cursor;
    void client.invalidateQueries({ predicate: late });
  });
  const stopCache = client.getQueryCache().subscribe((change) => {
    if (change.type === "updated" && change.action.type === "success" && late(change.query)) void client.invalidateQueries({ queryKey: change.query.queryKey, exact: true });
  });
  return () => { stopEvents(); stopPositions(); stopCache(); };
}

/** Reads what is on the page again. A first answer still under way is not asked for anew but awaited, and may be older than the event: then once more. */
export async function readAgain(client: QueryClient, queryKey: string[]): Promise<void> {
  const first = client.isFetching({ queryKey, predicate: (query) => query.state.data === undefined }) > 0;
  await client.invalidateQueries({ queryKey });
  if (first) await client.invalidateQueries({ queryKey });
}

/** The last event that an answer includes; those that do not tell count as current. */
function asOf(data: unknown): number {
  const { as_of: own, pages } = data as { as_of?: number; pages?: { as_of?: number }[] };
  return own ?? pages?.[0]?.as_of ?? Infinity;
}
