import type { AssetKey, Graph } from "../api/types";
import type { Rect } from "./camera";

export const cardWidth = 180;
export const cardHeight = 44;
export const statusWords = ["never materialized", "in progress", "materialized", "failed", "stale"];

export interface GroupBox {
  name: string;
  x: number;
  y: number;
  w: number;
  h: number;
  nodes: Uint32Array;
  innerEdges: Uint32Array;
  /** How many of its assets have each status: the bar of a group seen from far. */
  counts: Uint32Array;
}

/** The drawn graph as columns: index i is the same asset in every one of them. Edges are pairs of indices. */
export interface GraphData {
  as_of: number;
  etag: string;
  keys: AssetKey[];
  /** The keys as text, which is also how URLs name them. */
  names: string[];
  indexOf: Map<string, number>;
  kinds: string[][];
  /** Cannot be materialized here. */
  external: boolean[];
  group: Uint16Array;
  x: Float32Array;
  y: Float32Array;
  status: Uint8Array;
  edges: Uint32Array;
  /** Of some edges (`routeOf`): the points between which an edge goes level, x, y, x, y. */
  routes: Map<number, number[]>;
  outerEdges: Uint32Array;
  groupEdges: Uint32Array;
  boxes: GroupBox[];
  up: Uint32Array[];
  down: Uint32Array[];
}

const byOwner = (count: number, owner: ArrayLike<number>, item: (i: number) => number): Uint32Array[] => {
  const lists: number[][] = Array.from({ length: count }, () => []);
  for (let i = 0; i < owner.length; i++) lists[owner[i]!]!.push(item(i));
  return lists.map((list) => Uint32Array.from(list));
};

export function toGraphData(graph: Graph): GraphData {
  const group = Uint16Array.from(graph.group);
  const { from, to } = graph.edges;
  const edges = new Uint32Array(from.length * 2);
  const status = Uint8Array.from(graph.status);
  const inner: number[][] = graph.groups.map(() => []);
  const outer: number[] = [];
  const groupPairs = new Map<string, [number, number]>();
  from.forEach((source, i) => {
    const target = to[i]!, a = group[source]!, b = group[target]!;
    edges.set([source, target], 2 * i);
    if (a === b) inner[a]!.push(source, target);
    else {
      outer.push(source, target);
      groupPairs.set(`${a} ${b}`, [a, b]);
    }
  });
  const members = byOwner(graph.groups.length, group, (i) => i);
  const boxes = graph.groups.map((box, g) => ({
    name: box.name, x: box.x, y: box.y, w: box.width, h: box.height, nodes: members[g]!, innerEdges: Uint32Array.from(inner[g]!), counts: new Uint32Array(statusWords.length),
  }));
  status.forEach((s, i) => boxes[group[i]!]!.counts[s]!++);
  const n = graph.assets.length;
  return {
    as_of: graph.as_of, etag: graph.etag, keys: graph.assets, names: graph.labels, kinds: graph.kinds, external: graph.external, group, x: Float32Array.from(graph.x), y: Float32Array.from(graph.y),
    status, edges, routes: new Map(graph.routes.map(({ from, to, points }) => [from * n + to, points])), outerEdges: Uint32Array.from(outer), groupEdges: Uint32Array.from([...groupPairs.values()].flat()), boxes,
    indexOf: new Map(graph.labels.map((label, i) => [label, i])), up: byOwner(n, to, (e) => from[e]!), down: byOwner(n, from, (e) => to[e]!),
  };
}

export const routeOf = (data: GraphData, from: number, to: number): number[] | undefined => (data.routes.size ? data.routes.get(from * data.keys.length + to) : undefined);

/** Puts a new status column in; returns the indices that changed, for those who announce it. */
export function applyStatus(data: GraphData, next: ArrayLike<number>): number[] {
  const changed: number[] = [];
  for (let i = 0; i < data.status.length && i < next.length; i++) {
    const before = data.status[i]!, after = next[i]!;
    if (before === after) continue;
    const counts = data.boxes[data.group[i]!]!.counts;
    counts[before]!--;
    counts[after]!++;
    data.status[i] = after;
    changed.push(i);
  }
  return changed;
}

/** All assets that lead to these or come of them, these included: the path that is lit when one is selected. */
export function lineage(data: GraphData, from: Iterable<number>): Set<number> {
  const seen = new Set<number>(from);
  for (const next of [data.up, data.down]) {
    const stack = [...from];
    const here = new Set(stack);
    while (stack.length) for (const i of next[stack.pop()!]!) if (!here.has(i)) { here.add(i); seen.add(i); stack.push(i); }
  }
  return seen;
}

/** The part of the drawing that these cards, or all groups, take. */
export function bounds(data: GraphData, nodes?: Iterable<number>): Rect {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  const grow = (x: number, y: number, w: number, h: number): void => {
    left = Math.min(left, x); top = Math.min(top, y); right = Math.max(right, x + w); bottom = Math.max(bottom, y + h);
  };
  if (nodes) for (const i of nodes) grow(data.x[i]! - cardWidth / 2, data.y[i]! - cardHeight / 2, cardWidth, cardHeight);
  else for (const box of data.boxes) if (box.nodes.length) grow(box.x, box.y, box.w, box.h);
  return left === Infinity ? { x: 0, y: 0, w: 1, h: 1 } : { x: left, y: top, w: right - left, h: bottom - top };
}
