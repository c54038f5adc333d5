import { large } from "./support/code.ts";
import { expect, test } from "./support/test.ts";

const count = 10_000;

test("ten thousand assets: drawn, filtered, panned and zoomed within the budget of a frame", async ({ page, project, daemon, headrace }) => {
  project.code(large(count));
  await daemon.start();
  await headrace.open();
  await expect(page.getByRole("application", { name: "Asset graph, 10,000 assets" })).toBeVisible({ timeout: 120_000 });

  // Cost is counted as time of the main thread in scripts, styles and painting, not as frames a second: that depends on the machine's load.
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async (): Promise<number> => (await session.send("Performance.getMetrics")).metrics.find((metric) => metric.name === "TaskDuration")!.value * 1000;
  const box = (await page.getByRole("application").boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const frames = 60;
  const frame = () => page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  for (const [what, wheel] of [["zooming in", -60], ["zooming out", 60]] as const) {
    const before = await spent();
    await page.mouse.move(x, y);
    for (let i = 0; i < frames; i++) {
      await page.mouse.wheel(0, wheel);
      await frame();
    }
    expect(((await spent()) - before) / frames, `milliseconds of the main thread a frame, ${what}`).toBeLessThan(16);
  }

  await page.keyboard.press("Control+k");
  const palette = page.getByRole("combobox");
  await palette.fill("asset_4");
  await expect(page.getByRole("option").first()).toContainText("asset_4");
  const typed = await spent();
  for (const letter of "711") {
    await page.keyboard.type(letter);
    await frame();
  }
  expect(((await spent()) - typed) / 3, "milliseconds of the main thread a letter typed into the palette").toBeLessThan(50);
  await expect(page.getByRole("option").first()).toContainText("asset_4711");
  await page.keyboard.press("Escape");

  await page.getByRole("searchbox", { name: "Filter assets" }).fill("asset_999");
  await expect(page.getByText("11 of 10,000", { exact: true })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByText("11 assets", { exact: true })).toBeVisible();
  await page.getByRole("searchbox", { name: "Filter assets" }).fill("");
  await page.getByRole("button", { name: "Tree" }).click();
  const rows = page.getByRole("tree").getByRole("treeitem");
  await expect(rows.first()).toBeVisible();
  expect(await rows.count(), "only rows in view are in the document").toBeLessThan(100);
});
