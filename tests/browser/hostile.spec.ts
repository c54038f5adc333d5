import { hostile, hostileText } from "./support/code.ts";
import { expect, test } from "./support/test.ts";

test("whatever user code says is text: nothing runs, nothing loads, nothing leads away", async ({ page, project, daemon, headrace }) => {
  project.code(hostile);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(2);
  await headrace.button("Materialize all").click();
  await expect(headrace.launchBar.getByText("failed", { exact: true })).toBeVisible();

  await headrace.open("/assets/sender");
  await expect(headrace.metadata("path 0")).toContainText(hostileText[0]!);
  await expect(headrace.metadata("path 3")).toContainText("⟨U+202E⟩gnp.exe");
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
  }
  await expect(page.getByRole("main").locator("img, iframe, object, embed, script")).toHaveCount(0);
  expect(await page.evaluate(() => (window as unknown as { pwned?: number }).pwned)).toBeUndefined();
});
