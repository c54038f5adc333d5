import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTheme } from "../app/theme";
import { useShortcuts } from "../app/shortcuts";
import { Icon } from "../components/icons";
import { plain, plural } from "../lib/text";
import { GraphCanvas } from "./canvas";
import { cardHeight, cardWidth, statusWords, type GraphData } from "./data";

const Legend = lazy(() => import("./legend").then((module) => ({ default: module.Legend })));

interface Props {
  data: GraphData;
  /** Grows with every change of the data's status column. */
  version: number;
  selected: ReadonlySet<number>;
  matches: ReadonlySet<number> | null;
  select: (index: number, add: boolean) => void;
  open: (index: number) => void;
  selectMany: (indices: number[], add: boolean) => void;
  /** Names of the groups that are drawn closed. */
  closed: readonly string[];
  toggleGroup: (name: string) => void;
}

export function GraphView(props: Props) {
  const { data, version, selected, matches, select, closed } = props;
  const map = useRef<HTMLCanvasElement>(null);
  const anchor = useRef<string | null>(null);
  const surface = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const overlay = useRef<HTMLUListElement>(null);
  const graph = useRef<GraphCanvas | null>(null);
  const [cursor, setCursor] = useState(-1);
  const handlers = useRef(props);
  handlers.current = props;
  const { choice, isDark } = useTheme();

  useEffect(() => {
    const made = new GraphCanvas(surface.current!, canvas.current!, overlay.current!, map.current!, data, {
      select: (index, add) => handlers.current.select(index, add),
      open: (index) => handlers.current.open(index),
      cursor: setCursor,
      selectMany: (indices, add) => handlers.current.selectMany(indices, add),
      toggleGroup: (group) => { const { name } = handlers.current.data.boxes[group]!; anchor.current = name; handlers.current.toggleGroup(name); },
    });
    graph.current = made;
    // The frame with the first drawing is on the screen once a task after it runs.
    requestAnimationFrame(() => setTimeout(() => performance.mark("headrace:graph-painted")));
    return () => made.destroy();
    // New data is handed to the same canvas below, so that the view stays where it is.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
  useEffect(() => {
    graph.current?.setData(data, new Set(data.boxes.flatMap((box, i) => (closed.includes(box.name) ? [i] : []))), anchor.current);
    anchor.current = null;
    // Which groups are closed comes with the data that was drawn for it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [data]);
  useEffect(() => graph.current?.setMarks(selected, matches), [data, selected, matches]);
  useEffect(() => graph.current?.invalidate(), [version]);
  useEffect(() => graph.current?.refreshTheme(), [choice, isDark]);
  useShortcuts({ f: () => graph.current?.fit(matches?.size ? matches : undefined) });

  return (
    <div className="graph">
      <div ref={surface} className="graph-surface">
        <canvas ref={canvas} tabIndex={0} role="application" aria-label={`Asset graph, ${plural(data.keys.length, "asset")}`} aria-describedby="graph-hint" />
        <ul ref={overlay} className="graph-overlay" aria-label="Assets in the graph">
          {data.keys.length <= overlaid && data.names.map((name, i) => !closed.includes(data.boxes[data.group[i]!]!.name) && <Handle key={name} data={data} index={i} selected={selected.has(i)} select={select} />)}
        </ul>
      </div>
      <p id="graph-hint" className="visually-hidden">Arrow keys move along the edges, Enter selects, Enter again opens. The tree view shows the same assets as text.</p>
      <p className="visually-hidden" role="status" aria-live="polite">{cursor >= 0 ? describe(data, cursor) : ""}</p>
      <Suspense><Legend data={data} version={version} /></Suspense>
      <div className="graph-tools" role="group" aria-label="View of the graph">
        <button type="button" aria-label="Zoom out" title="Zoom out" onClick={() => graph.current?.zoom(0.75)}><Icon name="minus" /></button>
        <button type="button" aria-label="Zoom in" title="Zoom in" onClick={() => graph.current?.zoom(1.33)}><Icon name="plus" /></button>
        <button type="button" aria-label="Fit into view" title="Fit into view (f)" onClick={() => graph.current?.fit()}><Icon name="fit" /></button>
        <button type="button" title="Save the graph as a drawing" onClick={() => void import("./export").then(({ exportSvg }) => exportSvg(data))}>SVG</button>
        <button type="button" title="Save the graph as an image" onClick={() => void import("./export").then(({ exportPng }) => exportPng(data))}>PNG</button>
      </div>
      <canvas ref={map} className="graph-map" aria-hidden="true" hidden />
    </div>
  );
}

/** Graphs up to this size have an element over each card; larger ones have the tree for that. */
const overlaid = 300;

/** What a card is to those who do not see the canvas: a button of its name. Pointers are the surface's, Tab skips it (the canvas has the arrow keys). */
function Handle({ data, index, selected, select }: { data: GraphData; index: number; selected: boolean; select: Props["select"] }) {
  const place = { left: data.x[index]! - cardWidth / 2, top: data.y[index]! - cardHeight / 2, width: cardWidth, height: cardHeight };
  return (
    <li style={place}>
      <button type="button" tabIndex={-1} aria-pressed={selected} onClick={(event) => { if (event.detail === 0) select(index, event.ctrlKey || event.metaKey); }}>{plain(data.names[index]!)}</button>
    </li>
  );
}

function describe(data: GraphData, i: number): string {
  return plain(`${data.names[i]}, ${statusWords[data.status[i]!]}, ${data.up[i]!.length} upstream, ${data.down[i]!.length} downstream`);
}
