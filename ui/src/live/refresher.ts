/**
 * Runs a refresh when asked, never twice at once: asked while it runs, it runs once more afterwards, after a pause
 * of `gap` milliseconds or of three times what it took. So a thousand events cost a few requests, and the last one is never missed.
 */
export class Refresher {
  private readonly busy = new Map<string, { again: boolean }>();
  constructor(private readonly refresh: (name: string) => Promise<unknown>, private readonly gap = 200) {}

  mark(name: string): void {
    const state = this.busy.get(name);
    if (state) state.again = true;
    else void this.run(name);
  }
  private async run(name: string): Promise<void> {
    const state = { again: false };
    this.busy.set(name, state);
    try {
      do {
        state.again = false;
        const start = performance.now();
        await this.refresh(name).catch(() => undefined);
        const pause = Math.max(this.gap, 3 * (performance.now() - start));
        await new Promise((resolve) => setTimeout(resolve, pause));
      } while (state.again);
    } finally {
      this.busy.delete(name);
    }
  }
}
