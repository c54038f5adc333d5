import { expect, it } from "vitest";
import { stepOf, ticksOf, tickText } from "./scale";

it.each([
  [4, ["0", "1 ms", "2 ms", "3 ms"]], [11_000, ["0", "2 s", "4 s", "6 s", "8 s", "10 s"]], [430, ["0", "100 ms", "200 ms", "300 ms", "400 ms"]], [2600, ["0", "500 ms", "1 s", "1.5 s", "2 s"]],
  [200_000, ["0", "1 min 00 s", "2 min 00 s", "3 min 00 s"]],
])("marks a span of %d ms", (total, texts) => expect(ticksOf(total).map(tickText)).toEqual(texts));

it("has between three and eight marks on any span, the last not at its very end", () => {
  for (let total = 2; total < 1e9; total *= 1.07) {
    const ticks = ticksOf(total);
    expect(ticks.length, `${total}`).toBeGreaterThanOrEqual(2);
    expect(ticks.length, `${total}`).toBeLessThanOrEqual(8);
    expect(total - ticks.at(-1)!).toBeGreaterThanOrEqual(0.2 * stepOf(total));
  }
});
