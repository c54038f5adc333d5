import { useNavigate, useSearch } from "@tanstack/react-router";
import { useRef } from "react";
import { useShortcuts } from "../../app/shortcuts";
import { Icon } from "../../components/icons";
import { MaterializeButton } from "../../components/materialize-button";
import { ReloadButton } from "../../components/reload-button";
import type { GraphData } from "../../graph/data";
import { plural } from "../../lib/text";

interface Props {
  data: GraphData;
  matches: ReadonlySet<number> | null;
  /** What is wrong with the selection in the filter. */
  wrong: string | null;
  selected: number[];
  choose: (names: string[]) => void;
}

const count = (n: number): string => n.toLocaleString("en-US");

/** Title, filter, and the buttons. Enter in the filter selects what it lets through. */
export function AssetsHead({ data, matches, wrong, selected, choose }: Props) {
  const { q = "", view } = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const input = useRef<HTMLInputElement>(null);
  useShortcuts({ "/": () => input.current?.focus() });
  return (
    <header className="assets-head">
      <h1>Assets</h1>
      <span className="muted tabular">{matches ? `${count(matches.size)} of ${count(data.keys.length)}` : count(data.keys.length)}</span>
      <search>
        <form onSubmit={(event) => { event.preventDefault(); if (matches?.size) choose([...matches].slice(0, 200).map((i) => data.names[i]!)); }}>
          <label className="field">
            <Icon name="search" />
            <input
              ref={input} type="search" aria-label="Filter assets" placeholder="Filter: name, group:ml, +setosa" aria-invalid={wrong !== null} aria-describedby={wrong ? "filter-wrong" : undefined}
              value={q} onChange={(event) => void navigate({ search: (before) => ({ ...before, q: event.target.value || undefined }), replace: true })}
            />
          </label>
          {wrong && <p id="filter-wrong" className="filter-wrong" role="alert">{wrong}</p>}
        </form>
      </search>
      <span className="spacer" />
      <button type="button" className="button ghost" aria-pressed={view === "tree"} title="Tree or graph (t)" onClick={() => void navigate({ search: (before) => ({ ...before, view: view ? undefined : "tree" }), replace: true })}>
        <Icon name={view === "tree" ? "graph" : "tree"} /><span className="label">{view === "tree" ? "Graph" : "Tree"}</span>
      </button>
      <ReloadButton />
      {selected.length > 0 && (
        <span className="selection-count">
          {plural(selected.length, "asset")} <button type="button" className="icon-button" aria-label="Clear selection" onClick={() => choose([])}><Icon name="cross" /></button>
        </span>
      )}
      <MaterializeButton assets={selected.map((i) => data.keys[i]!)} all />
    </header>
  );
}
