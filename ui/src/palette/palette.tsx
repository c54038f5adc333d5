import { useNavigate } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Icon, type IconName } from "../components/icons";
import { Refusals } from "../components/refusals";
import { useLaunch, type Launch } from "../lib/launch";
import { useEntries, type Entry } from "./entries";
import { fuzzy } from "./fuzzy";

const shown = 12;
const icons: Record<Entry["kind"], IconName> = { asset: "graph", run: "runs", resource: "plug", "code location": "deployment", page: "arrow", do: "play" };

/** Ctrl-K: go anywhere, do anything. `>` finds only what can be done, `#42` is a run. */
export function Palette({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const hits = useHits(query);
  useEffect(() => dialog.current?.showModal(), []);
  const { launch, asked, pending, trouble, dismiss } = useLaunch();
  const start = (wanted: Launch): void => { if (!pending) launch(wanted, { onSuccess: () => dialog.current?.close() }); };
  const pick = (entry: Entry | undefined, also = false): void => {
    if (entry?.launch && (also || !entry.go)) return start({ request: entry.launch });
    entry?.go?.();
    if (entry) dialog.current?.close();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.key === "ArrowDown") setAt(Math.min(hits.length - 1, at + 1));
    else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
    else if (event.key === "Enter") pick(hits[at], event.shiftKey);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} className="palette" onClose={close} aria-label="Go to" onClick={(event) => { if (event.target === dialog.current || (event.target as Element).closest("a")) dialog.current?.close(); }}>
      <label className="palette-input">
        <Icon name="search" />
        <input
          autoFocus role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={hits.length ? `palette-${at}` : undefined} aria-label="Go to an asset, a resource or a page" placeholder="Asset, resource, page, > action, #run"
          value={query} onChange={(event) => { setQuery(event.target.value); setAt(0); dismiss(); }} onKeyDown={key}
        />
      </label>
      <ul id="palette-list" role="listbox" aria-label="Found">
        {hits.map((entry, i) => (
          <li key={i} id={`palette-${i}`} role="option" aria-selected={i === at} onMouseMove={() => setAt(i)} onClick={(event) => pick(entry, event.shiftKey)}>
            <Icon name={icons[entry.kind]} /><span className="palette-text isolate">{entry.text}</span><span className="faint">{entry.kind}{entry.of && ` of ${entry.of}`}</span>
          </li>
        ))}
      </ul>
      {trouble && <Refusals trouble={trouble} asked={asked} retry={start} dismiss={dismiss} />}
      {!hits.length && <p className="faint palette-none">Nothing is called that.</p>}
      <p className="palette-foot faint"><span><kbd>⏎</kbd> {hits[at] && !hits[at].go ? "materialize" : hits[at]?.kind === "do" ? "do it" : "open"}</span>{hits[at]?.go && hits[at].launch && <span><kbd>⇧ ⏎</kbd> materialize</span>}<span className="spacer" /><span><kbd>&gt;</kbd> actions</span><span><kbd>#</kbd> a run by its number</span></p>
    </dialog>
  );
}

/** What can be done, and each asset's making. */
const verbsOf = (entries: Entry[]): Entry[] =>
  entries.flatMap((entry) => (entry.kind === "do" ? [entry] : entry.kind === "asset" && entry.launch ? [{ kind: "do", text: `Materialize ${entry.text}`, launch: entry.launch }] : []));

function useHits(query: string): Entry[] {
  const navigate = useNavigate();
  const entries = useEntries();
  const lower = useMemo(() => entries.map((entry) => entry.text.toLowerCase()), [entries]);
  const does = query.startsWith(">");
  const verbs = useMemo(() => (does ? verbsOf(entries) : []), [entries, does]);
  const run = /^#(\d+)$/.exec(query.trim())?.[1];
  if (run) return [{ kind: "page", text: `Run ${run}`, go: () => void navigate({ to: "/runs/$id", params: { id: run } }) }];
  if (does) return fuzzy(query.slice(1), verbs.map((entry) => entry.text.toLowerCase()), shown).map((i) => verbs[i]!);
  return fuzzy(query, lower, shown).map((i) => entries[i]!);
}
