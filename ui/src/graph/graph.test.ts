import { describe, expect, it } from "vitest";
import type { Graph } from "../api/types";
import { Camera } from "./camera";
import { applyStatus, lineage, toGraphData } from "./data";
import { matching } from "./filter";
import { neighbor } from "./navigate";

// a → b → d in "one", a → c in "two" (c below b), e alone
const columns: Graph = {
  as_of: 1, etag: "x", assets: [["a"], ["b"], ["c"], ["d"], ["x", "e"]], labels: ["a", "b", "c", "d", "x/e"], code_locations: ["l"], code_location: [0, 0, 0, 0, 0], group: [0, 0, 1, 0, 1],
  x: [0, 200, 200, 400, 0], y: [0, 0, 100, 0, 100], status: [0, 2, 2, 3, 4], kinds: [["python"], [], ["SQL"], [], []], external: [false, false, false, false, false],
  routes: [], edges: { from: [0, 1, 0], to: [1, 3, 2] }, groups: [{ name: "one", x: -100, y: -50, width: 600, height: 100 }, { name: "two", x: -100, y: 60, width: 600, height: 100 }], card: { width: 180, height: 44 },
};
const make = () => toGraphData(structuredClone(columns));

describe("the columns", () => {
  it("part edges within groups from those between", () => {
    const data = make();
    expect([...data.boxes[0]!.innerEdges]).toEqual([0, 1, 1, 3]);
    expect([...data.outerEdges]).toEqual([0, 2]);
    expect([...data.groupEdges]).toEqual([0, 1]);
    expect([...data.up[3]!]).toEqual([1]);
    expect([...data.down[0]!]).toEqual([1, 2]);
  });
  it("count each group's statuses, and keep count", () => {
    const data = make();
    expect([...data.boxes[0]!.counts]).toEqual([1, 0, 1, 1, 0]);
    expect(applyStatus(data, [1, 2, 2, 3, 4])).toEqual([0]);
    expect([...data.boxes[0]!.counts]).toEqual([0, 1, 1, 1, 0]);
    expect(applyStatus(data, [1, 2, 2, 3, 4])).toEqual([]);
  });
  it("know the path of an asset: all upstream and downstream, not its siblings", () => expect([...lineage(make(), [1])].sort()).toEqual([0, 1, 3]));
});

describe("arrow keys", () => {
  it.each([[0, "right", 1], [1, "right", 3], [3, "left", 1], [1, "down", 2], [2, "up", 1], [4, "left", 4], [-1, "right", 0]] as const)("from %d %s to %d", (from, direction, to) => expect(neighbor(make(), from, direction)).toBe(to));
});

describe("the filter", () => {
  const found = (text: string) => { const set = matching(make(), text); return set && [...set]; };
  it.each([["", null], ["  ", null], ["X/", [4]], ["group:two", [2, 4]], ["status:materialized", [1, 2]], ["status:stale", [4]], ["kind:sql", [2]], ["group:two status:stale", [4]], ["zzz", []], ["status:", []]])("%j", (text, result) => expect(found(text)).toEqual(result));
});

describe("the camera", () => {
  const camera = new Camera();
  camera.resize(800, 600);
  it("fits what is larger and does not blow up what is small", () => {
    camera.fit({ x: 0, y: 0, w: 1440, h: 100 });
    expect(camera.k).toBe(0.5);
    camera.fit({ x: 0, y: 0, w: 10, h: 10 });
    expect(camera.k).toBe(1);
    expect(camera.toGraph(400, 300)).toEqual({ x: 5, y: 5 });
  });
  it("keeps the point under the pointer when it zooms", () => {
    const before = camera.toGraph(123, 45);
    camera.zoomAt(123, 45, 0.3);
    const after = camera.toGraph(123, 45);
    expect(after.x).toBeCloseTo(before.x);
    expect(after.y).toBeCloseTo(before.y);
  });
  it("moves only as far as needed to show a point", () => {
    camera.fit({ x: 0, y: 0, w: 720, h: 520 });
    const { tx, ty } = camera;
    camera.reveal(360, 260);
    expect([camera.tx, camera.ty]).toEqual([tx, ty]);
    camera.reveal(2000, 260);
    expect(2000 * camera.k + camera.tx).toBeCloseTo(680);
  });
});
