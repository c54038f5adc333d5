import { expect, it } from "vitest";
import { keyFromText, keyText, selectionOf } from "./keys";

it.each([[["a"], "a"], [["a", "b"], "a/b"], [["a/b", "c"], "a\\/b/c"], [["a\\", "b"], "a\\\\/b"], [["a\\/b"], "a\\\\\\/b"]])("writes %j as %s and reads it again", (key, text) => {
  expect(keyText(key)).toBe(text);
  expect(keyFromText(text)).toEqual(key);
});

it("quotes names in selections where they need it", () => expect(selectionOf(["a/b", "my notes", "and"])).toBe('a/b, "my notes", "and"'));
