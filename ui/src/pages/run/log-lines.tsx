import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { Icon } from "../../components/icons";
import { plain } from "../../lib/text";
import { clockTime, fullTime } from "../../lib/time";
import type { Line } from "./lines";

/** The lines that are in view. Follows the end until one scrolls away; then a button leads back and counts what came. */
export function LogLines({ lines }: { lines: Line[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const seen = useRef(0);
  const list = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => 24, overscan: 15, getItemKey: (i) => lines[i]!.key });
  useEffect(() => {
    if (!following) return;
    seen.current = lines.length;
    if (lines.length) list.scrollToIndex(lines.length - 1, { align: "end" });
  }, [lines, following, list]);
  const scrolled = (): void => {
    const { scrollTop, clientHeight, scrollHeight } = scroller.current!;
    setFollowing(scrollHeight - scrollTop - clientHeight < 40);
  };
  return (
    <div className="log-frame">
      <div ref={scroller} className="log" role="log" aria-label="Run log" tabIndex={0} onScroll={scrolled}>
        {!lines.length && <p className="faint log-hint">Nothing was said yet.</p>}
        <div style={{ height: list.getTotalSize(), position: "relative" }}>
          {list.getVirtualItems().map((item) => (
            <div key={item.key} ref={list.measureElement} data-index={item.index} className="log-slot" style={{ transform: `translateY(${item.start}px)` }}><LogRow line={lines[item.index]!} /></div>
          ))}
        </div>
      </div>
      {!following && <button type="button" className="button small log-follow" onClick={() => setFollowing(true)}><Icon name="down" />{lines.length > seen.current ? `${lines.length - seen.current} more` : "To the end"}</button>}
    </div>
  );
}

function LogRow({ line }: { line: Line }) {
  return (
    <div className={`log-row tone-${line.tone} source-${line.source}`}>
      {line.time === null ? <span className="log-time" /> : <time className="log-time" dateTime={new Date(line.time).toISOString()} title={fullTime(line.time)}>{clockTime(line.time)}</time>}
      <span className={`log-step ${line.step ? "" : "of-run"}`} title={line.step ?? undefined}>{plain(line.step ?? "run")}</span>
      <span className="log-kind">{line.kind.replaceAll("_", " ")}</span>
      <span className="log-text">{plain(line.text)}</span>
    </div>
  );
}
