import { expect, it } from "vitest";
import { keyFromText, keyText } from "./keys";

it.each([[["a"], "a"], [["a", "b"], "a/b"], [["a/b", "c"], "a\\/b/c"], [["a\\", "b"], "a\\\\/b"], [["a\\/b"], "a\\\\\\/b"]])("writes %j as %s and reads it again", (key, text) => {
  expect(keyText(key)).toBe(text);
  expect(keyFromText(text)).toEqual(key);
});
