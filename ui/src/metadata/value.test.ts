import { describe, expect, it } from "vitest";
import { brief, difference, numberText, ordered } from "./value";

describe("numberText", () => {
  it("does not lose digits beyond 2^53", () => expect(numberText("-123456789012345678901")).toBe("-123,456,789,012,345,678,901"));
  it("writes what is no number as it is", () => expect([numberText("NaN"), numberText("-Infinity"), numberText(0.5), numberText(1e21)]).toEqual(["NaN", "-Infinity", "0.5", "1,000,000,000,000,000,000,000"]));
});

it("puts the path first, then numbers", () => {
  const metadata = { note: { type: "text", value: "x" }, nrows: { type: "int", value: 1 }, other: { type: "path", value: "b" }, path: { type: "path", value: "a" } };
  expect(ordered(metadata).map(([label]) => label)).toEqual(["path", "other", "nrows", "note"]);
});

it("tells by how much numbers differ, and whether others do", () => {
  const of = (value: unknown, type = "int") => ({ type, value });
  expect([difference(of(53), of(50)), difference(of(50), of(50)), difference(of(0.1), of(0.3)), difference(undefined, of(1))]).toEqual(["+3", "±0", "−0.2", null]);
  expect([difference(of("a", "path"), of("a", "path")), difference(of("b", "path"), of("a", "path")), difference(of({ a: [1] }, "json"), of({ a: [1] }, "json")), difference(of("NaN", "float"), of(1, "float"))]).toEqual([null, "changed", null, "changed"]);
  expect([difference(of(2, "timestamp"), of(1, "timestamp")), difference(of("a", "text"), undefined)]).toEqual([null, null]);
});

it.each([
  [{ type: "asset", value: ["a", "b"] }, "a/b"], [{ type: "table", value: { records: [{}, {}] } }, "table of 2 rows"], [{ type: "json", value: { a: 1 } }, '{"a":1}'], [{ type: "null" }, "null"], [{ type: "bool", value: true }, "true"],
])("says %j in a line", (value, text) => expect(brief(value)).toBe(text));
