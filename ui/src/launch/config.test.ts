import { expect, it } from "vitest";
import { configOf, typedOf, valueOf } from "./config";

const field = (name: string, type: string, is_secret = false) => ({ name, type, is_secret }) as never;

it("reads each type of field", () => {
  expect([valueOf(field("n", "int"), "12"), valueOf(field("x", "float"), "0.5"), valueOf(field("s", "string"), "12"), valueOf(field("b", "bool"), "true"), valueOf(field("l", "list"), "[1]"), valueOf(field("a", "any"), "text"), valueOf(field("k", "string", true), "KEY")])
    .toEqual([12, 0.5, "12", true, [1], "text", { env: "KEY" }]);
});
it.each([["int", "1.5", "a whole number"], ["int", "x", "a whole number"], ["float", "x", "a number"], ["object", "{", "JSON"]])("says what is wrong with a %s", (type, text, says) => expect(() => valueOf(field("n", type), text)).toThrow(`n has to be ${says}`));
it("makes a run config of what was typed, and gives it again", () => {
  const fields = () => [field("rows", "int"), field("store.place", "string"), field("left", "int")];
  const config = configOf({ orders: { rows: "5", "store.place": "here", left: "" }, empty: {} }, fields);
  expect(config).toEqual({ ops: { orders: { config: { rows: 5, store: { place: "here" } } } } });
  expect(typedOf(config)).toEqual({ orders: { rows: "5", "store.place": "here" } });
  expect(configOf({}, fields)).toEqual({});
});
