import type { QueryClient } from "@tanstack/react-query";
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
  const refresher = new Refresher((name) => client.invalidateQueries({ queryKey: JSON.parse(name) as string[] }));
  const stopEvents = stream.subscribe(["assets", "code-locations", "runs"], (event) => {
    for (const key of outdated(event)) refresher.mark(JSON.stringify(key));
  });
  const stopResets = stream.onReset(() => void client.invalidateQueries());
  return () => { stopEvents(); stopResets(); };
}
