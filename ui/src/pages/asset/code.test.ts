import { expect, test } from "vitest";
import { codeLines } from "./code";

const kinds = (text: string, file = "a.py"): string[] => codeLines(text, file).flat().filter(([kind]) => kind !== "plain").map(([kind, part]) => `${kind} ${part}`);

test("python's comments, strings and keywords", () => {
  expect(kinds('@asset(name="a")\ndef returns(x):  # not def\n    return f"{x} \\" is"')).toEqual(['string "a"', "keyword def", "comment # not def", "keyword return", 'string "{x} \\" is"']);
  expect(kinds("x = 'open\ny = 'if'")).toEqual(["string 'open", "string 'if'"]);
});

test("C++'s, where a quote may be part of a number", () => {
  expect(kinds('int n = 1\'000; // "no"\nchar c = \'\\n\'; /* return\n */ auto s = R"(a"b)";', "a.cpp")).toEqual([
    "keyword int", 'comment // "no"', "keyword char", "string '\\n'", "comment /* return", "comment  */", "keyword auto", 'string R"(a"b)"',
  ]);
});

test("a text keeps its lines, those inside a string too", () => {
  const text = 'def q():\n\n    """select\n    # from\n"""\n    pass\n';
  const lines = codeLines(text, "a.py");
  expect(lines.map((line) => line.map(([, part]) => part).join("")).join("\n")).toBe(text.slice(0, -1));
  expect(lines[3]).toEqual([["string", "    # from"]]);
  expect(lines[1]).toEqual([]);
  expect(codeLines("", "a.py")).toEqual([[]]);
});
