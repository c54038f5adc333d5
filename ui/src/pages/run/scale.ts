import { span } from "../../lib/time";

/** A round step of which four to ten go into a span of milliseconds. */
export function stepOf(total: number): number {
  const sizes = total < 60_000 ? [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000] : [15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 86_400_000];
  return sizes.find((size) => total / size <= 6) ?? total / 4;
}
/** The marks of a scale over that span, the last one well before its end. */
export function ticksOf(total: number): number[] {
  const step = stepOf(total);
  return Array.from({ length: Math.ceil(total / step - 0.25) }, (_, i) => i * step);
}
export const tickText = (ms: number): string => (ms === 0 ? "0" : ms < 1000 ? `${ms} ms` : ms < 60_000 ? `${ms / 1000} s` : span(ms));
