import { Camera } from "./camera";
import { bounds, cardHeight, cardWidth, lineage, type GraphData } from "./data";
import { draw, isFar, isNameAbove, nameHeight, nearZoom, type Scene } from "./draw";
import type { Minimap } from "./minimap";
import { neighbor, type Direction } from "./navigate";
import { readTheme } from "./theme";

export interface GraphEvents {
  /** A click or Enter on an asset (-1: on the empty ground); `add` with Ctrl, Meta or Shift. */
  select(index: number, add: boolean): void;
  open(index: number): void;
  cursor(index: number): void;
  /** A frame was drawn around these cards. */
  selectMany(indices: number[], add: boolean): void;
  /** A click on a group's name, or on a closed group. */
  toggleGroup(group: number): void;
}

/** The asset graph on one canvas. Knows nothing of React; draws once a frame at most, and only when something changed. */
export class GraphCanvas {
  private readonly context: CanvasRenderingContext2D;
  private readonly camera = new Camera();
  private readonly scene: Scene;
  private readonly listeners = new AbortController();
  private readonly resizes: ResizeObserver;
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)");
  private readonly touches = new Map<number, { x: number; y: number }>();
  private frame = 0;
  private moved = 0;
  private sized = false;
  /** Comes after the first drawing, in which all is in view. */
  private minimap?: Minimap;
  private framing: { x: number; y: number } | null = null;
  private whole = { x: 0, y: 0, w: 1, h: 1 };

  /**
   * `surface` holds the canvas and `overlay`, whose elements lie over the cards: it is moved with the view, and pointers are
   * taken on the surface, so that they count the same on a card and on the element over it.
   */
  constructor(private readonly surface: HTMLElement, private readonly element: HTMLCanvasElement, private readonly overlay: HTMLElement, map: HTMLCanvasElement, data: GraphData, private readonly events: GraphEvents) {
    this.context = element.getContext("2d", { alpha: false })!;
    this.scene = { data, theme: readTheme(), camera: this.camera, selected: new Set(), lit: null, matches: null, hover: -1, hoverGroup: -1, cursor: -1, closed: new Set(), frame: null, labels: new Map(), turn: 0 };
    this.whole = bounds(data);
    const { signal } = this.listeners;
    void import("./minimap").then(({ Minimap }) => {
      if (signal.aborted) return;
      this.minimap = new Minimap(map, (x, y) => { this.camera.centerOn(x, y); this.invalidate(); }, signal);
      this.invalidate();
    });
    this.resizes = new ResizeObserver(() => this.resize());
    this.resizes.observe(element);
    this.resize();
    this.bind();
  }

  destroy(): void {
    this.listeners.abort();
    this.resizes.disconnect();
    cancelAnimationFrame(this.frame);
  }

  /** `anchor`: a group whose corner stays where it is on the screen, as it was closed or opened there. */
  setData(data: GraphData, closed: ReadonlySet<number>, anchor: string | null): void {
    const before = bounds(this.scene.data), now = bounds(data);
    const reshaped = before.x !== now.x || before.y !== now.y || before.w !== now.w || before.h !== now.h;
    const from = this.scene.data.boxes.find((box) => box.name === anchor), to = data.boxes.find((box) => box.name === anchor);
    this.whole = now;
    // Whoever walks with the arrow keys stays on the asset where they are, whatever its index is now.
    const at = this.scene.cursor, cursor = at < 0 ? -1 : (data.indexOf.get(this.scene.data.names[at]!) ?? -1);
    Object.assign(this.scene, { data, closed, lit: null, hover: -1, hoverGroup: -1, cursor });
    if (cursor !== at) this.events.cursor(cursor);
    if (from && to && data !== this.scene.data) this.camera.pan((from.x - to.x) * this.camera.k, (from.y - to.y) * this.camera.k);
    else if (reshaped) this.fit();
    this.invalidate();
  }
  setMarks(selected: ReadonlySet<number>, matches: ReadonlySet<number> | null): void {
    Object.assign(this.scene, { selected, matches, lit: selected.size && selected.size <= 50 ? lineage(this.scene.data, selected) : null });
    this.invalidate();
  }
  refreshTheme(): void {
    this.scene.theme = readTheme();
    this.scene.labels.clear();
    this.invalidate();
  }
  fit(nodes?: Iterable<number>): void {
    this.camera.fit(bounds(this.scene.data, nodes), 40, 1.15);
    this.invalidate();
  }
  zoom(factor: number): void {
    this.camera.zoomAt(this.camera.width / 2, this.camera.height / 2, factor);
    this.invalidate();
  }
  private zoomTo(group: number): void {
    this.camera.fit(this.scene.data.boxes[group]!, 40, 1.15);
    this.invalidate();
  }
  reveal(index: number): void {
    const { x, y } = this.scene.data;
    if (this.camera.k < nearZoom) this.camera.fit({ x: x[index]! - 400, y: y[index]! - 250, w: 800, h: 500 });
    else this.camera.reveal(x[index]!, y[index]!);
    this.invalidate();
  }
  invalidate(): void {
    if (!this.frame) this.frame = requestAnimationFrame((time) => this.paint(time));
  }
  private paint(time: number): void {
    this.frame = 0;
    this.scene.turn = this.still.matches ? 0 : (time / 160) % (2 * Math.PI);
    const { spinning } = draw(this.context, this.scene, devicePixelRatio);
    this.overlay.style.transform = `translate(${this.camera.tx}px, ${this.camera.ty}px) scale(${this.camera.k})`;
    this.minimap?.draw(this.scene, this.whole);
    if (spinning && !this.still.matches) this.invalidate();
  }
  private resize(): void {
    const { width, height } = this.element.getBoundingClientRect();
    if (!width || !height) return;
    this.element.width = Math.round(width * devicePixelRatio);
    this.element.height = Math.round(height * devicePixelRatio);
    this.camera.resize(width, height);
    if (!this.sized) this.fit();
    else if (this.scene.selected.size === 1) for (const i of this.scene.selected) this.camera.reveal(this.scene.data.x[i]!, this.scene.data.y[i]!);
    this.sized = true;
    cancelAnimationFrame(this.frame);
    this.paint(performance.now());
  }
  private pick(x: number, y: number): number {
    const at = this.camera.toGraph(x, y), { data, closed } = this.scene;
    for (const [group, box] of data.boxes.entries()) {
      if (closed.has(group) || at.x < box.x || at.y < box.y || at.x > box.x + box.w || at.y > box.y + box.h) continue;
      for (const i of box.nodes) if (Math.abs(data.x[i]! - at.x) < cardWidth / 2 && Math.abs(data.y[i]! - at.y) < cardHeight / 2) return i;
    }
    return -1;
  }

  /** The group whose name, or whose closed box, is there. */
  private pickGroup(x: number, y: number): number {
    const at = this.camera.toGraph(x, y), { data, closed } = this.scene, { k } = this.camera;
    const far = isFar(this.scene), above = !far && isNameAbove(k);
    return data.boxes.findIndex((box, group) => {
      const whole = far || closed.has(group), top = box.y - (above && !whole ? nameHeight(k) * 1.4 : 0);
      return box.nodes.length && at.x >= box.x && at.x <= box.x + box.w && at.y >= top && at.y <= (whole ? box.y + box.h : above ? box.y : box.y + Math.max(34, 18 / k));
    });
  }

  private bind(): void {
    const { signal } = this.listeners;
    const on = <K extends keyof HTMLElementEventMap>(type: K, handle: (event: HTMLElementEventMap[K]) => void, target: HTMLElement = this.surface): void =>
      target.addEventListener(type, handle, { signal, passive: false });
    on("wheel", (event) => {
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 20 : 1;
      const { x, y } = this.at(event);
      this.camera.zoomAt(x, y, Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.0018)));
      this.invalidate();
    });
    on("mousedown", (event) => {
      event.preventDefault();
      this.element.focus({ preventScroll: true });
    });
    on("pointerdown", (event) => {
      this.touches.set(event.pointerId, this.at(event));
      this.moved = 0;
      this.framing = event.shiftKey ? this.at(event) : null;
      this.surface.setPointerCapture(event.pointerId);
    });
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => {
      this.touches.delete(event.pointerId);
      const { x, y } = this.at(event);
      if (this.framing && this.moved >= 5) return this.endFrame(event.ctrlKey || event.metaKey);
      this.framing = null;
      if (this.moved >= 5 || event.button !== 0) return;
      const index = this.pick(x, y), group = index < 0 ? this.pickGroup(x, y) : -1;
      // From far away nobody can read a group: a click goes there.
      if (group >= 0 && isFar(this.scene) && !this.scene.closed.has(group)) this.zoomTo(group);
      else if (group >= 0) this.events.toggleGroup(group);
      else this.events.select(index, event.ctrlKey || event.metaKey || event.shiftKey);
    });
    on("pointercancel", (event) => this.touches.delete(event.pointerId));
    on("dblclick", (event) => {
      const { x, y } = this.at(event), index = this.pick(x, y);
      if (index >= 0) this.events.open(index);
    });
    on("pointerleave", () => this.setHover(-1, -1));
    on("keydown", (event) => this.key(event), this.element);
    on("blur", () => this.setCursor(-1), this.element);
  }
  private at(event: MouseEvent): { x: number; y: number } {
    const { left, top } = this.element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }
  private move(event: PointerEvent): void {
    const from = this.touches.get(event.pointerId), to = this.at(event);
    if (!from) {
      const index = this.camera.k >= nearZoom / 2 ? this.pick(to.x, to.y) : -1;
      return this.setHover(index, index < 0 ? this.pickGroup(to.x, to.y) : -1);
    }
    this.moved += Math.abs(to.x - from.x) + Math.abs(to.y - from.y);
    if (this.framing) {
      const { x, y } = this.framing;
      this.scene.frame = { x: Math.min(x, to.x), y: Math.min(y, to.y), w: Math.abs(to.x - x), h: Math.abs(to.y - y) };
      return this.invalidate();
    }
    const other = [...this.touches].find(([id]) => id !== event.pointerId)?.[1];
    if (other) this.camera.zoomAt(other.x, other.y, Math.hypot(to.x - other.x, to.y - other.y) / Math.max(1, Math.hypot(from.x - other.x, from.y - other.y)));
    else this.camera.pan(to.x - from.x, to.y - from.y);
    this.touches.set(event.pointerId, to);
    this.invalidate();
  }
  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows: Record<string, Direction> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down", j: "down", k: "up" };
    const { scene } = this, direction = arrows[event.key];
    const at = scene.cursor >= 0 ? scene.cursor : ([...scene.selected][0] ?? -1);
    if (direction) this.setCursor(neighbor(scene.data, at, direction));
    else if ((event.key === "Enter" || event.key === " ") && at >= 0) event.key === "Enter" && scene.selected.has(at) ? this.events.open(at) : this.events.select(at, event.key === " ");
    else if (event.key === "Escape" && scene.selected.size) this.events.select(-1, false);
    else if (event.key === "+" || event.key === "=") this.zoom(1.25);
    else if (event.key === "-") this.zoom(0.8);
    else if (event.key === "f") this.fit();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  private setCursor(index: number): void {
    if (index === this.scene.cursor) return;
    this.scene.cursor = index;
    this.events.cursor(index);
    if (index >= 0) this.reveal(index);
    this.invalidate();
  }
  private endFrame(add: boolean): void {
    const { frame, data, closed } = this.scene;
    this.framing = this.scene.frame = null;
    this.invalidate();
    if (!frame) return;
    const from = this.camera.toGraph(frame.x, frame.y), to = this.camera.toGraph(frame.x + frame.w, frame.y + frame.h);
    const inside: number[] = [];
    data.names.forEach((_, i) => {
      if (!closed.has(data.group[i]!) && data.x[i]! + cardWidth / 2 > from.x && data.x[i]! - cardWidth / 2 < to.x && data.y[i]! + cardHeight / 2 > from.y && data.y[i]! - cardHeight / 2 < to.y) inside.push(i);
    });
    this.events.selectMany(inside, add);
  }
  private setHover(index: number, group: number): void {
    if (index === this.scene.hover && group === this.scene.hoverGroup) return;
    Object.assign(this.scene, { hover: index, hoverGroup: group });
    this.surface.style.cursor = index >= 0 || group >= 0 ? "pointer" : "grab";
    this.invalidate();
  }
}
