import { plain } from "../lib/text";
import type { Camera, Rect } from "./camera";
import { drawCards, drawRectangles } from "./cards";
import { cardHeight as H, cardWidth as W, type GraphData } from "./data";
import { isInView, newLine, placeLine, traceLine, traceTip } from "./edge-line";
import { fitText } from "./fit-text";
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

export type Context = CanvasRenderingContext2D;

/** Below these zooms only group boxes with a status bar are drawn, then plain rectangles; above, cards with text. */
const farZoom = 0.14;
/** A drawing without groups would be one box then, so that its assets are drawn as long as they can be told apart. */
const farZoomAlone = 0.03, mostAlone = 2000;
export const isFar = ({ data, camera }: Pick<Scene, "data" | "camera">): boolean => camera.k < (data.boxes.length === 1 && data.names.length <= mostAlone ? farZoomAlone : farZoom);
export const nearZoom = 0.4;
/** With few assets in view cards are drawn from farther away. */
const fewZoom = 0.22, few = 250;
const manyEdges = 2000;

export function draw(c: Context, scene: Scene, dpr: number): { spinning: boolean } {
  const { camera, theme, data } = scene, { k } = camera;
  c.setTransform(dpr, 0, 0, dpr, 0, 0);
  c.fillStyle = theme.bg;
  c.fillRect(0, 0, camera.width + 1, camera.height + 1); // sizes may be fractions
  drawDots(c, scene, dpr);
  c.setTransform(dpr * k, 0, 0, dpr * k, dpr * camera.tx, dpr * camera.ty);
  c.textBaseline = "middle";
  const view = camera.view;
  const far = isFar(scene);
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
  if (near) drawCards(c, scene, nodes, dpr);
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

let dots: HTMLCanvasElement | undefined;

/** One row of dots is drawn and copied down: all of them one by one would be half the cost of a frame. */
function drawDots(c: Context, { camera, theme }: Scene, dpr: number): void {
  const gap = 24 * camera.k, first = (offset: number): number => ((offset % gap) + gap) % gap;
  if (gap < 12) return;
  dots ??= document.createElement("canvas");
  Object.assign(dots, { width: Math.ceil(camera.width * dpr), height: Math.ceil(1.5 * dpr) }); // clears it too
  const pen = dots.getContext("2d")!;
  pen.fillStyle = theme.dot;
  for (let x = first(camera.tx); x < camera.width; x += gap) pen.fillRect((x - 0.75) * dpr, 0, 1.5 * dpr, 1.5 * dpr);
  c.setTransform(1, 0, 0, 1, 0, 0);
  for (let y = first(camera.ty); y < camera.height; y += gap) c.drawImage(dots, 0, Math.round((y - 0.75) * dpr));
}

function drawGroupEdges(c: Context, { data, theme, camera }: Scene): void {
  c.strokeStyle = theme.edge;
  c.lineWidth = 1 / camera.k;
  c.globalAlpha = data.groupEdges.length < 200 ? 1 : 0.45;
  c.beginPath();
  for (let i = 0; i < data.groupEdges.length; i += 2) {
    const a = data.boxes[data.groupEdges[i]!]!, b = data.boxes[data.groupEdges[i + 1]!]!, back = b.x < a.x;
    traceLine(c, { ax: back ? a.x : a.x + a.w, ay: a.y + a.h / 2, bx: back ? b.x + b.w : b.x, by: b.y + b.h / 2, turn: back ? -1 : 1, route: undefined }, true);
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

/** In the box above its cards; where that room is too small on the screen, above the box. */
export const nameHeight = (k: number): number => Math.max(12, 11 / k);
export const isNameAbove = (k: number): boolean => nameHeight(k) > 40;

function drawGroupName(c: Context, { theme, camera, data, hoverGroup }: Scene, box: GraphData["boxes"][number]): void {
  const size = nameHeight(camera.k), above = isNameAbove(camera.k);
  if (box.w * camera.k < 60) return;
  c.font = `600 ${size}px ${theme.font}`;
  const text = fitText(c, plain(box.name), box.w - 28);
  c.lineWidth = 4 / camera.k;
  c.strokeStyle = above ? theme.bg : theme.group;
  const x = box.x + (above ? 0 : 16), y = box.y + (above ? -size * 0.8 : 20);
  c.strokeText(text, x, y);
  c.fillStyle = hoverGroup >= 0 && data.boxes[hoverGroup] === box ? theme.accent : theme.soft;
  c.fillText(text, x, y);
}

/** Edges between groups are faint from some distance, else a large graph is mostly noise; those on a lit path are always clear. */
function drawEdges(c: Context, scene: Scene, boxes: GraphData["boxes"], near: boolean): void {
  const { data, theme, camera, lit, hover, closed } = scene, view = camera.view;
  /** Where edges leave and reach an asset: its card, or the box of its closed group. */
  const half = (i: number): number => (closed.size && closed.has(data.group[i]!) ? data.boxes[data.group[i]!]!.w : W) / 2;
  const line = newLine();
  const trace = (edges: Uint32Array, only?: (a: number, b: number) => boolean): void => {
    c.beginPath();
    for (let i = 0; i < edges.length; i += 2) {
      const a = edges[i]!, b = edges[i + 1]!;
      if (closed.size && data.group[a] === data.group[b] && closed.has(data.group[a]!)) continue;
      if (!isInView(placeLine(line, data, a, b, half(a), half(b)), view) || (only && !only(a, b))) continue;
      traceLine(c, line, near || only !== undefined);
      if (near) traceTip(c, line);
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
