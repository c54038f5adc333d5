import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../../app/theme";
import { fullTime, millis } from "../../lib/time";
import type { Course } from "./courses";

const height = 150;
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 4 });

/** The course as a line; under the pointer its nearest point says its run, time and value. */
export function Plot({ course, open }: { course: Course; open: (run: number) => void }) {
  const place = useRef<HTMLDivElement>(null);
  const handler = useRef(open);
  handler.current = open;
  const { choice, isDark } = useTheme();
  useEffect(() => {
    const { points } = course, at = place.current!;
    const color = (token: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${token}`).trim();
    const resolved = (token: string): string => {
      at.style.color = color(token);
      const value = getComputedStyle(at).color;
      at.style.color = "";
      return value;
    };
    const [line, grid, text] = [resolved("accent"), resolved("line"), resolved("fg-faint")];
    const font = `11px ${getComputedStyle(at).fontFamily}`;
    const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false } };
    const note = document.createElement("div");
    note.className = "plot-note";
    const plot = new uPlot({
      width: at.clientWidth, height, legend: { show: false }, padding: [10, 12, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 9 } },
      scales: { x: { time: false, range: [-0.3, points.length - 0.7] } },
      axes: [
        { ...axis, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500], size: 26, values: (_, splits) => splits.map((i) => (Number.isInteger(i) && points[i] ? `#${points[i].run}` : "")) },
        { ...axis, size: 52, space: 34, values: (_, splits) => splits.map((value) => short.format(value)) },
      ],
      series: [{}, { stroke: line, width: 1.6, points: { show: points.length <= 60, size: 6, fill: line } }],
      hooks: { setCursor: [(self) => {
        const point = points[self.cursor.idx ?? -1];
        note.hidden = !point;
        if (!point) return;
        note.textContent = `Run ${point.run} · ${point.value.toLocaleString("en-US", { maximumSignificantDigits: 9 })} · ${fullTime(millis(point.time))}`;
        const left = self.valToPos(self.cursor.idx!, "x");
        note.style.left = `${Math.max(0, Math.min(left - note.offsetWidth / 2, self.over.clientWidth - note.offsetWidth))}px`;
      }] },
    }, [points.map((_, i) => i), points.map((point) => point.value)], at);
    plot.over.append(note);
    note.hidden = true;
    plot.over.addEventListener("click", () => {
      const point = points[plot.cursor.idx ?? -1];
      if (point) handler.current(point.run);
    });
    const resizes = new ResizeObserver(() => plot.setSize({ width: at.clientWidth, height }));
    resizes.observe(at);
    return () => { resizes.disconnect(); plot.destroy(); };
  }, [course, choice, isDark]);
  return <div ref={place} className="plot-canvas" />;
}
