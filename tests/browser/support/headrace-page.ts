import { expect, type Locator, type Page } from "@playwright/test";
import type { Daemon } from "./daemon.ts";
import { moduleName } from "./project.ts";

export interface GraphAnswer { labels: string[]; x: number[]; y: number[]; groups: { name: string; x: number; y: number; width: number; height: number }[] }
interface LocationAnswer { state: string; reloading: boolean; loaded_at: string | null; error: unknown }

/** What a person does with the page, in a person's words. */
export class HeadracePage {
  constructor(readonly page: Page, private readonly daemon: Daemon) {}

  async open(path = "/"): Promise<void> {
    await this.page.goto(`${this.daemon.url}${path}`);
  }
  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }
  link(name: string, within: Page | Locator = this.page): Locator {
    return within.getByRole("link", { name, exact: true });
  }
  get launchBar(): Locator {
    return this.page.getByRole("region", { name: "Launched run" });
  }
  panel(asset: string): Locator {
    return this.page.getByRole("complementary", { name: `Asset ${asset}`, exact: true });
  }
  metadata(label: string, within: Page | Locator = this.page): Locator {
    return within.getByRole("table", { name: "Metadata", exact: true }).getByRole("row").filter({ has: this.page.getByRole("rowheader", { name: label, exact: true }) }).getByRole("cell").first();
  }
  /** The graph is drawn and shows so many assets. */
  async graphShows(assets: number | string): Promise<void> {
    await expect(this.page.getByRole("application", { name: `Asset graph, ${assets} asset${assets === 1 ? "" : "s"}` })).toBeVisible({ timeout: 120_000 });
  }
  async materializeAll(run: number): Promise<void> {
    await this.button("Materialize all").click();
    await expect(this.link(`Run ${run}`, this.launchBar)).toBeVisible();
    await expect(this.launchBar.getByText("success", { exact: true })).toBeVisible();
  }
  /** The run that this launches ends badly. */
  async materializeAllAndFail(): Promise<void> {
    await this.button("Materialize all").click();
    await expect(this.launchBar.getByText("failed", { exact: true })).toBeVisible();
  }
  /** Launches a run by the API and waits for its end. */
  async run(selection: string): Promise<number> {
    const response = await this.page.request.post(`${this.daemon.url}/api/v1/runs`, { data: { selection } });
    expect(response.status(), await response.text()).toBe(201);
    const { number } = (await response.json()) as { number: number };
    await expect.poll(async () => (await this.get<{ ended_at: string | null }>(`/api/v1/runs/${number}`)).ended_at, { message: `run ${number} ends` }).not.toBeNull();
    return number;
  }
  /** One click on the asset's card. The graph is fitted first, so that its place follows from the layout. */
  async clickAsset(name: string): Promise<void> {
    await this.button("Fit into view").click();
    await this.pressAsset(name);
    await expect(this.panel(name)).toBeVisible();
  }
  /** A press on the asset's card in a graph that is fitted into view, as it is when the page opens. */
  async pressAsset(name: string): Promise<void> {
    const { x, y } = await this.place(({ labels, x, y }) => { const i = labels.indexOf(name); return { x: x[i]!, y: y[i]! }; });
    await this.page.mouse.click(x, y);
  }
  /** Where on the screen a point of the fitted graph is; `query` as the page asked for the drawing. */
  async place(find: (graph: GraphAnswer) => { x: number; y: number }, query = ""): Promise<{ x: number; y: number }> {
    const canvas = (await this.page.getByRole("application").boundingBox())!;
    const graph = await this.get<GraphAnswer>(`/api/v1/graph${query}`);
    const left = Math.min(...graph.groups.map((g) => g.x)), right = Math.max(...graph.groups.map((g) => g.x + g.width));
    const top = Math.min(...graph.groups.map((g) => g.y)), bottom = Math.max(...graph.groups.map((g) => g.y + g.height));
    const zoom = Math.min(1.15, (canvas.width - 80) / (right - left), (canvas.height - 80) / (bottom - top));
    const at = find(graph);
    return { x: canvas.x + canvas.width / 2 + (at.x - (left + right) / 2) * zoom, y: canvas.y + canvas.height / 2 + (at.y - (top + bottom) / 2) * zoom };
  }
  /** Presses "Reload definitions" and waits until the daemon is done with it, well or badly. */
  async reload(): Promise<void> {
    await this.loadedOrFailed();
    await expect(this.button("Reload definitions").first()).toHaveAttribute("aria-busy", "false");
    const before = await this.location();
    await this.button("Reload definitions").first().click();
    await expect.poll(async () => {
      const now = await this.location();
      return !now.reloading && (now.loaded_at !== before.loaded_at || JSON.stringify(now.error) !== JSON.stringify(before.error));
    }, { message: "the reload ends" }).toBe(true);
    await expect(this.button("Reload definitions").first()).toHaveAttribute("aria-busy", "false");
  }
  /** The first load is over: until then the page ignores a reload, as one is under way. */
  private async loadedOrFailed(): Promise<void> {
    await expect.poll(async () => (await this.location()).state, { message: "the first load ends" }).not.toBe("loading");
  }
  async loaded(): Promise<void> {
    await expect.poll(async () => (await this.location()).state, { message: "the code location is loaded" }).toBe("loaded");
  }
  async location(): Promise<LocationAnswer> {
    return this.get(`/api/v1/code-locations/${moduleName}`);
  }
  async get<T>(path: string): Promise<T> {
    const response = await this.page.request.get(`${this.daemon.url}${path}`);
    expect(response.ok(), `GET ${path} answers ${response.status()}`).toBe(true);
    return (await response.json()) as T;
  }
}
