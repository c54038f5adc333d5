import { chatty, metadata } from "./support/code.ts";
import { moduleName } from "./support/project.ts";
import { expect, test } from "./support/test.ts";

test.beforeEach(async ({ project, daemon }) => {
  project.code(chatty);
  await daemon.start();
});

test("the keyboard alone", async ({ page, headrace }) => {
  await headrace.open();
  await headrace.graphShows(2);
  await page.keyboard.press("m");
  await expect(headrace.launchBar.getByText("success", { exact: true })).toBeVisible();

  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await expect(page.getByRole("heading", { name: "Runs", level: 1 })).toBeVisible();
  await expect(page.getByRole("link", { name: "Run 1" }).first()).toBeVisible();
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Run 1", level: 1 })).toBeVisible();

  await page.keyboard.press("g");
  await page.keyboard.press("d");
  await expect(page.getByRole("heading", { name: "Deployment", level: 1 })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await headrace.graphShows(2);

  await page.keyboard.press("/");
  const filter = page.getByRole("searchbox", { name: "Filter assets" });
  await expect(filter).toBeFocused();
  await page.keyboard.type("group:ml");
  await expect(page.getByText("1 of 2", { exact: true })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(headrace.panel("second")).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(headrace.panel("second")).toBeHidden();

  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keyboard" });
  await expect(help).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
});

test("Ctrl-K goes anywhere", async ({ page, headrace }) => {
  await headrace.open("/runs");
  await expect(page.getByRole("heading", { name: "Nothing has run yet" })).toBeVisible();
  const palette = page.getByRole("dialog", { name: "Go to" });
  const find = async (text: string, first: string): Promise<void> => {
    await page.keyboard.press("Control+k");
    await palette.getByRole("combobox").fill(text);
    await expect(palette.getByRole("option").first()).toContainText(first);
    await page.keyboard.press("Enter");
    await expect(palette).toBeHidden();
  };
  await find("sec", "second");
  await expect(page.getByRole("heading", { name: "second", level: 1 })).toBeVisible();
  await find("io_man", "io_manager");
  await expect(page.getByRole("heading", { name: "io_manager", level: 1 })).toBeVisible();
  await find(">mat", "Materialize all");
  await expect(headrace.launchBar.getByText("success", { exact: true })).toBeVisible();
  await find(">mat sec", "Materialize second");
  await expect(headrace.link("Run 2", headrace.launchBar)).toBeVisible();
  await find("#1", "Run 1");
  await expect(page.getByRole("heading", { name: "Run 1", level: 1 })).toBeVisible();
});

test("the graph without a mouse: arrows go along the edges and say where they are", async ({ page, headrace }) => {
  await headrace.open();
  await headrace.graphShows(2);
  await page.getByRole("application").focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("status").filter({ hasText: "first, never materialized, 0 upstream, 1 downstream" })).toBeAttached();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("status").filter({ hasText: "second, never materialized, 1 upstream, 0 downstream" })).toBeAttached();
  await page.keyboard.press("Enter");
  await expect(headrace.panel("second")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "second", level: 1 })).toBeVisible();
});

test("whoever walks the graph with the arrow keys stays where they are when the definitions change", async ({ page, project, headrace }) => {
  await headrace.open();
  await headrace.graphShows(2);
  const graph = page.getByRole("application");
  await graph.focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("status").filter({ hasText: "first, never materialized" })).toBeAttached();
  project.code(`${chatty}\n@asset(group_name="a")\ndef another():\n    return 0\n`);
  await page.evaluate((name) => fetch(`/api/v1/code-locations/${name}/reload`, { method: "POST" }), moduleName);
  await headrace.graphShows(3);
  await expect(graph).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("status").filter({ hasText: "second, never materialized" })).toBeAttached();
});

test("the graph as a tree has the same assets, states and selection", async ({ page, headrace }) => {
  await headrace.open();
  await headrace.graphShows(2);
  await page.keyboard.press("t");
  const tree = page.getByRole("tree", { name: "Assets by group" });
  await expect(tree.getByRole("treeitem")).toHaveCount(4);
  await expect(tree.getByRole("treeitem", { name: /second/ })).toContainText("never materialized");
  await tree.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect(tree.locator("[aria-selected=true]")).toHaveCount(1);
  await headrace.button("Clear selection").click();
  await headrace.materializeAll(1);
  await expect(tree.getByRole("treeitem", { name: /second/ })).toContainText("materialized");
  await page.reload();
  await expect(tree).toBeVisible();
});

test("a selection of several assets launches just these", async ({ page, headrace }) => {
  await headrace.open();
  await headrace.graphShows(2);
  await headrace.materializeAll(1);
  await headrace.clickAsset("first");
  await expect(headrace.button("first")).toHaveAttribute("aria-pressed", "true");
  await headrace.button("second").click({ modifiers: ["Control"] });
  await expect(page.getByText("2 assets", { exact: true })).toBeVisible();
  await headrace.button("second").click({ modifiers: ["Control"] });
  await expect(headrace.button("Materialize selected")).toBeVisible();
  await headrace.button("Materialize selected").click();
  await expect(headrace.link("Run 2", headrace.launchBar)).toBeVisible();
  await expect(headrace.launchBar).toContainText("1/1");
  await headrace.button("downstream").click();
  await expect(page.getByText("2 assets", { exact: true })).toBeVisible();
  await headrace.button("Clear selection").click();
  await expect(headrace.button("Materialize all")).toBeVisible();
});

test("every view has an address of its own", async ({ page, headrace }) => {
  await headrace.open("/?sel=second&q=sec");
  await expect(headrace.panel("second")).toBeVisible();
  await expect(page.getByRole("searchbox", { name: "Filter assets" })).toHaveValue("sec");
  await headrace.button("Clear selection").click();
  await headrace.materializeAll(1);
  await headrace.open("/runs/1?stream=stdout");
  await expect(page.getByRole("log")).toContainText("printed by first");
  await expect(page.getByRole("log")).not.toContainText("run created");
  await headrace.open("/runs?status=failure");
  await expect(page.getByRole("heading", { name: "No run is like that" })).toBeVisible();
  await headrace.open("/assets/first");
  await expect(page.getByRole("heading", { name: "first", level: 1 })).toBeVisible();
  await headrace.open(`/deployment/${moduleName}/resources/io_manager`);
  await expect(page.getByRole("heading", { name: "io_manager", level: 1 })).toBeVisible();
  for (const [path, says] of [["/assets/no_such", "is not here"], ["/runs/99", "is not here"], ["/nowhere/at/all", "There is no such page"], ["/deployment/none/resources/x", "is not here"]] as const) {
    await headrace.open(path);
    await expect(page.getByRole("heading", { name: says })).toBeVisible();
  }
});

test("the log merges events, output and logged messages, and filters them", async ({ page, headrace }) => {
  await headrace.open();
  await headrace.materializeAll(1);
  await headrace.link("View run 1").click();
  const log = page.getByRole("log");
  for (const text of ["run created", "printed by first", "complained by first", "logged by first", "materialized"]) await expect(log).toContainText(text);
  await expect(log).not.toContainText("undefined");
  await expect(page).toHaveTitle("Run 1 success · Headrace");
  const streams = page.getByRole("group", { name: "Shown streams" });
  await streams.getByRole("button", { name: "stdout" }).click();
  await expect(log).toContainText("printed by first");
  await expect(log).not.toContainText("run created");
  for (const stream of ["stderr", "log"]) await streams.getByRole("button", { name: stream }).click();
  await expect(log).toContainText("logged by first");
  await expect(log).not.toContainText("run created");
  await page.getByRole("searchbox", { name: "Search the log" }).fill("complained");
  await expect(log).toContainText("complained by first");
  await expect(log).not.toContainText("logged by first");
});

test("dark follows the system, and the switch overrides it for good", async ({ page, headrace }) => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.emulateMedia({ colorScheme: "light" });
  await headrace.open();
  const light = await background();
  await page.emulateMedia({ colorScheme: "dark" });
  await expect.poll(background).not.toBe(light);
  await headrace.button("Theme: system").click();
  await expect.poll(background).toBe(light);
  await page.reload();
  await expect(headrace.button("Theme: light")).toBeVisible();
  expect(await background()).toBe(light);
  await headrace.button("Theme: light").click();
  await expect.poll(background).not.toBe(light);
});

test("nothing is cut off at 360 pixels", async ({ page, headrace }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await headrace.open();
  await headrace.materializeAll(1);
  for (const path of ["/", "/?sel=second", "/?view=tree", "/assets/second", "/runs", "/runs/1", "/deployment", `/deployment/${moduleName}`, `/deployment/${moduleName}/resources/io_manager`]) {
    await headrace.open(path);
    await expect(page.getByRole("heading").first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(360);
  }
});

test("every kind of metadata has its own look", async ({ page, project, headrace }) => {
  project.code(metadata);
  await headrace.open();
  await headrace.reload();
  await headrace.graphShows(1);
  await headrace.materializeAll(1);
  await headrace.open("/assets/everything");
  const shows: Record<string, string | RegExp> = {
    a_text: "two words", a_path: "data/x.csv", a_notebook: "notes/x.ipynb", some_json: /outer/, an_int: "1,234,567", a_big_int: "12,345,678,901,234,567,890", a_float: "0.25", not_a_number: "NaN", a_bool: "True", nothing: "null",
    a_time: /2023/, a_table: /name.*n.*Ada.*1.*Grace/, a_schema: /id.*int.*not null.*unique.*the key/,
  };
  for (const [label, text] of Object.entries(shows)) await expect(headrace.metadata(label), label).toContainText(text);
  await expect(headrace.link("https://example.org/x", headrace.metadata("a_url"))).toHaveAttribute("rel", /noopener/);
  await expect(headrace.metadata("some_md").locator("strong")).toHaveText("bold");
  await expect(headrace.metadata("some_md").getByRole("listitem")).toHaveText(["one", "two"]);
  await expect(headrace.metadata("some_md").getByRole("blockquote")).toHaveText("said");
  await expect(headrace.link("everything", headrace.metadata("an_asset"))).toBeVisible();
});
