import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "../support/test.ts";
import { filmed } from "./code.ts";
import { Hand } from "./pointer.ts";
import { Recorder } from "./recorder.ts";

const docs = fileURLToPath(new URL("../../../docs", import.meta.url));
const size = { width: 1120, height: 700 };

test.use({ viewport: size });

test("the walk-through of the README: a graph, a run, metadata, a failure and its retry, an environment variable, Ctrl-K", async ({ page, project, daemon, headrace }, info) => {
  project.useGuide(5);
  project.code(filmed);
  await daemon.start();
  await headrace.loaded();
  const hand = await Hand.at(page);
  await headrace.open();
  await headrace.graphShows(4);
  const film = await Recorder.start(page, info.outputPath("frames"));

  await test.step("the graph, and everything in it made", async () => {
    await hand.rest(1.2);
    await hand.press(headrace.button("Materialize all"));
    await expect(headrace.launchBar.getByText("failed", { exact: true })).toBeVisible();
    await hand.rest(1);
  });

  await test.step("what failed, and why", async () => {
    await hand.press(headrace.link("View run 1"));
    await expect(page.getByText("FileNotFoundError").first()).toBeVisible();
    await hand.rest(2.4);
    await hand.scroll(330);
    await hand.rest(1.2);
    await hand.scroll(-330);
  });

  await test.step("mended, and retried from there", async () => {
    project.write("limits.json", '{"petal_length": 4.5}');
    await hand.press(headrace.button("Retry from failure"));
    await expect(page.getByRole("heading", { name: "Run 2", level: 1 })).toBeVisible();
    await expect(page.getByText("success", { exact: true }).first()).toBeVisible();
    await hand.rest(1.6);
  });

  await test.step("what was stored, where, and its metadata", async () => {
    await hand.press(headrace.link("Assets"));
    await headrace.graphShows(4);
    await hand.rest(0.5);
    const { x, y } = await headrace.place(({ labels, x, y }) => { const i = labels.indexOf("setosa"); return { x: x[i]!, y: y[i]! }; });
    await hand.pressAt(x, y);
    await expect(headrace.metadata("nrows", headrace.panel("setosa"))).toHaveText("50");
    await hand.rest(1.6);
    await hand.press(headrace.link("Open", headrace.panel("setosa")));
    await expect(page.getByRole("heading", { name: "setosa", level: 1 })).toBeVisible();
    await hand.rest(1.4);
    await hand.scroll(450);
    await expect(page.getByRole("table", { name: "Preview" })).toBeVisible();
    await hand.rest(1.4);
  });

  await test.step("where DATA_PATH comes from", async () => {
    await hand.press(headrace.link("Deployment"));
    await hand.rest(0.6);
    await hand.press(headrace.link("1 resource"));
    await hand.rest(0.5);
    await hand.press(headrace.link("my_io_manager"));
    await expect(page.getByRole("row", { name: /path_prefix/ })).toContainText("DATA_PATH");
    await hand.hover(page.getByText("DATA_PATH", { exact: true }));
    await hand.rest(1.8);
  });

  await test.step("Ctrl-K", async () => {
    await hand.key("Control+k", "Ctrl K");
    await hand.type("large");
    await hand.rest(0.7);
    await hand.key("Enter", "⏎");
    await expect(page.getByRole("heading", { name: "large_flowers", level: 1 })).toBeVisible();
    await hand.rest(2);
  });

  const { frames, seconds } = await film.write(join(docs, "walk-through.webp"));
  console.log(`walk-through: ${frames} frames, ${seconds.toFixed(0)} s`);
});

test.describe("the README's picture", () => {
  test.use({ viewport: { width: 1360, height: 820 } });
  test("the graph of the guide, and where setosa is stored", async ({ page, project, daemon, headrace }) => {
    project.useGuide(5);
    await daemon.start();
    await headrace.open();
    await headrace.graphShows(2);
    for (const run of [1, 2, 3]) await headrace.materializeAll(run);
    await headrace.button("Dismiss").click();
    await headrace.clickAsset("setosa");
    await expect(headrace.metadata("nrows", headrace.panel("setosa"))).toHaveText("50");
    await page.mouse.move(700, 700);
    await page.screenshot({ path: join(docs, "screenshot.png") });
  });
});
