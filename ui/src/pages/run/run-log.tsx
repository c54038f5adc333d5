import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useShortcuts } from "../../app/shortcuts";
import type { Run } from "../../api/types";
import { Icon } from "../../components/icons";
import { plain } from "../../lib/text";
import { RunFeed } from "./feed";
import { filterLines, mergeLines, type LineSource } from "./lines";
import { LogLines } from "./log-lines";
import { stepsRead, useOutputs } from "./outputs";

const sources: LineSource[] = ["events", "stdout", "stderr", "log"];

/** Everything that was said in the run, merged: events, raw output, logged messages; chips and a search filter it. */
export function RunLog({ run }: { run: Run }) {
  const [feed] = useState(() => new RunFeed(run.number));
  useEffect(() => feed.start(), [feed]);
  const version = useSyncExternalStore(feed.watch, feed.current);
  const { step, stream, q = "" } = useSearch({ from: "/runs/$id" });
  const outputs = useOutputs(run, step);
  const lines = useMemo(() => mergeLines(feed.events, outputs), [feed, version, outputs]);
  const on = useMemo(() => new Set<LineSource>(stream ? sources.filter((source) => stream.includes(source)) : sources), [stream]);
  const shown = useMemo(() => filterLines(lines, on, step, q), [lines, on, step, q]);
  return (
    <section className="panel run-log" aria-label="Log">
      <LogHead on={on} lines={shown.length} />
      {run.steps.length > stepsRead && !step && <p className="faint log-hint">Choose a step above to read what it printed.</p>}
      <LogLines lines={shown} />
    </section>
  );
}

function LogHead({ on, lines }: { on: ReadonlySet<LineSource>; lines: number }) {
  const { step, q = "" } = useSearch({ from: "/runs/$id" });
  const navigate = useNavigate({ from: "/runs/$id" });
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({ "/": () => input.current?.focus() });
  const toggle = (source: LineSource): void => {
    const next = sources.filter((other) => (other === source ? !on.has(other) : on.has(other)));
    void navigate({ search: (before) => ({ ...before, stream: next.length === sources.length || !next.length ? undefined : next }), replace: true });
  };
  return (
    <div className="panel-head">
      <h2>Log</h2>
      <span className="faint tabular">{lines.toLocaleString("en-US")} lines</span>
      <div className="row" role="group" aria-label="Shown streams">
        {sources.map((source) => <button key={source} type="button" className="chip" aria-pressed={on.has(source)} onClick={() => toggle(source)}>{source}</button>)}
      </div>
      {step && <button type="button" className="chip" aria-pressed="true" onClick={() => void navigate({ search: (before) => ({ ...before, step: undefined }), replace: true })}>step: {plain(step)} ×</button>}
      <span className="spacer" />
      <label className="field">
        <Icon name="search" />
        <input ref={input} type="search" aria-label="Search the log" placeholder="Search" value={q} onChange={(event) => void navigate({ search: (before) => ({ ...before, q: event.target.value || undefined }), replace: true })} />
      </label>
    </div>
  );
}
