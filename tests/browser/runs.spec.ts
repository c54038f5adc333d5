import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { chatty, configured, longWinded, prompted } from "./support/code.ts";
import { expect, test } from "./support/test.ts";

test("a hundred thousand lines: found, linked to, and only those in view in the document", async ({ page, project, daemon, headrace }) => {
  project.code(longWinded);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(1);
  await headrace.materializeAll(1);
  await headrace.open("/runs/1?stream=stdout");
  const log = page.getByRole("log");
  await expect(page.getByText("100,001 lines", { exact: true })).toBeVisible();
  await expect(log).toContainText("see https://example.org/a?b=c.");
  await expect(headrace.link("https://example.org/a?b=c", log)).toHaveAttribute("rel", /noopener/);
  const rows = log.locator(".log-row");
  expect(await rows.count(), "only lines in view are in the document").toBeLessThan(100);

  await page.getByRole("searchbox", { name: "Search the log" }).fill("line 4711");
  await expect(page.getByText("11 lines", { exact: true })).toBeVisible();
  await expect(rows.first().locator("mark")).toHaveText("line 4711");
  await rows.first().hover();
  await rows.first().getByRole("link", { name: "Link to this line" }).click();
  await expect(page).toHaveURL(/line=stdout\.1\.4712\.talker/);
  await page.getByRole("searchbox", { name: "Search the log" }).fill("");
  await page.reload();
  await expect(log.locator("[aria-current=true]")).toContainText("line 4711 of many");
  await expect(log.locator("[aria-current=true]")).toBeInViewport();
  await headrace.button("To the end").click();
  await expect(log).toContainText("line 99999 of many");

  await test.step("the files of old runs are removed: then that is said", async () => {
    project.delete(".headrace/runs/1");
    await headrace.open("/runs/1");
    await expect(page.getByText("is not kept any more")).toBeVisible();
    await expect(log).toContainText("run ended");
  });
});

test("a log that goes on can be paused: the place stays, and what waits is counted", async ({ page, project, daemon, headrace }) => {
  project.code(prompted);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(1);
  await headrace.button("Materialize all").click();
  await headrace.link("Run 1", headrace.launchBar).click();
  const log = page.getByRole("log");
  await expect(log).toContainText("first word");
  await headrace.button("Pause").click();
  appendFileSync(join(project.folder, "gate"), "this\nthat\n");
  const goOn = page.getByRole("button", { name: /^Go on: \d+ lines wait$/ });
  await expect(goOn).toBeVisible();
  await expect(log).not.toContainText("heard");
  await goOn.click();
  await expect(log).toContainText("heard that");
  await expect(log).toContainText("run ended");
});

test("launching with config, and again with changes", async ({ page, project, daemon, headrace }) => {
  project.code(configured);
  await daemon.start();
  await headrace.open("/?sel=reader");
  await headrace.graphShows(2);
  await page.getByRole("button", { name: "Launch with config" }).click();
  const dialog = page.getByRole("dialog", { name: "Launch a run" });
  await expect(dialog).toContainText("1 step");
  const rows = dialog.getByLabel(/rows/);
  await expect(rows).toHaveAttribute("placeholder", "100");
  await rows.fill("many");
  await expect(dialog.getByRole("alert")).toContainText("rows has to be a whole number");
  await rows.fill("7");
  await headrace.button("Launch").click();
  await expect(dialog).toBeHidden();
  await expect(headrace.launchBar.getByText("success", { exact: true })).toBeVisible();
  await headrace.link("View run 1").click();
  await expect(page.getByRole("log")).toContainText("read 7 rows from here");

  await headrace.button("Run with changes …").click();
  await expect(rows).toHaveValue("7");
  await dialog.getByLabel(/place/).fill("there");
  await dialog.getByLabel("Selection").fill("nobody");
  await expect(dialog).toContainText("nobody");
  await dialog.getByLabel("Selection").fill("*");
  await expect(dialog).toContainText("2 steps");
  await headrace.button("Launch").click();
  await expect(headrace.link("Run 2", headrace.launchBar)).toBeVisible();
  await headrace.link("View run 2").click();
  await expect(page.getByRole("log")).toContainText("read 7 rows from there");

  await test.step("attempts are told apart", async () => {
    await expect(page.getByRole("log")).toContainText("this is try 1");
    const steps = page.getByRole("region", { name: "Steps" });
    await expect(steps.getByRole("button", { name: /second_time attempt 2/ })).toBeVisible();
    await expect(steps.getByTitle(/^Attempt 1: failed, /)).toBeVisible();
    await page.getByLabel("Attempt").selectOption("1");
    await expect(page.getByRole("log")).toContainText("this is try 0");
    await expect(page.getByRole("log")).not.toContainText("this is try 1");
    await expect(page).toHaveURL(/attempt=1/);
  });
});

test("the runs' filters stand in the address, and keys retry", async ({ page, project, daemon, headrace }) => {
  project.code(chatty);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(2);
  await headrace.materializeAll(1);
  await headrace.open("/?sel=first");
  await headrace.button("Materialize selected").click();
  await expect(headrace.link("Run 2", headrace.launchBar)).toBeVisible();
  await headrace.link("Runs").click();
  const rows = page.getByRole("table", { name: "Runs" }).locator("tbody").getByRole("row");
  await expect(rows).toHaveCount(2);
  await page.getByRole("combobox", { name: "Only runs of an asset" }).fill("second");
  await expect(rows).toHaveCount(1);
  await expect(page).toHaveURL(/asset=second/);
  await page.reload();
  await expect(rows).toHaveCount(1);
  await expect(page.getByRole("combobox", { name: "Only runs of an asset" })).toHaveValue("second");
  await page.keyboard.press("j");
  await page.keyboard.press("r");
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText("Run 3");
  await page.getByLabel("Status").selectOption("failure");
  await expect(page.getByRole("heading", { name: "No run is like that" })).toBeVisible();
});
