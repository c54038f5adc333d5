import type { Page } from "@playwright/test";
import type { Project } from "./project.ts";

const now = Date.UTC(2026, 0, 2, 15, 4, 5);
const before = (seconds: number): string => new Date(now - 1000 * seconds).toISOString().replace("Z", "000Z");

/** Of every answer what differs from one time to the next, and what stands there instead. Steps begin one after the other, within their run. */
const fixed: Record<string, (place: number, isRun: boolean) => unknown> = {
  created_at: () => before(90), started_at: (place, isRun) => before(isRun ? 88 : 88 - place), ended_at: (place, isRun) => before(isRun ? 83 : 87 - place), timestamp: () => before(87), loaded_at: () => before(600),
  seconds: () => 0.25, version: () => "1.0.0", pid: () => 4711, database_bytes: () => 123_456, log_bytes: () => 2345, available_bytes: () => 5e9, disk_bytes: () => 1e10,
};

function freezeValue(value: unknown, place = 0): unknown {
  if (Array.isArray(value)) return value.map((item, i) => freezeValue(item, i));
  if (value === null || typeof value !== "object") return value;
  const isRun = "steps_total" in value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, item !== null && typeof item !== "object" && name in fixed ? fixed[name]!(place, isRun) : freezeValue(item)]));
}

/** For pictures that are compared: the page stands at one moment, and the daemon's answers hold no time, size or place of this machine. */
export async function freeze(page: Page, project: Project): Promise<void> {
  await page.clock.setFixedTime(now);
  await page.route("**/api/v1/**", async (route) => {
    if (route.request().method() !== "GET") return route.continue();
    const response = await route.fetch(), text = (await response.text()).replaceAll(project.folder, "/srv/flowers").replace(/ in [\d.]+ s\b/g, " in 0.25 s");
    const isJson = response.headers()["content-type"]?.includes("json");
    return route.fulfill({ response, body: isJson && text ? JSON.stringify(freezeValue(JSON.parse(text))) : text });
  });
}
