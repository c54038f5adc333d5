import { measured } from "./support/code.ts";
import { expect, test } from "./support/test.ts";

test("an asset's page: first rows of its value, its numbers over the runs, what stores it", async ({ page, project, daemon, headrace }) => {
  project.code(measured);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(3);
  for (const run of [1, 2, 3]) await headrace.materializeAll(run);

  await test.step("a table that an IO manager of one's own stored", async () => {
    await headrace.open("/assets/cities");
    const rows = page.getByRole("table", { name: "Preview" }).getByRole("row");
    await expect(rows).toHaveText([/city string.*people int64.*share double/, /Bern.*134591.*0.25/, /<b>Basel<\/b>.*173863/]);
    await expect(page.getByRole("region", { name: "Preview", exact: true })).toContainText("3 columns · 2 rows");
    await headrace.link("cities in the graph").click();
    await expect(headrace.panel("cities")).toBeVisible();
    await page.goBack();
    const manager = page.getByRole("region", { name: "IO manager" });
    await expect(page.getByRole("region", { name: "Metadata" }).getByRole("link", { name: "log", exact: true })).toHaveAttribute("href", "/runs/3?step=cities");
    await expect(headrace.link("csv", manager)).toBeVisible();
    await expect(manager.getByRole("row", { name: /folder/ })).toContainText("data");
  });
  await test.step("a pickle is described and not opened", async () => {
    await headrace.open("/assets/pickled");
    await expect(page.getByRole("region", { name: "Preview", exact: true })).toContainText("which only its own code opens");
  });
  await test.step("numbers: the change against last time, and plots whose points are runs", async () => {
    await headrace.open("/assets/counted");
    await expect(page.getByRole("table", { name: "Metadata", exact: true }).getByRole("row", { name: /size/ })).toContainText("+1");
    await expect(page.getByRole("img", { name: /size over the last 3 materializations, from 1 to 3/ })).toBeVisible();
    const plot = page.getByRole("figure", { name: "Plot of size" }).locator(".u-over");
    const box = (await plot.boundingBox())!;
    // Three points, evenly over 2.6 units that begin 0.3 before the first: the one in the middle is run 2.
    await plot.hover({ position: { x: box.width / 2, y: box.height / 2 } });
    await expect(page.getByText(/Run 2 · 2 ·/)).toBeVisible();
    await plot.click({ position: { x: box.width / 2, y: box.height / 2 } });
    await expect(page.getByRole("heading", { name: "Run 2", level: 1 })).toBeVisible();
  });
});
