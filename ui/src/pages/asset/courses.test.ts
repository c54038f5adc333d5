import { expect, it } from "vitest";
import type { Materialization } from "../../api/types";
import { courses } from "./courses";

const made = (run_number: number, metadata: object): Materialization => ({ run_number, timestamp: `t${run_number}`, metadata }) as never;
const int = (value: unknown) => ({ type: "int", value });

it("follows each number from the oldest to the newest", () => expect(courses([made(2, { n: int(5) }), made(1, { n: int(3) })])).toEqual([{ label: "n", of: 2, points: [{ run: 1, time: "t1", value: 3 }, { run: 2, time: "t2", value: 5 }] }]));
it("leaves out what is no number, and what was logged once", () =>
  expect(courses([made(2, { text: { type: "text", value: "7" }, big: int("12345678901234567890"), once: int(1) }), made(1, { text: { type: "text", value: "8" }, big: int("12345678901234567891") })])).toEqual([]));
