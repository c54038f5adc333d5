import { chatty } from "./support/code.ts";
import { expect, test, watch } from "./support/test.ts";

test("eight tabs share one event stream, and all of them are live", async ({ page, context, project, daemon, headrace, complaints }) => {
  project.code(chatty);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(2);
  const others = [];
  for (let i = 0; i < 7; i++) {
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
