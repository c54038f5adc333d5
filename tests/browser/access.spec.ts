import { expectAccessible } from "./support/axe.ts";
import { failing } from "./support/code.ts";
import { moduleName } from "./support/project.ts";
import { expect, test } from "./support/test.ts";

test("axe finds nothing on any page, light and dark", async ({ page, project, daemon, headrace }) => {
  project.code(failing);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(3);
  await headrace.materializeAllAndFail();
  await headrace.button("Materialize all").click();
  await expect(headrace.link("Run 2", headrace.launchBar)).toBeVisible();
  await expect(headrace.launchBar.getByText("failed", { exact: true })).toBeVisible();
  const pages: Record<string, string> = {
    "/": "Assets", "/?sel=good": "Assets", "/?view=tree&sel=bad": "Assets", "/assets/good": "good", "/assets/after": "after", "/runs": "Runs", "/runs?status=success": "No run is like that", "/runs/1": "Run 1",
    "/deployment": "Deployment", [`/deployment/${moduleName}`]: moduleName, [`/deployment/${moduleName}/resources`]: "Resources", [`/deployment/${moduleName}/resources/io_manager`]: "io_manager",
    "/assets/none": "is not here", "/nowhere": "There is no such page",
  };
  for (const [path, heading] of Object.entries(pages)) {
    await headrace.open(path);
    await expect(page.getByRole("heading", { name: heading }).first()).toBeVisible();
    if (path === "/assets/good") {
      await expect(page.getByRole("figure", { name: "Plot of bytes" }).locator("canvas")).toBeVisible();
      await expect(page.getByRole("region", { name: "Preview", exact: true })).toContainText("pickle");
      await page.getByRole("region", { name: "Definition" }).scrollIntoViewIfNeeded();
      await expect(page.getByRole("region", { name: "Source code" })).toContainText("def good():");
    }
    await expectAccessible(page, path);
  }
  await headrace.open("/");
  await headrace.graphShows(3);
  await headrace.button("Launch with config").click();
  await expect(page.getByRole("dialog")).toContainText("3 steps");
  await expectAccessible(page, "the launch form");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("option").first()).toBeVisible();
  await expectAccessible(page, "the palette");
  await page.keyboard.press("Escape");
  project.code("this is no Python\n");
  await headrace.open("/deployment");
  await headrace.reload();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await expectAccessible(page, "a failed reload");
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await expectAccessible(page, "the help");
  await page.keyboard.press("Escape");
  await daemon.stop();
  await expect(page.getByText("The daemon is away.")).toBeVisible();
  await expectAccessible(page, "a daemon that is away");
});
