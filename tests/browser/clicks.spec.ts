import type { Page } from "@playwright/test";
import { failing } from "./support/code.ts";
import { moduleName } from "./support/project.ts";
import { expect, test } from "./support/test.ts";

// How many clicks each common question costs from the root page, as docs/ui.md promises. Counted where they arrive.
const clicks = (page: Page): Promise<number> => page.evaluate(() => Number(sessionStorage.getItem("clicks") ?? 0));
const restart = async (page: Page): Promise<void> => page.evaluate(() => sessionStorage.setItem("clicks", "0"));

test.beforeEach(async ({ page }) => {
  await page.addInitScript(() => addEventListener("pointerdown", () => sessionStorage.setItem("clicks", String(Number(sessionStorage.getItem("clicks") ?? 0) + 1)), true));
});

test("the clicks of common tasks", async ({ page, project, daemon, headrace }) => {
  project.useGuide(5);
  await daemon.start();
  const cost = async (task: string, most: number, work: () => Promise<void>): Promise<void> =>
    test.step(`${task}: ${most}`, async () => {
      await headrace.open();
      await headrace.graphShows(2);
      await restart(page);
      await work();
      expect(await clicks(page), task).toBe(most);
    });
  await cost("see the asset graph", 0, async () => {});
  await cost("materialize all", 1, async () => {
    await headrace.button("Materialize all").click();
    await expect(headrace.launchBar.getByText("success", { exact: true })).toBeVisible();
  });
  await cost("the live log of what was just launched", 1, async () => {
    await headrace.link("View run 1").click();
    await expect(page.getByRole("log")).toContainText("run ended");
  });
  await cost("what a step printed", 2, async () => {
    await headrace.link("View run 1").click();
    await page.getByRole("button", { name: "stdout", exact: true }).click();
    await expect(page).toHaveURL(/stream=stdout/);
  });
  await cost("path and metadata of an asset, beside the graph", 1, async () => {
    await headrace.pressAsset("setosa");
    await expect(headrace.metadata("path", headrace.panel("setosa"))).toContainText("my_data/setosa.csv");
    await expect(headrace.metadata("nrows", headrace.panel("setosa"))).toHaveText("50");
  });
  await cost("the same on the asset's page", 2, async () => {
    await headrace.pressAsset("setosa");
    await headrace.link("Open", headrace.panel("setosa")).click();
    await expect(headrace.metadata("nrows")).toHaveText("50");
  });
  const config = async (): Promise<void> => {
    await expect(page.getByRole("heading", { name: "my_io_manager", level: 1 })).toBeVisible();
    await expect(page.getByRole("row", { name: /path_prefix/ })).toContainText("DATA_PATH");
    await expect(page.getByRole("region", { name: "Used by" })).toContainText("iris_data");
  };
  await cost("a resource's config with its environment variable, and who uses it", 3, async () => {
    await headrace.link("Deployment").click();
    await page.getByRole("link", { name: /^\d+ resources?$/ }).click();
    await headrace.link("my_io_manager").click();
    await config();
  });
  await cost("the same from an asset", 2, async () => {
    await headrace.pressAsset("setosa");
    await headrace.link("my_io_manager", headrace.panel("setosa")).click();
    await config();
  });
  await cost("the same by keyboard", 0, async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").fill("my_io");
    await expect(page.getByRole("option").first()).toContainText("my_io_manager");
    await page.keyboard.press("Enter");
    await config();
  });
  for (const path of ["/", "/runs", "/runs/1", "/assets/setosa", "/deployment", `/deployment/${moduleName}`]) {
    await cost(`reload definitions on ${path}`, 1, async () => {
      await headrace.open(path);
      const { loaded_at: before } = await headrace.location();
      await headrace.button("Reload definitions").click();
      await expect.poll(async () => (await headrace.location()).loaded_at).not.toBe(before);
    });
  }
});

test("the clicks of trouble: none to see what broke a reload, one to retry", async ({ page, project, daemon, headrace }) => {
  project.code(failing);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(3);
  await headrace.materializeAllAndFail();
  await headrace.link("View run 1").click();
  await restart(page);
  await headrace.button("Retry from failure").click();
  await expect(page.getByRole("heading", { name: "Run 2", level: 1 })).toBeVisible();
  expect(await clicks(page), "retry from failure").toBe(1);

  project.code("this is no Python\n");
  await headrace.reload();
  await restart(page);
  await headrace.open();
  await expect(page.getByRole("alert").filter({ hasText: moduleName })).toContainText(/SyntaxError.*__init__\.py:1/s);
  expect(await clicks(page), "the error that broke a reload").toBe(0);
});
