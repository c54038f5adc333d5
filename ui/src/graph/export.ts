import { plain } from "../lib/text";
import { Camera } from "./camera";
import { bounds, cardHeight as H, cardWidth as W, statusWords, type GraphData } from "./data";
import { draw } from "./draw";
import { newLine, placeLine, traceLine, traceTip, type Pen } from "./edge-line";
import { readTheme } from "./theme";

const margin = 40, mostPixels = 8000;

function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** The whole graph as it would look at 1:1 and twice the pixels, or as large as an image can be. */
export async function exportPng(data: GraphData): Promise<void> {
  const whole = bounds(data), canvas = document.createElement("canvas"), camera = new Camera();
  const zoom = Math.min(2, mostPixels / (Math.max(whole.w, whole.h) + 2 * margin));
  Object.assign(camera, { width: (whole.w + 2 * margin) * zoom, height: (whole.h + 2 * margin) * zoom, k: zoom, tx: (margin - whole.x) * zoom, ty: (margin - whole.y) * zoom });
  Object.assign(canvas, { width: Math.ceil(camera.width), height: Math.ceil(camera.height) });
  draw(canvas.getContext("2d", { alpha: false })!, { data, theme: readTheme(), camera, selected: new Set(), lit: null, matches: null, hover: -1, hoverGroup: -1, cursor: -1, closed: new Set(), frame: null, labels: new Map(), turn: 0 }, 1);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob) save(blob, "assets.png");
}

class PathText implements Pen {
  text = "";
  moveTo(x: number, y: number): void { this.text += `M${x} ${y}`; }
  lineTo(x: number, y: number): void { this.text += `L${x} ${y}`; }
  bezierCurveTo(ax: number, ay: number, bx: number, by: number, x: number, y: number): void { this.text += `C${ax} ${ay} ${bx} ${by} ${x} ${y}`; }
}

const escape = (text: string): string => plain(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const shortened = (text: string): string => (text.length > 21 ? `${text.slice(0, 20)}…` : text);

/** The whole graph as a drawing whose texts stay texts. */
export function exportSvg(data: GraphData): void {
  const theme = readTheme(), whole = bounds(data), out: string[] = [];
  const [x, y, w, h] = [whole.x - margin, whole.y - margin, whole.w + 2 * margin, whole.h + 2 * margin];
  out.push(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${x} ${y} ${w} ${h}" width="${w}" height="${h}" font-family="${escape(theme.font)}" font-size="13">`);
  out.push(`<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${theme.bg}"/>`);
  for (const box of data.boxes) {
    if (!box.nodes.length) continue;
    out.push(`<rect x="${box.x}" y="${box.y}" width="${box.w}" height="${box.h}" rx="14" fill="${theme.group}" stroke="${theme.groupLine}"/>`);
    out.push(`<text x="${box.x + 16}" y="${box.y + 24}" font-weight="600" fill="${theme.soft}">${escape(box.name)}</text>`);
  }
  const line = newLine();
  out.push(`<g fill="none" stroke="${theme.edge}" stroke-width="1.4">`);
  for (let i = 0; i < data.edges.length; i += 2) {
    const a = data.edges[i]!, b = data.edges[i + 1]!;
    const path = new PathText();
    traceLine(path, placeLine(line, data, a, b), true);
    traceTip(path, line);
    out.push(`<path d="${path.text}"/>`);
  }
  out.push("</g>");
  data.names.forEach((name, i) => {
    const left = data.x[i]! - W / 2, top = data.y[i]! - H / 2, status = data.status[i]!;
    out.push(`<g><title>${escape(name)}: ${statusWords[status]}</title><rect x="${left}" y="${top}" width="${W}" height="${H}" rx="8" fill="${theme.card}" stroke="${theme.cardLine}"/>`);
    out.push(`<circle cx="${left + 20}" cy="${data.y[i]}" r="6" fill="${theme.status[status]}"/><text x="${left + 36}" y="${data.y[i]! + 4.5}" font-weight="560" fill="${theme.text}">${escape(shortened(name))}</text></g>`);
  });
  out.push("</svg>");
  save(new Blob([out.join("\n")], { type: "image/svg+xml" }), "assets.svg");
}
