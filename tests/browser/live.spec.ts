import { chatty } from "./support/code.ts";
import { expect, test, watch } from "./support/test.ts";

test("twelve tabs share one event stream, and all of them are live", async ({ page, context, project, daemon, headrace, complaints }) => {
  project.code(chatty);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(2);
  const others = [];
  for (let i = 0; i < 11; i++) {
    const other = await context.newPage();
    watch(other, daemon, complaints);
    await other.goto(`${daemon.url}/runs`);
    await expect(other.getByRole("heading", { name: "Nothing has run yet" })).toBeVisible();
    others.push(other);
  }
  await headrace.materializeAll(1);
  for (const other of others) await expect(other.getByRole("row", { name: /Run 1/ })).toContainText("success");
  await page.goto(`${daemon.url}/runs/1`);
  await expect(page.getByRole("log")).toContainText("run ended");
});

test("a page that is opened again shows the states of now, and then is quiet", async ({ page, project, daemon, headrace }) => {
  project.code(chatty);
  await daemon.start();
  await headrace.open("/?view=tree");
  const second = page.getByRole("treeitem", { name: /second/ });
  await expect(second).toContainText("never materialized");
  await headrace.open("/runs");
  await page.request.post(`${daemon.url}/api/v1/runs`, { data: { selection: "*" } });
  await expect(page.getByRole("row", { name: /Run 1/ })).toContainText("success");

  let asked = 0;
  page.on("request", (request) => { if (new URL(request.url()).pathname.startsWith("/api/v1/graph")) asked++; });
  await headrace.open("/?view=tree");
  await expect(second).not.toContainText("never");
  await page.evaluate(async () => { for (let i = 0; i < 200; i++) await fetch("/healthz"); });
  expect(asked, "the drawing may be the browser's own; the page asks for it and for the states, and not again and again").toBeLessThan(8);
});

test("without shared workers a tab has a stream of its own", async ({ page, project, daemon, headrace }) => {
  await page.addInitScript(() => Reflect.deleteProperty(window, "SharedWorker"));
  project.code(chatty);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(2);
  await headrace.materializeAll(1);
  await daemon.stop();
  await expect(page.getByText("The daemon is away.")).toBeVisible();
  await daemon.start();
  await expect(page.getByText("The daemon is away.")).toBeHidden();
  await headrace.loaded();
  await headrace.materializeAll(2);
});
