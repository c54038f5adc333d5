export interface Rect { x: number; y: number; w: number; h: number }

/** What part of the graph the canvas shows: graph to screen is `p * k + t`. */
export class Camera {
  k = 1;
  tx = 0;
  ty = 0;
  width = 1;
  height = 1;

  resize(width: number, height: number): void {
    this.tx += (width - this.width) / 2;
    this.ty += (height - this.height) / 2;
    this.width = width;
    this.height = height;
  }
  pan(dx: number, dy: number): void {
    this.tx += dx;
    this.ty += dy;
  }
  /** Zooms by a factor and keeps the graph's point under (x, y) where it is. */
  zoomAt(x: number, y: number, factor: number): void {
    const k = Math.max(0.01, Math.min(2.5, this.k * factor));
    const f = k / this.k;
    this.k = k;
    this.tx = x - (x - this.tx) * f;
    this.ty = y - (y - this.ty) * f;
  }
  centerOn(x: number, y: number): void {
    this.tx = this.width / 2 - x * this.k;
    this.ty = this.height / 2 - y * this.k;
  }
  fit(rect: Rect, margin = 40, maxZoom = 1): void {
    this.k = Math.max(0.01, Math.min(maxZoom, (this.width - 2 * margin) / Math.max(1, rect.w), (this.height - 2 * margin) / Math.max(1, rect.h)));
    this.tx = this.width / 2 - this.k * (rect.x + rect.w / 2);
    this.ty = this.height / 2 - this.k * (rect.y + rect.h / 2);
  }
  /** Moves as little as needed so that the point lies within the view, `margin` pixels from its edge. */
  reveal(x: number, y: number, margin = 120): void {
    const into = (at: number, size: number): number => {
      const m = Math.min(margin, size / 2);
      return at < m ? m - at : at > size - m ? size - m - at : 0;
    };
    this.pan(into(x * this.k + this.tx, this.width), into(y * this.k + this.ty, this.height));
  }
  toGraph(x: number, y: number): { x: number; y: number } {
    return { x: (x - this.tx) / this.k, y: (y - this.ty) / this.k };
  }
  get view(): Rect {
    return { x: -this.tx / this.k, y: -this.ty / this.k, w: this.width / this.k, h: this.height / this.k };
  }
}
