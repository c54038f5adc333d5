import type { GraphData } from "./data";

export type Direction = "left" | "right" | "up" | "down";

/** Where an arrow key goes from an asset: left to an upstream, right to a downstream, up and down to the nearest in its column. */
export function neighbor(data: GraphData, from: number, direction: Direction): number {
  if (from < 0) return data.keys.length ? topLeft(data) : -1;
  if (direction === "left" || direction === "right") return nearestInY(data, from, direction === "left" ? data.up[from]! : data.down[from]!);
  let best = from, bestCost = Infinity;
  const sign = direction === "down" ? 1 : -1;
  for (let i = 0; i < data.x.length; i++) {
    const dy = (data.y[i]! - data.y[from]!) * sign;
    if (dy <= 1) continue;
    const cost = dy + 4 * Math.abs(data.x[i]! - data.x[from]!);
    if (cost < bestCost) { bestCost = cost; best = i; }
  }
  return best;
}

function nearestInY(data: GraphData, from: number, candidates: Uint32Array): number {
  let best = from, distance = Infinity;
  for (const i of candidates) {
    const d = Math.abs(data.y[i]! - data.y[from]!);
    if (d < distance) { distance = d; best = i; }
  }
  return best;
}

function topLeft(data: GraphData): number {
  let best = 0;
  for (let i = 1; i < data.x.length; i++) if (data.x[i]! + data.y[i]! < data.x[best]! + data.y[best]!) best = i;
  return best;
}
