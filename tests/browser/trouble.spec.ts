import { endings, endsBadly, failing, retrying, slow, unloadable } from "./support/code.ts";
import { moduleName } from "./support/project.ts";
import { expect, test } from "./support/test.ts";

test("a reload that fails: file and line on every page, the traceback, and the last good definitions go on", async ({ page, project, daemon, headrace }) => {
  project.useGuide(5);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(2);
  const good = project.read(`${moduleName}/my_assets.py`);
  project.write(`${moduleName}/my_assets.py`, good.replace('pd.read_csv("iris.csv")', 'pd.read_csv("iris.csv"'));
  await headrace.reload();

  const banner = page.getByRole("alert").filter({ hasText: moduleName });
  await expect(banner).toContainText("could not be reloaded");
  await expect(banner).toContainText("SyntaxError");
  await expect(banner).toContainText(/my_assets\.py:\d+/);
  await headrace.link("Runs").click();
  await expect(banner).toBeVisible();
  await headrace.link("Traceback", banner).click();
  const card = page.getByRole("article", { name: `Code location ${moduleName}` });
  await expect(card).toContainText("The last reload failed.");
  await expect(card).toContainText("Traceback (most recent call last)");
  await headrace.link("Assets").click();
  await headrace.materializeAll(1);

  project.write(`${moduleName}/my_assets.py`, good);
  await headrace.reload();
  await expect(banner).toBeHidden();
});

test("code that cannot be loaded at all: the page teaches what to do, and fills once it is mended", async ({ page, project, daemon, headrace }) => {
  project.code("from dagster import asset\nimport no_such_package\n");
  await daemon.start();
  await headrace.open();
  await expect(page.getByRole("heading", { name: "No definitions yet" })).toBeVisible();
  await expect(page.getByRole("alert").first()).toContainText("no_such_package");
  project.code("from dagster import asset\n\n@asset\ndef mended():\n    return 1\n");
  await headrace.reload();
  await headrace.graphShows(1);
});

test("whatever cannot be loaded: the page says what is wrong, in the user's own words, on load and on reload", async ({ page, project, daemon, headrace }) => {
  project.code(unloadable[0]![0]);
  await daemon.start();
  await headrace.open("/deployment");
  const banner = page.getByRole("alert").filter({ hasText: moduleName });
  await expect(banner).toContainText("could not be loaded");
  for (const text of unloadable[0]![1]) await expect(banner).toContainText(text);
  project.code("from dagster import asset\n\n@asset\ndef good():\n    return 1\n");
  await headrace.reload();
  await expect(banner).toBeHidden();
  for (const [code, says] of unloadable) {
    project.code(code);
    await headrace.reload();
    await expect(banner).toContainText("could not be reloaded");
    for (const text of says) await expect(banner, code).toContainText(text);
  }
});

test("whatever ends a step badly: the page leads with what happened, one by one", async ({ page, project, daemon, headrace }) => {
  project.code(endsBadly);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(8);
  await headrace.materializeAllAndFail();
  await headrace.link("View run 1").click();
  const failures = page.getByRole("region", { name: "Failures" });
  for (const [asset, text] of Object.entries(endings))
    await expect(failures.locator(".failure-item").filter({ has: headrace.link(asset) }), asset).toContainText(text);
  await headrace.open("/assets/crashes");
  await expect(page.getByRole("main").getByText("failed", { exact: true }).first()).toBeVisible();
});

test("no assets yet: the page shows how to write one", async ({ page, project, daemon, headrace }) => {
  project.code("from dagster import Definitions\n\ndefs = Definitions()\n");
  await daemon.start();
  await headrace.open();
  await expect(page.getByRole("heading", { name: "No assets yet" })).toBeVisible();
  await expect(page.getByText("@asset")).toBeVisible();
});

test("an unset variable is shown before the run, and named at the button that is refused", async ({ page, project, daemon, headrace }) => {
  project.useGuide(4);
  project.delete(".env");
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(2);
  await headrace.clickAsset("setosa");
  await expect(headrace.panel("setosa")).toContainText("DATA_PATH");
  await headrace.button("Close panel").click();
  await headrace.button("Materialize all").click();
  const refusal = page.getByRole("alert").filter({ hasText: "Not launched" });
  await expect(refusal).toContainText("DATA_PATH");
  await test.step("launched by Ctrl-K, it is said there", async () => {
    await page.keyboard.press("Control+k");
    const palette = page.getByRole("dialog", { name: "Go to" });
    await palette.getByRole("combobox").fill(">materialize all");
    await palette.getByRole("combobox").press("Enter");
    await expect(palette.getByRole("alert")).toContainText("DATA_PATH");
    await headrace.link("Show my_io_manager", palette).first().click();
    await expect(palette).toBeHidden();
    await expect(page.getByRole("heading", { name: "my_io_manager", level: 1 })).toBeVisible();
    await page.goBack();
    await headrace.button("Materialize all").click();
  });
  await headrace.link("Show my_io_manager", refusal).first().click();
  await expect(page.getByRole("row", { name: /path_prefix/ })).toContainText("not set");
  await headrace.link("Runs").click();
  await expect(page.getByRole("heading", { name: "Nothing has run yet" })).toBeVisible();

  project.write(".env", "DATA_PATH=my_data/\n");
  await headrace.link("Assets").click();
  await headrace.reload();
  await headrace.materializeAll(1);
});

test("an upstream that was never made: the refusal offers to make it too", async ({ page, project, daemon, headrace }) => {
  project.useGuide(5);
  await daemon.start();
  await headrace.open("/?sel=setosa");
  await headrace.graphShows(2);
  await headrace.button("Materialize selected").click();
  const refusal = page.getByRole("alert").filter({ hasText: "Not launched" });
  await expect(refusal).toContainText("iris_data");
  await headrace.button("Materialize iris_data too").click();
  await expect(headrace.launchBar.getByText("success", { exact: true })).toBeVisible();
  await expect(headrace.launchBar).toContainText("2/2");
});

test("a log that takes nothing is told on every page, and how to mend it", async ({ page, project, daemon, headrace }) => {
  project.code(failing);
  await daemon.start();
  let trouble: string | null = "The database cannot be written: the disk is full.";
  await page.route("**/api/v1/status", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), trouble } });
  });
  await headrace.open("/runs");
  const banner = page.getByRole("alert").filter({ hasText: "Nothing is begun now" });
  await expect(banner).toContainText("the disk is full");
  await headrace.link("Deployment", banner).click();
  await expect(page.getByRole("region", { name: "Daemon" })).toContainText("not writing");
  trouble = null;
  await expect(banner).toBeHidden();
});

test("a failed step: the user's own exception is the headline, and a retry makes only what is missing", async ({ page, project, daemon, headrace }) => {
  project.code(failing);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(3);
  await headrace.materializeAllAndFail();
  await headrace.link("View run 1").click();
  const failures = page.getByRole("region", { name: "Failures" });
  await expect(failures.getByText("ValueError: bad row 17 in iris.csv", { exact: true }).first()).toBeVisible();
  await expect(failures).toContainText("__init__.py:");
  await expect(failures).toContainText('raise ValueError("bad row 17 in iris.csv")');
  const steps = page.getByRole("region", { name: "Steps" });
  await expect(steps.getByRole("button", { name: /after/ })).toContainText("skipped");

  project.write("mended", "");
  await headrace.button("Retry from failure").click();
  await expect(page.getByRole("heading", { name: "Run 2", level: 1 })).toBeVisible();
  await expect(page.getByRole("main").getByText("success", { exact: true }).first()).toBeVisible();
  await expect(steps.getByRole("listitem")).toHaveCount(2);
  await headrace.link("an earlier run").click();
  await expect(page.getByRole("heading", { name: "Run 1", level: 1 })).toBeVisible();
});

test("a step that is tried again later: the page says when, and what the failure said", async ({ page, project, daemon, headrace }) => {
  project.code(retrying);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(1);
  await headrace.button("Materialize all").click();
  await headrace.link("Run 1", headrace.launchBar).click();
  await expect(page.getByRole("region", { name: "Steps" })).toContainText("attempt 2 at");
  const failures = page.getByRole("region", { name: "Failures" });
  await expect(failures).toContainText("Failure: the server is away");
  await expect(failures.getByRole("table", { name: "Metadata of the failure" })).toContainText("503");
  await headrace.button("Cancel").click();
  await expect(page.getByRole("main").getByText("canceled", { exact: true }).first()).toBeVisible();
});

test("a run is followed live, and can be canceled", async ({ page, project, daemon, headrace }) => {
  project.code(slow);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(1);
  await headrace.button("Materialize all").click();
  await expect(headrace.launchBar.getByText("running", { exact: true })).toBeVisible();
  await headrace.link("Run 1", headrace.launchBar).click();
  await expect(page.getByRole("log")).toContainText("step started");
  await headrace.button("Cancel").click();
  await expect(page.getByRole("main").getByText("canceled", { exact: true }).first()).toBeVisible();
  await expect(page.getByRole("log")).toContainText("run ended");
});
