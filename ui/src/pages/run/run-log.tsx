import { useSearch } from "@tanstack/react-router";
import { useMemo, useState, useSyncExternalStore } from "react";
import type { Run } from "../../api/types";
import { problemText } from "../../api/problem";
import { Icon } from "../../components/icons";
import { plain, plural } from "../../lib/text";
import type { RunFeed } from "./feed";
import { filterLines, LogMerge, type Line, type LineSource } from "./lines";
import { LogHead, sources } from "./log-head";
import { LogLines } from "./log-lines";
import { stepsRead, useOutputs } from "./outputs";

/** Everything that was said in the run, merged: events, raw output, logged messages; chips and a search filter it. */
export function RunLog({ run, feed }: { run: Run; feed: RunFeed }) {
  const [merge] = useState(() => new LogMerge());
  const version = useSyncExternalStore(feed.watch, feed.current);
  const { step, attempt, stream, level, q } = useSearch({ from: "/runs/$id" });
  const { outputs, gone } = useOutputs(run, step);
  const live = useMemo(() => merge.merge(feed.events, outputs), [merge, feed, version, outputs]);
  const [paused, setPaused] = useState<Line[] | null>(null);
  const lines = paused ?? live;
  const on = useMemo(() => new Set<LineSource>(stream ? sources.filter((source) => stream.includes(source)) : sources), [stream]);
  const shown = useMemo(() => filterLines(lines, { sources: on, step, attempt, problems: level === "problems", q: q ?? "" }), [lines, on, step, attempt, level, q]);
  return (
    <section className="panel run-log" aria-label="Log">
      <LogHead run={run} on={on} lines={shown.length}>
        <button type="button" className="button small" aria-pressed={paused !== null} onClick={() => setPaused(paused ? null : live)}>
          <Icon name={paused ? "play" : "pause"} />{paused ? `Go on${live.length > paused.length ? `: ${plural(live.length - paused.length, "line")} wait` : ""}` : "Pause"}
        </button>
      </LogHead>
      {run.steps.length > stepsRead && !step && <p className="faint log-hint">Choose a step above to read what it printed.</p>}
      {gone && <p className="faint log-hint">What its steps printed is not kept any more, or not all of it: the files of old runs are removed.</p>}
      {feed.error !== null && <p className="tone-failure log-hint" role="alert">Its events could not be read: {plain(problemText(feed.error))}</p>}
      <LogLines lines={shown} query={q ?? ""} />
    </section>
  );
}
