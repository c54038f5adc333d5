import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState, type KeyboardEvent } from "react";
import { Icon } from "../components/icons";
import { assetStatuses, Status } from "../components/status";
import { plain, plural } from "../lib/text";
import type { GraphData } from "./data";

interface Props {
  data: GraphData;
  version: number;
  selected: ReadonlySet<number>;
  matches: ReadonlySet<number> | null;
  select: (index: number, add: boolean) => void;
  open: (index: number) => void;
}
/** A row: a group, or an asset of it (index >= 0). */
interface Row { group: number; index: number; position: number; size: number }

function rowsOf(data: GraphData, matches: ReadonlySet<number> | null, closed: ReadonlySet<number>): Row[] {
  const rows: Row[] = [];
  const groups = data.boxes.map((box, group) => ({ group, nodes: [...box.nodes].filter((i) => !matches || matches.has(i)) })).filter(({ nodes }) => nodes.length);
  groups.forEach(({ group, nodes }, g) => {
    rows.push({ group, index: -1, position: g + 1, size: groups.length });
    if (closed.has(group)) return;
    nodes.sort((a, b) => data.x[a]! - data.x[b]! || data.y[a]! - data.y[b]!);
    nodes.forEach((index, i) => rows.push({ group, index, position: i + 1, size: nodes.length }));
  });
  return rows;
}

/** The graph as a tree of groups and assets: the same content for those who read or hear it. */
export function AssetTree({ data, version, selected, matches, select, open }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<number>>(new Set());
  const [at, setAt] = useState(0);
  const rows = useMemo(() => rowsOf(data, matches, closed), [data, matches, closed, version]);
  const list = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => 34, overscan: 12 });
  const current = Math.min(at, rows.length - 1);
  const go = (to: number): void => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setAt(next);
    list.scrollToIndex(next);
  };
  const toggle = (group: number, close: boolean): void => setClosed((before) => { const next = new Set(before); if (close) next.add(group); else next.delete(group); return next; });
  const key = (event: KeyboardEvent): void => {
    const row = rows[current];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "j") go(current + 1);
    else if (event.key === "ArrowUp" || event.key === "k") go(current - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(rows.length - 1);
    else if (event.key === "ArrowRight" && row.index < 0) toggle(row.group, false);
    else if (event.key === "ArrowLeft") row.index < 0 ? toggle(row.group, true) : go(rows.findIndex((other) => other.group === row.group));
    else if (event.key === "Enter" || event.key === " ") row.index < 0 ? toggle(row.group, !closed.has(row.group)) : event.key === "Enter" && selected.has(row.index) ? open(row.index) : select(row.index, event.key === " ");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div ref={scroller} className="asset-tree" role="tree" aria-label="Assets by group" aria-multiselectable="true" tabIndex={0} aria-activedescendant={rows.length ? `row-${current}` : undefined} onKeyDown={key}>
      <div role="presentation" style={{ height: list.getTotalSize(), position: "relative" }}>
        {list.getVirtualItems().map((item) => {
          const row = rows[item.index]!;
          return (
            <div
              key={`${row.group} ${row.index}`} id={`row-${item.index}`} role="treeitem" className={`tree-row ${item.index === current ? "at" : ""}`} style={{ transform: `translateY(${item.start}px)` }}
              aria-level={row.index < 0 ? 1 : 2} aria-posinset={row.position} aria-setsize={row.size}
              aria-expanded={row.index < 0 ? !closed.has(row.group) : undefined} aria-selected={row.index >= 0 ? selected.has(row.index) : undefined}
              onClick={(event) => { setAt(item.index); row.index < 0 ? toggle(row.group, !closed.has(row.group)) : select(row.index, event.ctrlKey || event.metaKey || event.shiftKey); }}
              onDoubleClick={() => row.index >= 0 && open(row.index)}
            >
              {row.index < 0 ? <GroupRow data={data} group={row.group} closed={closed.has(row.group)} /> : <AssetRow data={data} index={row.index} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function GroupRow({ data, group, closed }: { data: GraphData; group: number; closed: boolean }) {
  const box = data.boxes[group]!;
  return <><Icon name={closed ? "right" : "down"} /><strong>{plain(box.name)}</strong><span className="faint">{plural(box.nodes.length, "asset")}</span></>;
}

function AssetRow({ data, index }: { data: GraphData; index: number }) {
  const up = data.up[index]!;
  return (
    <>
      <span className="tree-name">{plain(data.names[index]!)}</span>
      <span className="tree-status"><Status value={assetStatuses[data.status[index]!] ?? "never"} /></span>
      <span className="faint tree-up">{up.length ? `from ${plain([...up].slice(0, 3).map((i) => data.names[i]).join(", "))}${up.length > 3 ? ` and ${up.length - 3} more` : ""}` : ""}</span>
    </>
  );
}
