import { expect, it } from "vitest";
import type { GraphData } from "./data";
import { isInView, newLine, placeLine, traceLine, traceTip, type Pen } from "./edge-line";

/** Three assets at 0, 300 and 600; the edge from the first to the third has a way around the second. */
const data = { x: [0, 300, 600], y: [0, 0, 0], keys: [[], [], []], routes: new Map([[0 * 3 + 2, [210, -40, 390, -40]]]) } as unknown as GraphData;

class Strokes implements Pen {
  steps: string[] = [];
  moveTo(x: number, y: number): void { this.steps.push(`M ${x} ${y}`); }
  lineTo(x: number, y: number): void { this.steps.push(`L ${x} ${y}`); }
  bezierCurveTo(...numbers: number[]): void { this.steps.push(`C ${numbers.join(" ")}`); }
}
const drawn = (a: number, b: number, curved: boolean): string[] => {
  const pen = new Strokes(), line = placeLine(newLine(), data, a, b);
  traceLine(pen, line, curved);
  traceTip(pen, line);
  return pen.steps;
};

it("an edge curves from side to side, and goes level where its route says so", () => {
  expect(drawn(0, 1, true)).toEqual(["M 90 0", "L 210 0", "M 204 -4", "L 209 0", "L 204 4"]);
  expect(drawn(0, 2, true).slice(0, 4)).toEqual(["M 90 0", "C 150 0 150 -40 210 -40", "L 390 -40", "C 450 -40 450 0 510 0"]);
});

it("from some distance its lines are straight, and still go around cards", () => expect(drawn(0, 2, false).slice(0, 4)).toEqual(["M 90 0", "L 210 -40", "L 390 -40", "L 510 0"]));

it("an edge back leaves on the left, lower than one that arrives there, and points to the left", () => expect(drawn(1, 0, true)).toEqual(["M 210 11", "L 90 11", "M 96 7", "L 91 11", "L 96 15"]));

it("it is seen where its way leads, not only where its ends are", () => {
  const line = placeLine(newLine(), data, 0, 2);
  expect(isInView(line, { x: 250, y: -60, w: 100, h: 30 })).toBe(true);
  expect(isInView(line, { x: 250, y: -90, w: 100, h: 30 })).toBe(false);
  expect(isInView(line, { x: 700, y: -60, w: 100, h: 90 })).toBe(false);
});
