import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { reloadCodeLocation } from "../api/calls";
import { codeLocationsQuery, queryClient } from "../api/queries";
import { problemText } from "../api/problem";
import { Icon } from "./icons";
import type { CodeLocation } from "../api/types";
import { plain } from "../lib/text";
import { changeText } from "./change-text";
import { Notice } from "./notice";

/** Reloads one code location, or all of them. `rail`: as a line of the rail, on pages that have no such button of their own. Turns while any of these is loading; the outcome comes as an event. */
export function ReloadButton({ name, small = false, rail = false }: { name?: string; small?: boolean; rail?: boolean }) {
  const { data } = useQuery(codeLocationsQuery);
  const names = name ? [name] : (data?.items.map((location) => location.name) ?? []);
  const reload = useMutation({
    mutationFn: async () => {
      // Pressed before the list of code locations has come, it waits for that list.
      const all = name ? [name] : (await queryClient.ensureQueryData(codeLocationsQuery)).items.map((location) => location.name);
      return Promise.all(all.map(reloadCodeLocation));
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: codeLocationsQuery.queryKey }),
  });
  const outcome = useOutcome(data?.items.filter((location) => names.includes(location.name)) ?? [], reload.isPending);
  const busy = reload.isPending || (data?.items.some((location) => names.includes(location.name) && (location.reloading || location.state === "loading")) ?? false);
  return (
    <span className={`launcher ${rail ? "of-rail" : ""}`}>
      <button type="button" className={rail ? "rail-link" : `button ${small ? "small" : ""}`} aria-label={small ? `Reload ${name}` : undefined} aria-busy={busy} aria-disabled={busy} onClick={() => { if (!busy) reload.mutate(); }}>
        <Icon name="reload" className={busy ? "spin" : ""} /><span className="label">{small ? "Reload" : "Reload definitions"}</span>
      </button>
      {outcome && !busy && !reload.isError && (
        <div className="refusals" role="status">
          <div className="notice">
            <Icon name="check" className="tone-success" />
            <div className="stack">{outcome.texts.map((text) => <p key={text}>{text}</p>)}</div>
            <button type="button" className="icon-button" aria-label="Dismiss" onClick={outcome.dismiss}><Icon name="cross" /></button>
          </div>
        </div>
      )}
      {reload.isError && <div className="refusals"><Notice tone="failure" role="alert"><p>{problemText(reload.error)}</p></Notice></div>}
    </span>
  );
}

const shownFor = 8000;

/** What the reload that was asked for here did, once it is done, for a while; the page of the code location keeps it. A failure is the banner's. */
function useOutcome(locations: CodeLocation[], isPending: boolean): { texts: string[]; dismiss: () => void } | null {
  const [before, setBefore] = useState<Map<string, string | null> | null>(null);
  useEffect(() => {
    if (isPending) setBefore((old) => old ?? new Map(locations.map((location) => [location.name, location.loaded_at])));
  }, [isPending]);
  const done = before !== null && !isPending && locations.every((location) => !location.reloading && location.state !== "loading");
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setBefore(null), shownFor);
    return () => clearTimeout(timer);
  }, [done]);
  if (!done) return null;
  const texts = locations.flatMap((location) => (!location.error && location.last_change && location.loaded_at !== before.get(location.name) ? [`${locations.length > 1 ? `${plain(location.name)}: ` : ""}Reloaded, ${changeText(location.last_change)}.`] : []));
  return texts.length ? { texts, dismiss: () => setBefore(null) } : null;
}
