import { expect, it } from "vitest";
import { asList, asText, parseSearch, stringifySearch } from "./search";

it("writes lists as repeated parameters and leaves out what is empty", () => expect(stringifySearch({ q: "a b", sel: ["x/y", "z"], none: undefined, empty: "" })).toBe("?q=a+b&sel=x/y&sel=z"));
it("reads them again", () => expect(parseSearch("?q=a+b&sel=x/y&sel=z")).toEqual({ q: "a b", sel: ["x/y", "z"] }));
it("keeps numbers and JSON as text", () => expect(parseSearch("?q=42&w={}")).toEqual({ q: "42", w: "{}" }));
it("takes one or many", () => expect([asList("a"), asList(["a", "b"]), asList(undefined), asText(["a", "b"]), asText("")]).toEqual([["a"], ["a", "b"], [], "a", undefined]));
