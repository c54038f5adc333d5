import { expect, test } from "./support/test.ts";

const code = `from dagster import asset

# What comes first.
@asset
def orders():
    "All <b>orders</b>"
    return [
        1,
    ]

${"# more\n".repeat(100)}
@asset
def last(orders): return orders
`;

test("an asset's page shows the code of its definition, and says when it is not what runs", async ({ page, project, daemon, headrace }) => {
  project.code(code);
  await daemon.start();
  await headrace.loaded();
  const place = "my_dagster_code_location/__init__.py:4";
  const source = page.getByRole("region", { name: "Source code" });
  const line = (number: number) => source.locator(`[data-line="${number}"]`);

  await test.step("a click on its place leads to the function, with its decorator", async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await headrace.open("/assets/orders");
    await headrace.link(place).click();
    await expect(page.getByRole("region", { name: "Definition" })).toBeInViewport();
    await expect(line(4)).toHaveText("@asset");
    await expect(line(6)).toHaveText('    "All <b>orders</b>"');
    await expect(source.locator(".defined")).toHaveCount(6);
    await expect(source.locator("[aria-current]")).toHaveText("@asset");
    await expect(line(13)).toHaveCount(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
  await test.step("more lines by the keyboard, what is copied has no numbers", async () => {
    await headrace.button("More lines").press("Enter");
    await expect(line(59)).toBeVisible();
    await headrace.button("More lines").press("Enter");
    await expect(line(113)).toHaveText("def last(orders): return orders");
    await expect(headrace.button("More lines")).toHaveCount(0);
    await source.focus();
    await source.press("End");
    await expect(line(113)).toBeInViewport();
    const text = await source.evaluate((frame) => { getSelection()!.selectAllChildren(frame); return String(getSelection()); });
    expect(text.trimEnd()).toBe(code.trimEnd());
  });
  await test.step("a file that changed", async () => {
    const notice = page.getByText(/The file was changed/);
    await expect(notice).toHaveCount(0);
    project.code(`# A new line.\n${code}`);
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.reload();
    await expect(notice).toBeVisible();
    await headrace.reload();
    await expect(notice).toHaveCount(0);
    await expect(line(5)).toHaveText("@asset");
  });
  await test.step("a file that is gone", async () => {
    project.delete("my_dagster_code_location");
    await page.reload();
    await expect(page.getByText(/There is no file .*__init__\.py on this machine/)).toBeVisible();
    await expect(source).toHaveCount(0);
  });
});
