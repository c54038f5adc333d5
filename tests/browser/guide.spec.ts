import { existsSync } from "node:fs";
import { join } from "node:path";
import { moduleName } from "./support/project.ts";
import { expect, test } from "./support/test.ts";

test("the guide, as a person lives it: one folder, edited from step 1 to 5, under one running daemon", async ({ page, project, daemon, headrace }) => {
  project.useGuide(1);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(2);

  await test.step("1: the filesystem IO manager", async () => {
    await headrace.materializeAll(1);
    await headrace.clickAsset("setosa");
    await expect(headrace.metadata("path", headrace.panel("setosa"))).toContainText("my_data/setosa");
    await headrace.clickAsset("iris_data");
    await expect(headrace.metadata("path", headrace.panel("iris_data"))).toContainText("my_data/iris_data");
    expect(existsSync(join(project.folder, "my_data/setosa"))).toBe(true);
  });

  await test.step("2: an IO manager of one's own, whose path is seen although it logs none", async () => {
    project.useGuide(2);
    await headrace.reload();
    await page.keyboard.press("Escape");
    await headrace.materializeAll(2);
    await headrace.clickAsset("setosa");
    const path = headrace.metadata("path", headrace.panel("setosa"));
    await expect(path).toContainText("setosa.csv");
    await expect(path).toContainText("observed");
    await expect(headrace.link("my_io_manager", headrace.panel("setosa"))).toBeVisible();
    expect(project.read("setosa.csv").split("\n").length).toBe(52);
  });

  await test.step("3: a path prefix", async () => {
    project.useGuide(3);
    await headrace.reload();
    await page.keyboard.press("Escape");
    await headrace.materializeAll(3);
    await headrace.clickAsset("setosa");
    await expect(headrace.metadata("path", headrace.panel("setosa"))).toContainText("my_data/setosa.csv");
    await headrace.link("my_io_manager", headrace.panel("setosa")).click();
    await expect(page.getByRole("row", { name: /path_prefix/ })).toContainText("my_data/");
  });

  await test.step("4: the prefix from an environment variable, whose name the deployment shows", async () => {
    project.useGuide(4);
    await headrace.link("Deployment").click();
    await headrace.reload();
    await headrace.link(moduleName).click();
    await headrace.link("Resources").click();
    await headrace.link("my_io_manager").click();
    await expect(page.getByRole("heading", { name: "my_io_manager", level: 1 })).toBeVisible();
    const row = page.getByRole("row", { name: /path_prefix/ });
    await expect(row).toContainText("DATA_PATH");
    await expect(row).toContainText("env var");
    await expect(row.getByText("set", { exact: true })).toBeVisible();
    await expect(page.getByRole("main")).not.toContainText("my_data/");
    await expect(page.getByRole("region", { name: "Used by" })).toContainText("iris_data");
    await expect(page.getByRole("region", { name: "Used by" })).toContainText("setosa");
    await headrace.link("Assets").click();
    await headrace.materializeAll(4);
  });

  await test.step("5: metadata of one's own", async () => {
    project.useGuide(5);
    await headrace.reload();
    await headrace.materializeAll(5);
    await headrace.clickAsset("iris_data");
    await expect(headrace.metadata("nrows", headrace.panel("iris_data"))).toHaveText("150");
    await expect(headrace.metadata("path", headrace.panel("iris_data"))).toContainText("my_data/iris_data.csv");
    await headrace.clickAsset("setosa");
    await expect(headrace.metadata("nrows", headrace.panel("setosa"))).toHaveText("50");
    await headrace.link("Open", headrace.panel("setosa")).click();
    await expect(headrace.metadata("nrows")).toHaveText("50");
    await expect(page.getByRole("table", { name: "History" }).getByRole("row")).toHaveCount(6);
    await expect(page.getByRole("region", { name: "Definition" })).toContainText(/my_assets\.py:\d+/);
  });

  await test.step("a restart: the page says so, heals, and history and files are still there", async () => {
    await daemon.stop();
    await expect(page.getByText("The daemon is away.")).toBeVisible();
    await daemon.start();
    await expect(page.getByText("The daemon is away.")).toBeHidden();
    await expect(page.getByRole("table", { name: "History" }).getByRole("row")).toHaveCount(6);
    await page.reload();
    await expect(page.getByRole("table", { name: "History" }).getByRole("row")).toHaveCount(6);
    await expect(headrace.metadata("nrows")).toHaveText("50");
    expect(project.read("my_data/setosa.csv").split("\n").length).toBe(52);
    await headrace.link("Runs").click();
    await expect(page.getByRole("table", { name: "Runs" }).getByRole("row")).toHaveCount(6);
    await headrace.link("Assets").click();
    await headrace.materializeAll(6);
  });
});
