import { flowers } from "./support/code.ts";
import { freeze } from "./support/frozen.ts";
import { moduleName } from "./support/project.ts";
import { expect, test } from "./support/test.ts";

test.use({ timezoneId: "UTC", locale: "en-GB" });

// Pictures of the pages, compared with those in snapshots/. After a change of the looks that is meant: `npm run snapshots` here, and look at them.
test("the pages look as they did", async ({ page, project, daemon, headrace }) => {
  project.code(flowers);
  project.write(".env", "DATA_PATH=data\n");
  await daemon.start();
  await headrace.open();
  await headrace.graphShows(6);
  await headrace.run("*");
  await headrace.run("iris_data");
  await freeze(page, project);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  const looks = async (name: string): Promise<void> => test.step(name, () => expect.soft(page).toHaveScreenshot(`${name}.png`));

  await headrace.open("/?sel=setosa");
  await headrace.graphShows(6);
  await expect(headrace.panel("setosa").getByRole("table", { name: "Metadata", exact: true })).toBeVisible();
  await looks("graph-light");
  await page.emulateMedia({ colorScheme: "dark" });
  await headrace.open();
  await headrace.graphShows(6);
  await looks("graph-dark");
  await page.emulateMedia({ colorScheme: "light" });

  await headrace.open("/assets/iris_data");
  await expect(page.getByRole("table", { name: "Preview" })).toBeVisible();
  await expect(page.getByRole("figure", { name: "Plot of nrows" }).locator("canvas")).toBeVisible();
  await looks("asset");

  await headrace.open("/runs");
  await expect(headrace.link("Run 2")).toBeVisible();
  await looks("runs");

  await headrace.open("/runs/1");
  await expect(page.getByRole("region", { name: "Failures" })).toContainText("bad row 17");
  await expect(page.getByRole("log")).toContainText("150 flowers");
  await looks("run");

  await headrace.open("/deployment");
  await expect(page.getByRole("region", { name: "Daemon" })).toContainText("healthy");
  await looks("deployment");

  await headrace.open(`/deployment/${moduleName}/resources/csv`);
  await expect(page.getByRole("region", { name: "Used by" })).toContainText("iris_data");
  await looks("resource");

  await page.setViewportSize({ width: 360, height: 740 });
  await headrace.open("/assets/iris_data");
  await expect(page.getByRole("table", { name: "Preview" })).toBeVisible();
  await looks("narrow");
});
