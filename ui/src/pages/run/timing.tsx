import { useVirtualizer } from "@tanstack/react-virtual";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type CSSProperties } from "react";
import type { Run, Step } from "../../api/types";
import { isOver, lookOf, Status } from "../../components/status";
import { keyText } from "../../lib/keys";
import { plain } from "../../lib/text";
import { clockTime, millis, span } from "../../lib/time";
import { earlierAttempts, type Attempt } from "./attempts";
import type { RunFeed } from "./feed";
import { stepOf, ticksOf, tickText } from "./scale";

const rowHeight = 30;

/** Each step as a bar on the run's time; the name always beside it. A click filters the log. */
export function Timing({ run, feed }: { run: Run; feed: RunFeed }) {
  const scroller = useRef<HTMLDivElement>(null);
  const now = useNow(!isOver(run.status));
  const steps = useMemo(() => [...run.steps].sort((a, b) => start(a) - start(b)), [run.steps]);
  const version = useSyncExternalStore(feed.watch, feed.current);
  const earlier = useMemo(() => earlierAttempts(feed.events, run.steps), [feed, version, run.steps]);
  const from = run.started_at ? millis(run.started_at) : millis(run.created_at);
  const to = Math.max(from + 1, run.ended_at ? millis(run.ended_at) : now);
  const list = useVirtualizer({ count: steps.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 10 });
  return (
    <section className="panel" aria-label="Steps" style={{ "--tick": `${(100 * stepOf(to - from)) / (to - from)}%` } as CSSProperties}>
      <div className="panel-head"><h2>Steps</h2><span className="spacer" /><span className="faint tabular">{span(to - from)}</span></div>
      <div className="timing-row timing-scale" aria-hidden="true">
        <span className="timing-ticks tabular">{ticksOf(to - from).map((tick) => <span key={tick} style={{ left: `${(100 * tick) / (to - from)}%` }}>{tickText(tick)}</span>)}</span>
      </div>
      <div ref={scroller} className="timing" tabIndex={0} role="group" aria-label="Timing of the steps">
        <ul style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map((item) => {
            const step = steps[item.index]!;
            return <TimingRow key={step.step_key} step={step} earlier={earlier.get(step.step_key)} from={from} to={to} now={now} top={item.start} />;
          })}
        </ul>
      </div>
    </section>
  );
}

const start = (step: Step): number => (step.started_at ? millis(step.started_at) : Infinity);

/** The time now, moving while something runs. */
function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** What a step that does not run is about. */
function waiting(step: Step): string {
  if (step.retry_at) return `attempt ${step.attempt + 1} at ${clockTime(millis(step.retry_at))}`;
  if (step.waits_for) return `waits for run ${step.waits_for}`;
  return step.held_by ? `waits: ${plain(step.held_by)}` : lookOf(step.status).words;
}

function TimingRow({ step, earlier = [], from, to, now, top }: { step: Step; earlier: Attempt[] | undefined; from: number; to: number; now: number; top: number }) {
  const search = useSearch({ from: "/runs/$id" });
  const navigate = useNavigate({ from: "/runs/$id" });
  const begin = step.started_at ? millis(step.started_at) : null;
  const end = step.ended_at ? millis(step.ended_at) : now;
  const percent = (time: number): number => Math.max(0, Math.min(100, (100 * (time - from)) / (to - from)));
  const bar = (begin: number, end: number) => ({ left: `${percent(begin)}%`, width: `max(3px, ${percent(end) - percent(begin)}%)` });
  const chosen = search.step === step.step_key;
  return (
    <li style={{ transform: `translateY(${top}px)` }}>
      <button type="button" aria-pressed={chosen} className="timing-row" onClick={() => void navigate({ search: (before) => ({ ...before, step: chosen ? undefined : step.step_key }), replace: true })}>
        <Status value={step.status} bare />
        <span className="timing-name">{plain(keyText(step.asset_key))}{step.attempt > 1 && <span className="faint"> attempt {step.attempt}</span>}</span>
        <span className="timing-track">
          {earlier.map(({ number, from: began, to: ended, status }) => <i key={number} className={`earlier bar-${lookOf(status).tone}`} title={`Attempt ${number}: ${lookOf(status).words}, ${span(ended - began)}`} style={bar(began, ended)} />)}
          {begin !== null && <i className={`bar-${lookOf(step.status).tone}`} style={bar(begin, end)} />}
        </span>
        <span className="timing-took tabular">{begin !== null && !step.retry_at ? span(Math.max(0, end - begin)) : waiting(step)}</span>
      </button>
    </li>
  );
}
