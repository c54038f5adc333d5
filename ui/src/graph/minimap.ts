import type { Scene } from "./draw";

const worst = [3, 4, 1, 0, 2]; // failed, stale, in progress, never, materialized: a group has the color of the worst in it

/** The whole graph, small, with the part that is in view; a press or a drag on it goes there. Away while all is in view. */
export class Minimap {
  private scale = 1;
  private left = 0;
  private top = 0;

  constructor(private readonly element: HTMLCanvasElement, goTo: (x: number, y: number) => void, signal: AbortSignal) {
    const go = (event: PointerEvent): void => {
      const { left, top } = element.getBoundingClientRect();
      goTo((event.clientX - left - this.left) / this.scale, (event.clientY - top - this.top) / this.scale);
    };
    element.addEventListener("pointerdown", (event) => { element.setPointerCapture(event.pointerId); go(event); }, { signal });
    element.addEventListener("pointermove", (event) => { if (event.buttons & 1) go(event); }, { signal });
  }

  draw({ data, camera, theme }: Scene, whole: { x: number; y: number; w: number; h: number }): void {
    const { element } = this, view = camera.view, margin = 40 / camera.k;
    const allSeen = view.x <= whole.x + margin && view.y <= whole.y + margin && view.x + view.w >= whole.x + whole.w - margin && view.y + view.h >= whole.y + whole.h - margin;
    element.hidden = allSeen || camera.width < 560;
    if (element.hidden) return;
    const width = element.clientWidth, height = element.clientHeight, dpr = devicePixelRatio;
    if (element.width !== Math.round(width * dpr)) { element.width = Math.round(width * dpr); element.height = Math.round(height * dpr); }
    this.scale = Math.min((width - 12) / whole.w, (height - 12) / whole.h);
    this.left = (width - whole.w * this.scale) / 2 - whole.x * this.scale;
    this.top = (height - whole.h * this.scale) / 2 - whole.y * this.scale;
    const c = element.getContext("2d")!;
    c.setTransform(dpr, 0, 0, dpr, 0, 0);
    c.clearRect(0, 0, width, height);
    c.setTransform(dpr * this.scale, 0, 0, dpr * this.scale, dpr * this.left, dpr * this.top);
    for (const box of data.boxes) {
      if (!box.nodes.length) continue;
      c.fillStyle = theme.status[worst.find((status) => box.counts[status]) ?? 0]!;
      c.globalAlpha = 0.55;
      c.fillRect(box.x, box.y, Math.max(box.w, 2 / this.scale), Math.max(box.h, 2 / this.scale));
    }
    c.globalAlpha = 1;
    c.setTransform(dpr, 0, 0, dpr, 0, 0);
    c.strokeStyle = theme.accent;
    c.lineWidth = 1.5;
    c.strokeRect(Math.max(1, view.x * this.scale + this.left), Math.max(1, view.y * this.scale + this.top), Math.min(width - 2, view.w * this.scale), Math.min(height - 2, view.h * this.scale));
  }
}
