import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef, type ReactNode } from "react";
import type { RunSearch } from "../../app/router";
import { useShortcuts } from "../../app/shortcuts";
import type { Run } from "../../api/types";
import { Icon } from "../../components/icons";
import { plain } from "../../lib/text";
import type { LineSource } from "./lines";

export const sources: LineSource[] = ["events", "stdout", "stderr", "log"];

/** What of the log is shown: streams, a step, an attempt, only what went wrong, a search. All of it stands in the address. */
export function LogHead({ run, on, lines, children }: { run: Run; on: ReadonlySet<LineSource>; lines: number; children: ReactNode }) {
  const { step, level, attempt, q = "" } = useSearch({ from: "/runs/$id" });
  const navigate = useNavigate({ from: "/runs/$id" });
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({ "/": () => input.current?.focus() });
  const show = (change: Partial<RunSearch>): void => void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  // One click on a stream while all are shown means that one alone; further clicks add and take away.
  const toggle = (source: LineSource): void => {
    const all = on.size === sources.length;
    const next = all ? [source] : sources.filter((other) => (other === source ? !on.has(other) : on.has(other)));
    show({ stream: next.length === sources.length || !next.length ? undefined : next });
  };
  const attempts = Math.max(1, ...run.steps.filter((each) => !step || each.step_key === step).map((each) => each.attempt));
  return (
    <div className="panel-head">
      <h2>Log</h2>
      <span className="faint tabular">{lines.toLocaleString("en-US")} lines</span>
      <div className="row" role="group" aria-label="Shown streams">
        {sources.map((source) => <button key={source} type="button" className="chip" aria-pressed={on.size < sources.length && on.has(source)} onClick={() => toggle(source)}>{source}</button>)}
      </div>
      <button type="button" className="chip" aria-pressed={level === "problems"} title="Warnings, errors, stderr" onClick={() => show({ level: level ? undefined : "problems" })}>problems</button>
      {step && <button type="button" className="chip" aria-pressed="true" onClick={() => show({ step: undefined })}>step: {plain(step)} ×</button>}
      {attempts > 1 && (
        <label className="field small">
          <span>Attempt</span>
          <select value={attempt ?? ""} onChange={(event) => show({ attempt: Number(event.target.value) || undefined })}>
            <option value="">all</option>
            {Array.from({ length: attempts }, (_, i) => <option key={i} value={i + 1}>{i + 1}</option>)}
          </select>
        </label>
      )}
      <span className="spacer" />
      {children}
      <label className="field">
        <Icon name="search" />
        <input ref={input} type="search" aria-label="Search the log" placeholder="Search" value={q} onChange={(event) => show({ q: event.target.value || undefined })} />
      </label>
    </div>
  );
}
