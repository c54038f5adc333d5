import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { chatty, flood } from "./support/code.ts";
import { CuttingProxy } from "./support/cutting-proxy.ts";
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
  expect(await (await page.request.get(`${daemon.url}/metrics`)).text()).toMatch(/^headrace_http_streams 1$/m);
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

interface LogEvent { id: number; type: string; run_number: number | null }
type Listening = typeof window & { streamed: LogEvent[] };

/** Keeps what the shared worker sends to this page, as the page gets it. */
function listen(): void {
  const streamed: LogEvent[] = [];
  Object.assign(window, { streamed });
  window.SharedWorker = class extends SharedWorker {
    constructor(url: string | URL, options?: string | WorkerOptions) {
      super(url, options);
      this.port.addEventListener("message", ({ data }) => { if (data.type === "event") streamed.push(data.event); });
    }
  };
}

/** The event ids of the log's lines, by place, as someone who scrolls from top to end sees them. */
const scrolledThrough = (page: Page, count: number): Promise<number[]> =>
  page.getByRole("log").evaluate(async (log, count) => {
    const ids = new Map<number, number>(), frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    log.style.height = "3000px";
    log.scrollTop = 0;
    while (!log.querySelector("[data-index='0']")) await frame();
    for (let next = 0, idle = 0; next < count && idle < 300; idle++) {
      const before = next;
      for (const slot of log.querySelectorAll<HTMLElement>(".log-slot")) ids.set(Number(slot.dataset.index), Number(/[?&]line=e(\d+)/.exec(slot.querySelector("a.log-link")!.getAttribute("href")!)![1]));
      while (ids.has(next)) next++;
      if (next > before) {
        log.querySelector(`[data-index='${next - 1}']`)?.scrollIntoView();
        idle = 0;
      }
      await frame();
    }
    return Array.from({ length: ids.size }, (_, place) => ids.get(place)!);
  }, count);

test("20,000 events of a run reach the page over six cut connections: none is missing, none comes twice", async ({ page, project, daemon, headrace }) => {
  project.code(flood);
  await daemon.start();
  const proxy = await CuttingProxy.open(daemon.url, [1, 2, 3, 4, 5, 6].map((part) => (part * 20_000) / 7));
  daemon.url = proxy.url;
  try {
    await page.addInitScript(listen);
    await page.setViewportSize({ width: 1280, height: 4000 });
    await headrace.open();
    await headrace.graphShows(1);
    await headrace.button("Materialize all").click();
    await headrace.open("/runs/1");
    await expect(page.getByRole("log")).toContainText("ready");
    appendFileSync(join(project.folder, "gate"), "go");
    await expect(page.getByRole("log")).toContainText("run ended");

    const log: LogEvent[] = [];
    for (let after = 0, more = true; more; after = log.at(-1)!.id) {
      const { items } = await headrace.get<{ items: LogEvent[] }>(`/api/v1/runs/1/events?limit=5000&after=${after}`);
      log.push(...items);
      more = items.length > 0;
    }
    const observed = log.filter((event) => event.type === "observed").map((event) => event.id);
    expect(observed).toHaveLength(20_000);
    const streamed = () => page.evaluate(() => (window as Listening).streamed.filter((event) => event.run_number === 1 && event.type === "observed").map((event) => event.id));
    await expect.poll(async () => (await streamed()).at(-1)).toBe(observed.at(-1));
    expect(await streamed(), "what the shared worker sent to this page").toEqual(observed);
    expect(proxy.cuts).toBe(6);
    expect(proxy.resumed.at(-1), "the last stream goes on where the one before was cut").toBeGreaterThan(observed[16_000]!);
    await page.getByRole("group", { name: "Shown streams" }).getByRole("button", { name: "events" }).click();
    await expect(page.getByText(`${log.length.toLocaleString("en-US")} lines`, { exact: true })).toBeVisible();
    expect(await scrolledThrough(page, log.length), "what the log shows").toEqual(log.map((event) => event.id));
  } finally {
    proxy.close();
  }
});
