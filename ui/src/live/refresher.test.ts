import { beforeEach, expect, it, vi } from "vitest";
import { Refresher } from "./refresher";

beforeEach(() => void vi.useFakeTimers());

it("runs at once, then once more for all that was asked meanwhile", async () => {
  const done: (() => void)[] = [];
  const refresh = vi.fn(() => new Promise<void>((resolve) => done.push(resolve)));
  const refresher = new Refresher(refresh, 60);
  refresher.mark("a");
  expect(refresh).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 100; i++) refresher.mark("a");
  done[0]!();
  await vi.advanceTimersByTimeAsync(1);
  expect(refresh).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(refresh).toHaveBeenCalledTimes(2);
  done[1]!();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(refresh).toHaveBeenCalledTimes(2);
  refresher.mark("a");
  expect(refresh).toHaveBeenCalledTimes(3);
});

it("goes on after a failure", async () => {
  const refresh = vi.fn(async () => { throw new Error("away"); });
  const refresher = new Refresher(refresh, 10);
  refresher.mark("a");
  refresher.mark("a");
  await vi.advanceTimersByTimeAsync(100);
  expect(refresh).toHaveBeenCalledTimes(2);
});
