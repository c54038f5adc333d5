import { chatty } from "./support/code.ts";
import { moduleName } from "./support/project.ts";
import { expect, test } from "./support/test.ts";

test("a reload says what it did to the assets, where it was pressed and on the code location's page", async ({ page, project, daemon, headrace }) => {
  project.code(chatty);
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(2);
  await headrace.reload();
  await expect(page.getByRole("status").filter({ hasText: "Reloaded, no definition changed." })).toBeVisible();
  project.code(`${chatty.replace("Where it begins", "Where all begins").replace("def second(first)", "def third(first)")}\n`);
  await headrace.reload();
  const says = "1 asset added (third), 1 asset removed (second), 1 asset changed (first)";
  await expect(page.getByRole("status").filter({ hasText: `Reloaded, ${says}.` })).toBeVisible();
  await headrace.button("Dismiss").click();
  await expect(page.getByRole("status").filter({ hasText: "Reloaded" })).toBeHidden();
  await headrace.link("Deployment").click();
  await expect(page.getByRole("article", { name: `Code location ${moduleName}` })).toContainText(`The last reload: ${says}.`);
});

test("the daemon's own page part: version, home, size, events, health, also while it is away", async ({ page, project, daemon, headrace }) => {
  project.code(chatty);
  await daemon.start();
  await headrace.open("/deployment");
  await headrace.loaded();
  const part = page.getByRole("region", { name: "Daemon" });
  await expect(part).toContainText("healthy");
  const status = await headrace.get<{ version: string; home: string; pid: number }>("/api/v1/status");
  for (const text of [status.version, status.home, String(status.pid), "kB"]) await expect(part).toContainText(text);
  await daemon.stop();
  await expect(part).toContainText("away");
  await daemon.start();
  await expect(part).toContainText("healthy");
});

test("which file sets a variable is said, or that it is the daemon's environment", async ({ page, project, daemon, headrace }) => {
  project.useGuide(4);
  await daemon.start();
  await headrace.loaded();
  await headrace.open(`/deployment/${moduleName}/resources/my_io_manager`);
  const row = page.getByRole("row", { name: /path_prefix/ });
  await expect(row.getByText("set", { exact: true })).toBeVisible();
  await expect(row).toContainText(`by ${project.folder}/.env`);
});
