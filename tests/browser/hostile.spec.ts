import { hostile, hostileText } from "./support/code.ts";
import { expect, test } from "./support/test.ts";

test("whatever user code says is text: nothing runs, nothing loads, nothing leads away", async ({ page, project, daemon, headrace }) => {
  project.code(hostile);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(3);
  await headrace.materializeAllAndFail();

  await headrace.open("/assets/sender");
  await expect(headrace.metadata("path 0")).toContainText(hostileText[0]!);
  await expect(headrace.metadata("path 3")).toContainText("⟨U+202E⟩gnp.exe");
  await expect(headrace.metadata("path 4"), "no terminal codes").toHaveText(/^red/);
  await expect(headrace.metadata("md 0")).toContainText("<img src=x");
  await expect(page.getByRole("main").locator("img, iframe, object, embed, script")).toHaveCount(0);
  const links = await page.getByRole("main").getByRole("link").evaluateAll((all) => all.map((a) => (a as HTMLAnchorElement).protocol));
  expect(new Set(links)).toEqual(new Set(["http:"]));

  await headrace.open("/runs/1");
  await expect(page.getByRole("region", { name: "Failures" })).toContainText(`RuntimeError: ${hostileText[0]}`);
  for (const stream of ["stdout", "stderr", "log"]) {
    await headrace.open(`/runs/1?stream=${stream}`);
    await expect(page.getByRole("log")).toContainText(hostileText[1]!);
    await expect(page.getByRole("log")).toContainText("⟨U+202E⟩gnp.exe");
    await expect(page.getByRole("log")).not.toContainText("[31m");
  }
  await expect(page.getByRole("main").locator("img, iframe, object, embed, script")).toHaveCount(0);
  await page.setViewportSize({ width: 360, height: 740 });
  const long = `long_${"x".repeat(295)}`;
  for (const path of [`/?sel=${long}`, "/?view=tree", `/assets/${long}`, "/runs", `/runs/1?step=${long}`]) {
    await headrace.open(path);
    await expect(page.getByRole("heading").first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(360);
  }
  expect(await page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
});
