import { expect, it } from "vitest";
import { ago, between, millis, span } from "./time";

it.each([[0.2, "< 1 ms"], [12.4, "12 ms"], [999, "999 ms"], [1240, "1.24 s"], [59_900, "59.9 s"], [185_000, "3 min 05 s"], [3_780_000, "1 h 03 min"], [-1, "–"], [NaN, "–"]])("says %d ms as %s", (ms, text) => expect(span(ms)).toBe(text));

it.each([[0, "just now"], [4_000, "just now"], [-3_000, "just now"], [42_000, "42 sec. ago"], [61_000, "1 min. ago"], [7_300_000, "2 hr. ago"], [90_000_000, "1 day ago"]])("says %d ms later as %s", (later, text) => expect(ago(1_000_000, 1_000_000 + later)).toBe(text));

it("keeps microseconds", () => {
  expect(millis("2026-01-02T03:04:05.000250Z")).toBeCloseTo(Date.UTC(2026, 0, 2, 3, 4, 5) + 0.25, 3);
  expect(between("2026-01-02T03:04:05.000000Z", "2026-01-02T03:04:05.001500Z")).toBeCloseTo(1.5, 2);
  expect(between("2026-01-02T03:04:05Z", null)).toBeNull();
});
