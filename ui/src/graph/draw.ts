import { plain } from "../lib/text";
import type { Camera, Rect } from "./camera";
import { cardHeight as H, cardWidth as W, routeOf, type GraphData } from "./data";
import type { GraphTheme } from "./theme";

/** What is drawn: the graph, what is marked on it, and the colors. */
export interface Scene {
  data: GraphData;
  theme: GraphTheme;
  camera: Camera;
  selected: ReadonlySet<number>;
  /** Selected assets and all their upstream and downstream; null: nothing is selected. */
  lit: ReadonlySet<number> | null;
  /** Assets that a filter lets through; null: no filter. */
  matches: ReadonlySet<number> | null;
  hover: number;
  /** The group whose name the pointer is on. */
  hoverGroup: number;
  /** Groups that the daemon drew as one small box; their cards lie in its middle. */
  closed: ReadonlySet<number>;
  /** The frame that is being drawn around cards, in pixels of the screen. */
  frame: Rect | null;
  /** Keyboard focus is on the canvas, at this asset. */
  cursor: number;
  labels: Map<string, string>;
  /** Turn of the in-progress rings, in radians. */
  turn: number;
}

type Context = CanvasRenderingContext2D;
export const statusWords = ["never materialized", "in progress", "materialized", "failed", "stale"];

/** Below these zooms only group boxes with a status bar are drawn, then plain rectangles; above, cards with text. */
export const farZoom = 0.14;
export const nearZoom = 0.4;
/** With few assets in view cards are drawn from farther away. */
const fewZoom = 0.22, few = 250;
const manyEdges = 2000;

export function draw(c: Context, scene: Scene, dpr: number): { spinning: boolean } {
  const { camera, theme, data } = scene, { k } = camera;
  c.setTransform(dpr, 0, 0, dpr, 0, 0);
  c.fillStyle = theme.bg;
  c.fillRect(0, 0, camera.width + 1, camera.height + 1); // sizes may be fractions
  drawDots(c, scene);
  c.setTransform(dpr * k, 0, 0, dpr * k, dpr * camera.tx, dpr * camera.ty);
  c.textBaseline = "middle";
  const view = camera.view;
  const far = k < farZoom;
  if (far) drawGroupEdges(c, scene);
  const boxes = data.boxes.filter((b) => b.nodes.length && b.x < view.x + view.w && b.y < view.y + view.h && b.x + b.w > view.x && b.y + b.h > view.y);
  c.beginPath();
  for (const b of boxes) c.roundRect(b.x, b.y, b.w, b.h, Math.min(14, 8 / k));
  c.fillStyle = theme.group;
  c.strokeStyle = theme.groupLine;
  c.lineWidth = 1 / k;
  c.fill();
  c.stroke();
  if (far) {
    for (const box of boxes) drawFarGroup(c, scene, box);
    return { spinning: false };
  }
  const inView = (i: number): boolean => data.x[i]! + W / 2 > view.x && data.x[i]! - W / 2 < view.x + view.w && data.y[i]! + H / 2 > view.y && data.y[i]! - H / 2 < view.y + view.h;
  const nodes: number[] = [];
  const open = boxes.filter((box) => !isClosed(scene, box));
  for (const box of open) for (const i of box.nodes) if (inView(i)) nodes.push(i);
  const near = k >= nearZoom || (k >= fewZoom && nodes.length <= few);
  drawEdges(c, scene, open, near);
  for (const box of boxes) isClosed(scene, box) ? drawFarGroup(c, scene, box) : drawGroupName(c, scene, box);
  if (near) drawCards(c, scene, nodes);
  else drawRectangles(c, scene, nodes);
  drawMarks(c, scene);
  drawFrame(c, scene, dpr);
  return { spinning: near && nodes.some((i) => data.status[i] === 1) };
}

const isClosed = ({ data, closed }: Scene, box: GraphData["boxes"][number]): boolean => closed.size > 0 && closed.has(data.group[box.nodes[0]!]!);

function drawFrame(c: Context, { frame, theme }: Scene, dpr: number): void {
  if (!frame) return;
  c.setTransform(dpr, 0, 0, dpr, 0, 0);
  c.strokeStyle = c.fillStyle = theme.accent;
  c.lineWidth = 1;
  c.globalAlpha = 0.12;
  c.fillRect(frame.x, frame.y, frame.w, frame.h);
  c.globalAlpha = 1;
  c.strokeRect(frame.x + 0.5, frame.y + 0.5, frame.w, frame.h);
}

function drawDots(c: Context, { camera, theme }: Scene): void {
  const gap = 24 * camera.k;
  if (gap < 12) return;
  c.fillStyle = theme.dot;
  c.beginPath();
  for (let x = ((camera.tx % gap) + gap) % gap; x < camera.width; x += gap) for (let y = ((camera.ty % gap) + gap) % gap; y < camera.height; y += gap) c.rect(x - 0.75, y - 0.75, 1.5, 1.5);
  c.fill();
}

function curve(c: Context, ax: number, ay: number, bx: number, by: number): void {
  const bend = Math.max(24, Math.abs(bx - ax) / 2);
  c.moveTo(ax, ay);
  c.bezierCurveTo(ax + bend, ay, bx - bend, by, bx, by);
}

/** A curve from point to point, level where the route says so: there it passes cards. */
function curveAlong(c: Context, ax: number, ay: number, bx: number, by: number, route: number[] | undefined): void {
  c.moveTo(ax, ay);
  let x = ax, y = ay;
  const to = (nextX: number, nextY: number): void => {
    const bend = route ? (nextX - x) / 2 : Math.max(24, Math.abs(nextX - x) / 2);
    if (y === nextY && route) c.lineTo(nextX, nextY);
    else c.bezierCurveTo(x + bend, y, nextX - bend, nextY, nextX, nextY);
    x = nextX;
    y = nextY;
  };
  for (let i = 0; route && i < route.length; i += 2) to(route[i]!, route[i + 1]!);
  to(bx, by);
}

function drawGroupEdges(c: Context, { data, theme, camera }: Scene): void {
  c.strokeStyle = theme.edge;
  c.lineWidth = 1 / camera.k;
  c.globalAlpha = data.groupEdges.length < 200 ? 1 : 0.45;
  c.beginPath();
  for (let i = 0; i < data.groupEdges.length; i += 2) {
    const a = data.boxes[data.groupEdges[i]!]!, b = data.boxes[data.groupEdges[i + 1]!]!;
    curve(c, a.x + a.w, a.y + a.h / 2, b.x, b.y + b.h / 2);
  }
  c.stroke();
  c.globalAlpha = 1;
}

function drawFarGroup(c: Context, { theme, camera, matches }: Scene, box: GraphData["boxes"][number]): void {
  const { k } = camera, n = box.nodes.length, font = 12 / Math.min(1, k), left = box.x + box.w * 0.06, width = box.w * 0.88;
  const bar = Math.min(box.h * 0.2, 8 / Math.min(1, k)), top = box.y + box.h - bar * 2;
  let x = left;
  box.counts.forEach((count, s) => {
    if (!count) return;
    c.fillStyle = theme.status[s]!;
    c.fillRect(x, top, (width * count) / n, bar);
    x += (width * count) / n;
  });
  if (box.w * k < 48) return;
  const hits = matches ? box.nodes.reduce((sum, i) => sum + (matches.has(i) ? 1 : 0), 0) : n;
  const count = matches ? `${hits} of ${n}` : String(n), line = box.y + (top - box.y) / 2;
  c.font = `${font}px ${theme.font}`;
  const taken = box.w * k > 110 ? c.measureText(count).width + font : 0;
  if (taken) {
    c.fillStyle = theme.soft;
    c.fillText(count, left + width - taken + font, line);
  }
  c.fillStyle = theme.text;
  c.font = `600 ${font}px ${theme.font}`;
  c.fillText(fitText(c, plain(box.name), width - taken), left, line);
}

function drawGroupName(c: Context, { theme, camera, data, hoverGroup }: Scene, box: GraphData["boxes"][number]): void {
  const size = Math.max(12, 11 / camera.k);
  if (size > 40 || box.w * camera.k < 60) return;
  c.font = `600 ${size}px ${theme.font}`;
  const text = fitText(c, plain(box.name), box.w - 28);
  c.lineWidth = 4 / camera.k;
  c.strokeStyle = theme.group;
  c.strokeText(text, box.x + 16, box.y + 20);
  c.fillStyle = hoverGroup >= 0 && data.boxes[hoverGroup] === box ? theme.accent : theme.soft;
  c.fillText(text, box.x + 16, box.y + 20);
}

/** Edges between groups are faint from some distance, else a large graph is mostly noise; those on a lit path are always clear. */
function drawEdges(c: Context, scene: Scene, boxes: GraphData["boxes"], near: boolean): void {
  const { data, theme, camera, lit, hover, closed } = scene, view = camera.view;
  /** Where edges leave and reach an asset: its card, or the box of its closed group. */
  const half = (i: number): number => (closed.size && closed.has(data.group[i]!) ? data.boxes[data.group[i]!]!.w : W) / 2;
  const trace = (edges: Uint32Array, only?: (a: number, b: number) => boolean): void => {
    c.beginPath();
    for (let i = 0; i < edges.length; i += 2) {
      const a = edges[i]!, b = edges[i + 1]!;
      const ax = data.x[a]! + half(a), ay = data.y[a]!, bx = data.x[b]! - half(b), by = data.y[b]!;
      if (closed.size && data.group[a] === data.group[b] && closed.has(data.group[a]!)) continue;
      if ((ax < view.x && bx < view.x) || (ax > view.x + view.w && bx > view.x + view.w)) continue;
      if ((ay < view.y && by < view.y) || (ay > view.y + view.h && by > view.y + view.h)) continue;
      if (only && !only(a, b)) continue;
      if (near || only) {
        curveAlong(c, ax, ay, bx, by, routeOf(data, a, b));
        if (near) { c.moveTo(bx - 6, by - 4); c.lineTo(bx - 1, by); c.lineTo(bx - 6, by + 4); }
      }
      else { c.moveTo(ax, ay); c.lineTo(bx, by); }
    }
    c.stroke();
  };
  c.strokeStyle = theme.edge;
  c.lineWidth = Math.max(1, 1.4 * camera.k) / camera.k;
  c.globalAlpha = lit ? 0.4 : 1;
  for (const box of boxes) trace(box.innerEdges);
  c.globalAlpha = lit ? 0.15 : data.outerEdges.length < manyEdges ? 0.7 : near ? 0.35 : 0.2;
  trace(data.outerEdges);
  c.globalAlpha = 1;
  c.strokeStyle = theme.accent;
  c.lineWidth = 2 / Math.min(1, camera.k);
  if (lit) trace(data.edges, (a, b) => lit.has(a) && lit.has(b));
  if (hover >= 0) trace(data.edges, (a, b) => a === hover || b === hover);
}

/** One path a color, however many assets. */
function drawRectangles(c: Context, { data, theme, matches, lit }: Scene, nodes: number[]): void {
  const shown = matches ?? lit;
  for (const strong of shown ? [false, true] : [true]) {
    c.globalAlpha = strong ? 1 : 0.25;
    for (let s = 0; s < theme.status.length; s++) {
      c.fillStyle = theme.status[s]!;
      c.beginPath();
      for (const i of nodes) if (data.status[i] === s && (!shown || shown.has(i) === strong)) c.rect(data.x[i]! - W / 2, data.y[i]! - H / 2, W, H);
      c.fill();
    }
  }
  c.globalAlpha = 1;
}

function drawCards(c: Context, scene: Scene, nodes: number[]): void {
  const { data, theme, matches, lit, camera } = scene, shown = matches ?? lit;
  for (const strong of shown ? [false, true] : [true]) {
    const these = shown ? nodes.filter((i) => shown.has(i) === strong) : nodes;
    c.globalAlpha = strong ? 1 : 0.35;
    c.beginPath();
    for (const i of these) if (!data.external[i]) c.roundRect(data.x[i]! - W / 2, data.y[i]! - H / 2, W, H, 8);
    c.fillStyle = theme.card;
    c.strokeStyle = theme.cardLine;
    c.lineWidth = 1 / Math.min(1, camera.k);
    c.fill();
    c.stroke();
    c.beginPath(); // assets that are not made here: an outline only
    for (const i of these) if (data.external[i]) c.roundRect(data.x[i]! - W / 2, data.y[i]! - H / 2, W, H, 8);
    c.setLineDash([5, 4]);
    c.stroke();
    c.setLineDash([]);
    for (const i of these) drawCardText(c, scene, i);
  }
  c.globalAlpha = 1;
}

/** The name and the status in words; from some distance the name alone, larger, so that it can still be read. */
function drawCardText(c: Context, scene: Scene, i: number): void {
  const { data, theme, labels, camera } = scene, x = data.x[i]! - W / 2, y = data.y[i]!, s = data.status[i]!, name = data.names[i]!;
  const compact = camera.k < 0.75, size = compact ? Math.min(24, Math.round(10.5 / camera.k)) : 13;
  drawStatus(c, scene, x + 20, y, s);
  c.font = `560 ${size}px ${theme.font}`;
  const key = `${size} ${name}`;
  let label = labels.get(key);
  if (label === undefined) labels.set(key, (label = fitText(c, plain(name), W - 46)));
  c.fillStyle = theme.text;
  c.fillText(label, x + 36, compact ? y + 1 : y - 7.5);
  if (compact) return;
  c.font = `${camera.k < 0.9 ? 12 : 11}px ${theme.font}`;
  c.fillStyle = s === 0 || s === 2 ? theme.soft : theme.status[s]!;
  c.fillText(statusWords[s] ?? "", x + 36, y + 9.5);
}

/** A sign for each status, so that color is never the only difference: ring, turning arc, tick, cross, exclamation mark. */
function drawStatus(c: Context, { theme, turn }: Scene, x: number, y: number, s: number): void {
  c.strokeStyle = theme.status[s]!;
  c.fillStyle = theme.statusSoft[s]!;
  c.lineWidth = 1.7;
  c.lineCap = "round";
  c.lineJoin = "round";
  c.beginPath();
  c.arc(x, y, 9, 0, 2 * Math.PI);
  c.fill();
  c.beginPath();
  if (s === 0) c.arc(x, y, 4, 0, 2 * Math.PI);
  else if (s === 1) c.arc(x, y, 5, turn, turn + 4.4);
  else if (s === 2) { c.moveTo(x - 4, y + 0.5); c.lineTo(x - 1, y + 3.5); c.lineTo(x + 4, y - 3); }
  else if (s === 3) { c.moveTo(x - 3, y - 3); c.lineTo(x + 3, y + 3); c.moveTo(x + 3, y - 3); c.lineTo(x - 3, y + 3); }
  else { c.moveTo(x, y - 4.5); c.lineTo(x, y + 1); c.moveTo(x, y + 4.2); c.lineTo(x, y + 4.4); }
  c.stroke();
  c.lineCap = "butt";
}

function drawMarks(c: Context, { data, theme, camera, selected, hover, cursor, closed }: Scene): void {
  c.strokeStyle = theme.accent;
  const mark = (i: number, width: number, gap: number): void => {
    c.lineWidth = width / Math.min(1, camera.k);
    c.beginPath();
    c.roundRect(data.x[i]! - W / 2 - gap, data.y[i]! - H / 2 - gap, W + 2 * gap, H + 2 * gap, 8 + gap);
    c.stroke();
  };
  for (const i of selected) if (!closed.has(data.group[i]!)) mark(i, 2, 0);
  if (hover >= 0 && !selected.has(hover)) mark(hover, 1, 0);
  if (cursor >= 0) {
    c.setLineDash([4, 3]);
    mark(cursor, 1.5, 4);
    c.setLineDash([]);
  }
}

function fitText(c: Context, text: string, width: number): string {
  if (c.measureText(text).width <= width) return text;
  let low = 0, high = text.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (c.measureText(`${text.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return `${text.slice(0, low)}…`;
}
