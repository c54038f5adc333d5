import type { CDPSession, Page } from "@playwright/test";

/** What a page costs in CPU time, which is the same on a busy machine: not the time that passes, not frames a second. */
export class Cost {
  private constructor(private readonly page: CDPSession, private readonly browser: CDPSession) {}

  static async of(page: Page): Promise<Cost> {
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable", { timeDomain: "threadTicks" });
    return new Cost(session, await page.context().browser()!.newBrowserCDPSession());
  }
  /** Milliseconds of the page's main thread so far: scripts, styles, drawing. */
  async mainThread(): Promise<number> {
    const { metrics } = await this.page.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")!.value * 1000;
  }
  /** Milliseconds of all threads of all pages and of their shared worker so far. */
  async pages(): Promise<number> {
    const { processInfo } = await this.browser.send("SystemInfo.getProcessInfo");
    return processInfo.filter(({ type }) => type === "renderer").reduce((sum, { cpuTime }) => sum + cpuTime * 1000, 0);
  }
}

export function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!;
}
