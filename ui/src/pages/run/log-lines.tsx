import { useVirtualizer } from "@tanstack/react-virtual";
import { Link, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { Icon } from "../../components/icons";
import { plain } from "../../lib/text";
import { clockTime, fullTime } from "../../lib/time";
import type { Line } from "./lines";
import { LogText } from "./log-text";

/** The lines that are in view. Follows the end until one scrolls away, or came for one line; then a button leads back and counts what came. */
export function LogLines({ lines, query }: { lines: Line[]; query: string }) {
  const { line: wanted } = useSearch({ from: "/runs/$id" });
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(!wanted);
  const seen = useRef(0);
  const went = useRef<string | undefined>(undefined);
  const list = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => 24, overscan: 15, getItemKey: (i) => lines[i]!.key });
  useEffect(() => {
    if (!wanted || went.current === wanted) return;
    const index = lines.findIndex((line) => line.key === wanted);
    if (index < 0) return;
    went.current = wanted;
    setFollowing(false);
    list.scrollToIndex(index, { align: "center" });
    scroller.current!.scrollIntoView({ block: "nearest" });
  }, [wanted, lines, list]);
  useEffect(() => {
    if (!following) return;
    seen.current = lines.length;
    if (lines.length) list.scrollToIndex(lines.length - 1, { align: "end" });
  }, [lines, following, list]);
  const scrolled = (): void => {
    const { scrollTop, clientHeight, scrollHeight } = scroller.current!;
    setFollowing(scrollHeight - scrollTop - clientHeight < 40 && (!wanted || went.current === wanted));
  };
  return (
    <div className="log-frame">
      <div ref={scroller} className="log" role="log" aria-label="Run log" tabIndex={0} onScroll={scrolled}>
        {!lines.length && <p className="faint log-hint">{query ? "No line holds that." : "Nothing was said yet."}</p>}
        <div style={{ height: list.getTotalSize(), position: "relative" }}>
          {list.getVirtualItems().map((item) => {
            const line = lines[item.index]!;
            return (
              <div key={item.key} ref={list.measureElement} data-index={item.index} className={`log-slot ${line.key === wanted ? "wanted" : ""}`} aria-current={line.key === wanted || undefined} style={{ transform: `translateY(${item.start}px)` }}>
                <LogRow line={line} query={query} go={() => (went.current = line.key)} />
              </div>
            );
          })}
        </div>
      </div>
      {!following && <button type="button" className="button small log-follow" onClick={() => setFollowing(true)}><Icon name="down" />{lines.length > seen.current && seen.current ? `${(lines.length - seen.current).toLocaleString("en-US")} more` : "To the end"}</button>}
    </div>
  );
}

function LogRow({ line, query, go }: { line: Line; query: string; go: () => void }) {
  return (
    <div className={`log-row tone-${line.tone} source-${line.source}`}>
      {line.time === null ? <span className="log-time" /> : <time className="log-time" dateTime={new Date(line.time).toISOString()} title={fullTime(line.time)}>{clockTime(line.time)}</time>}
      <span className={`log-step ${line.step ? "" : "of-run"}`} title={line.step ?? undefined}>{plain(line.step ?? "run")}</span>
      <span className="log-kind">{line.kind.replaceAll("_", " ")}</span>
      <span className="log-text"><LogText text={line.text} query={query} /></span>
      <Link
        from="/runs/$id" to="." search={(before) => ({ ...before, line: line.key, ...(line.source === "events" || !line.step ? {} : { step: line.step }) })} replace preload={false} resetScroll={false}
        className="log-link" aria-label="Link to this line" title="Link to this line" onClick={go}
      >#</Link>
    </div>
  );
}
