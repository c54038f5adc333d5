import type { Materialization } from "../../api/types";
import { ordered, type AnyValue } from "../../metadata/value";

export interface Point { run: number; time: string; value: number }
/** A label's numbers, from the oldest that was read to the newest; `of`: how many materializations were looked at. */
export interface Course { label: string; of: number; points: Point[] }

/** Those with two points or more, in the order in which the metadata is shown. */
export function courses(history: Materialization[]): Course[] {
  const byLabel = new Map<string, Point[]>();
  for (const item of [...history].reverse()) {
    for (const [label, { type, value }] of ordered(item.metadata as Record<string, AnyValue>)) {
      if ((type !== "int" && type !== "float") || typeof value !== "number") continue;
      const points = byLabel.get(label) ?? [];
      points.push({ run: item.run_number, time: item.timestamp, value });
      byLabel.set(label, points);
    }
  }
  return [...byLabel].filter(([, points]) => points.length > 1).map(([label, points]) => ({ label, of: history.length, points }));
}
