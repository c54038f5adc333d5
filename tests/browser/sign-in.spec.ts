import { expectAccessible } from "./support/axe.ts";
import { Daemon } from "./support/daemon.ts";
import { expect, test } from "./support/test.ts";

const token = "correct-horse-battery-staple-7Qx";

test("with a token the page asks for it once, shows what happens live, and signs out", async ({ page, context, project }) => {
  project.useGuide(1);
  const daemon = new Daemon(project, { HEADRACE_TOKEN: token });
  await daemon.start();
  try {
    await page.goto(`${daemon.url}/runs`);
    const field = page.getByLabel("Token"), signIn = page.getByRole("button", { name: "Sign in" });
    await expect(page.getByRole("heading", { name: "Sign in to Headrace" })).toBeVisible();
    await expectAccessible(page, "the sign-in");
    await field.fill("not-the-token-at-all");
    await signIn.click();
    await expect(page.getByRole("alert")).toContainText("not the token");
    await field.fill(token);
    await signIn.click();
    await expect(page.getByRole("heading", { name: "Runs" })).toBeVisible();

    const launched = await context.request.post(`${daemon.url}/api/v1/runs`, { data: { selection: "*" } });
    expect(launched.status()).toBe(201); // the cookie goes with it
    await expect(page.getByRole("link", { name: "Run 1", exact: true }).first()).toBeVisible(); // told by the event stream
    await page.getByRole("link", { name: "Deployment" }).click();
    const space = page.getByRole("region", { name: "Daemon" });
    await expect(space).toContainText("Free on the disk");
    expect(await page.evaluate(() => document.cookie)).toBe(""); // no script can read it

    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(field).toBeVisible();
  } finally {
    await daemon.stop("SIGINT");
  }
});
