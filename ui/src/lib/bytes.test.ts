import { expect, it } from "vitest";
import { bytesText } from "./bytes";

it.each([[0, "0 bytes"], [1, "1 byte"], [999, "999 bytes"], [1000, "1.0 kB"], [3383, "3.4 kB"], [45_600, "46 kB"], [2_000_000_000, "2.0 GB"]])("says %d as %s", (bytes, text) => expect(bytesText(bytes)).toBe(text));
