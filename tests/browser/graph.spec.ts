import { readFileSync } from "node:fs";
import { chatty } from "./support/code.ts";
import { expect, test } from "./support/test.ts";

test.beforeEach(async ({ project, daemon, headrace }) => {
  project.code(chatty);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(2);
});

test("the filter reads the selection language, as the command line does", async ({ page, headrace }) => {
  const filter = page.getByRole("searchbox", { name: "Filter assets" });
  await filter.fill("+second and not second");
  await expect(page.getByText("1 of 2", { exact: true })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(headrace.panel("first")).toBeVisible();
  await filter.fill("secnd+");
  await expect(page.getByRole("alert")).toContainText("secnd");
  await expect(filter).toHaveAttribute("aria-invalid", "true");
  await filter.fill("");
  await expect(page.getByRole("alert")).toBeHidden();
});

test("a frame drawn around cards selects them", async ({ page, headrace }) => {
  const canvas = (await page.getByRole("application").boundingBox())!;
  await page.keyboard.down("Shift");
  await page.mouse.move(canvas.x + 10, canvas.y + 10);
  await page.mouse.down();
  await page.mouse.move(canvas.x + canvas.width - 10, canvas.y + canvas.height - 10, { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await expect(page.getByText("2 assets", { exact: true })).toBeVisible();
  await expect(headrace.button("Materialize selected")).toBeVisible();
});

test("groups close and open, and the address knows", async ({ page, headrace }) => {
  await expect(headrace.button("first")).toBeAttached();
  const name = await headrace.place(({ groups }) => { const group = groups.find((each) => each.name === "raw")!; return { x: group.x + 20, y: group.y + 15 }; });
  await page.mouse.click(name.x, name.y);
  await expect(page).toHaveURL(/closed=raw/);
  await expect(headrace.button("first")).not.toBeAttached();
  await expect(headrace.button("second")).toBeAttached();
  await page.reload();
  await headrace.graphShows(2);
  await expect(headrace.button("first")).not.toBeAttached();
  await headrace.button("Fit into view").click();
  const box = await headrace.place(({ groups }) => { const group = groups.find((each) => each.name === "raw")!; return { x: group.x + group.width / 2, y: group.y + group.height / 2 }; }, "?closed=raw");
  await page.mouse.click(box.x, box.y);
  await expect(page).not.toHaveURL(/closed/);
  await expect(headrace.button("first")).toBeAttached();
});

test("the graph can be saved as a drawing and as an image", async ({ page, headrace }) => {
  const saved = async (button: string): Promise<[string, Buffer]> => {
    const [download] = await Promise.all([page.waitForEvent("download"), headrace.button(button).click()]);
    return [download.suggestedFilename(), readFileSync(await download.path())];
  };
  const [svgName, svg] = await saved("SVG");
  expect(svgName).toBe("assets.svg");
  for (const text of ["<svg", ">first<", ">second<", ">raw<", "never materialized"]) expect(svg.toString()).toContain(text);
  const [pngName, png] = await saved("PNG");
  expect(pngName).toBe("assets.png");
  expect(png.subarray(1, 4).toString()).toBe("PNG");
  expect(png.length).toBeGreaterThan(2000);
});

test("zoomed in, a small map shows where one is and leads elsewhere", async ({ page, headrace }) => {
  const map = page.locator(".graph-map");
  await expect(map).toBeHidden();
  for (let i = 0; i < 4; i++) await headrace.button("Zoom in").click();
  await expect(map).toBeVisible();
  const box = (await map.boundingBox())!;
  const before = await page.locator(".graph-overlay").getAttribute("style");
  await page.mouse.click(box.x + box.width - 12, box.y + box.height / 2);
  await expect.poll(() => page.locator(".graph-overlay").getAttribute("style")).not.toBe(before);
  await headrace.button("Fit into view").click();
  await expect(map).toBeHidden();
});
