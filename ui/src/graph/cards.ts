import { plain } from "../lib/text";
import { cardHeight as H, cardWidth as W, statusWords } from "./data";
import type { Context, Scene } from "./draw";
import { fitText } from "./fit-text";

/** One path a color, however many assets. */
export function drawRectangles(c: Context, scene: Scene, nodes: number[]): void {
  const { data, theme } = scene;
  inTwoStrengths(c, scene, nodes, 0.25, (these) =>
    byStatus(scene, these).forEach((alike, s) => {
      c.fillStyle = theme.status[s]!;
      c.beginPath();
      for (const i of alike) c.rect(data.x[i]! - W / 2, data.y[i]! - H / 2, W, H);
      c.fill();
    }));
}

/** Cards layer by layer, all of a layer at once: a color or font set and a path drawn for each card would cost twice as much. */
export function drawCards(c: Context, scene: Scene, nodes: number[], dpr: number): void {
  inTwoStrengths(c, scene, nodes, 0.35, (these) => {
    drawFrames(c, scene, these);
    const alike = byStatus(scene, these);
    alike.forEach((some, s) => drawStatus(c, scene, some, s));
    drawNames(c, scene, these, dpr);
    if (!isCompact(scene)) alike.forEach((some, s) => drawWords(c, scene, some, s));
  });
}

/** What a filter or a selection leaves out is drawn first, and faint. */
function inTwoStrengths(c: Context, { matches, lit }: Scene, nodes: number[], faint: number, drawThese: (these: number[]) => void): void {
  const shown = matches ?? lit;
  if (shown) {
    c.globalAlpha = faint;
    drawThese(nodes.filter((i) => !shown.has(i)));
    c.globalAlpha = 1;
  }
  drawThese(shown ? nodes.filter((i) => shown.has(i)) : nodes);
}

function byStatus({ data, theme }: Scene, nodes: number[]): number[][] {
  const lists: number[][] = theme.status.map(() => []);
  for (const i of nodes) lists[data.status[i]!]!.push(i);
  return lists;
}

function drawFrames(c: Context, { data, theme, camera }: Scene, nodes: number[]): void {
  const trace = (external: boolean): void => {
    c.beginPath();
    for (const i of nodes) if (data.external[i] === external) c.roundRect(data.x[i]! - W / 2, data.y[i]! - H / 2, W, H, 8);
  };
  c.fillStyle = theme.card;
  c.strokeStyle = theme.cardLine;
  c.lineWidth = 1 / Math.min(1, camera.k);
  trace(false);
  c.fill();
  c.stroke();
  trace(true); // assets that are not made here: an outline only
  c.setLineDash([5, 4]);
  c.stroke();
  c.setLineDash([]);
}

/** From some distance the name alone, larger, so that it can still be read. */
const isCompact = ({ camera }: Scene): boolean => camera.k < 0.75;
const compactSize = 10.5, largestInCard = 24;

function drawNames(c: Context, scene: Scene, nodes: number[], dpr: number): void {
  const { data, theme, labels, camera } = scene, { k, tx, ty } = camera;
  const size = isCompact(scene) ? Math.min(largestInCard, Math.round(compactSize / k)) : 13;
  const font = (pixels: number): string => `560 ${pixels}px ${theme.font}`;
  c.font = font(size);
  const texts = nodes.map((i) => {
    const key = `${size} ${data.names[i]}`;
    return labels.get(key) ?? labels.set(key, fitText(c, plain(data.names[i]!), W - 46)).get(key)!;
  });
  c.fillStyle = theme.text;
  if (!isCompact(scene)) return nodes.forEach((i, n) => c.fillText(texts[n]!, data.x[i]! - W / 2 + 36, data.y[i]! - 7.5));
  // In pixels of the screen: letters that are as large in the next frame are not made anew while one zooms.
  c.font = font(Math.min(largestInCard * k, compactSize));
  c.setTransform(dpr, 0, 0, dpr, 0, 0);
  nodes.forEach((i, n) => c.fillText(texts[n]!, (data.x[i]! - W / 2 + 36) * k + tx, (data.y[i]! + 1) * k + ty));
  c.setTransform(dpr * k, 0, 0, dpr * k, dpr * tx, dpr * ty);
}

function drawWords(c: Context, { data, theme, camera }: Scene, nodes: number[], s: number): void {
  c.font = `${camera.k < 0.9 ? 12 : 11}px ${theme.font}`;
  c.fillStyle = s === 0 || s === 2 ? theme.soft : theme.status[s]!;
  for (const i of nodes) c.fillText(statusWords[s] ?? "", data.x[i]! - W / 2 + 36, data.y[i]! + 9.5);
}

/** A sign for each status, so that color is never the only difference: ring, turning arc, tick, cross, exclamation mark. */
function drawStatus(c: Context, { data, theme, turn }: Scene, nodes: number[], s: number): void {
  const trace = (sign: (x: number, y: number) => void): void => {
    c.beginPath();
    for (const i of nodes) sign(data.x[i]! - W / 2 + 20, data.y[i]!);
  };
  const ring = (x: number, y: number, radius: number, from = 0, to = 2 * Math.PI): void => {
    c.moveTo(x + radius * Math.cos(from), y + radius * Math.sin(from));
    c.arc(x, y, radius, from, to);
  };
  c.strokeStyle = theme.status[s]!;
  c.fillStyle = theme.statusSoft[s]!;
  c.lineWidth = 1.7;
  c.lineCap = c.lineJoin = "round";
  trace((x, y) => ring(x, y, 9));
  c.fill();
  trace((x, y) => {
    if (s === 0) ring(x, y, 4);
    else if (s === 1) ring(x, y, 5, turn, turn + 4.4);
    else if (s === 2) { c.moveTo(x - 4, y + 0.5); c.lineTo(x - 1, y + 3.5); c.lineTo(x + 4, y - 3); }
    else if (s === 3) { c.moveTo(x - 3, y - 3); c.lineTo(x + 3, y + 3); c.moveTo(x + 3, y - 3); c.lineTo(x - 3, y + 3); }
    else { c.moveTo(x, y - 4.5); c.lineTo(x, y + 1); c.moveTo(x, y + 4.2); c.lineTo(x, y + 4.4); }
  });
  c.stroke();
  c.lineCap = "butt";
}
