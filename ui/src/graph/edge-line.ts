import { cardHeight, cardWidth, routeOf, type GraphData } from "./data";

/** How an edge is drawn: from the right side of one asset to the left side of the other. Between groups that depend on each other some
 *  lead back; these leave on the left and arrive on the right, and lower, so that nobody takes them for one that leads there. */
export interface EdgeLine {
  ax: number;
  ay: number;
  bx: number;
  by: number;
  /** 1: to the right; -1: back to the left. */
  turn: number;
  /** Where it goes level on the way: x, y, x, y; there it passes cards. */
  route: number[] | undefined;
}

/** What a line is drawn with: a canvas, or the text of an SVG path. */
export interface Pen {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void;
}

/** `halves`: half the width of what stands for an asset: its card, or the box of its closed group. Writes into `line`: thousands of edges
 *  are drawn in each frame. */
export function placeLine(line: EdgeLine, data: GraphData, a: number, b: number, halfA = cardWidth / 2, halfB = cardWidth / 2): EdgeLine {
  const turn = data.x[b]! < data.x[a]! ? -1 : 1, lower = turn < 0 ? cardHeight / 4 : 0;
  line.ax = data.x[a]! + turn * halfA;
  line.ay = data.y[a]! + lower;
  line.bx = data.x[b]! - turn * halfB;
  line.by = data.y[b]! + lower;
  line.turn = turn;
  line.route = routeOf(data, a, b);
  return line;
}

export const newLine = (): EdgeLine => ({ ax: 0, ay: 0, bx: 0, by: 0, turn: 1, route: undefined });

/** Curves where no card can be in the way, level lines elsewhere; from some distance straight lines between the same points. */
export function traceLine(pen: Pen, { ax, ay, bx, by, turn, route }: EdgeLine, curved: boolean): void {
  pen.moveTo(ax, ay);
  if (!curved && !route) return pen.lineTo(bx, by);
  let x = ax, y = ay;
  const go = (nextX: number, nextY: number): void => {
    const bend = route ? (nextX - x) / 2 : turn * Math.max(24, Math.abs(nextX - x) / 2);
    if (!curved || y === nextY) pen.lineTo(nextX, nextY);
    else pen.bezierCurveTo(x + bend, y, nextX - bend, nextY, nextX, nextY);
    x = nextX;
    y = nextY;
  };
  for (let i = 0; route && i < route.length; i += 2) go(route[i]!, route[i + 1]!);
  go(bx, by);
}

/** The tip of the arrow at the line's end. */
export function traceTip(pen: Pen, { bx, by, turn }: EdgeLine): void {
  pen.moveTo(bx - 6 * turn, by - 4);
  pen.lineTo(bx - turn, by);
  pen.lineTo(bx - 6 * turn, by + 4);
}

/** Whether it may be seen there. Sideways a line stays between its ends, up and down its way may lead anywhere. */
export function isInView({ ax, ay, bx, by, route }: EdgeLine, view: { x: number; y: number; w: number; h: number }): boolean {
  if (Math.max(ax, bx) < view.x || Math.min(ax, bx) > view.x + view.w) return false;
  let top = Math.min(ay, by), bottom = Math.max(ay, by);
  for (let i = 1; route && i < route.length; i += 2) {
    top = Math.min(top, route[i]!);
    bottom = Math.max(bottom, route[i]!);
  }
  return bottom >= view.y && top <= view.y + view.h;
}
