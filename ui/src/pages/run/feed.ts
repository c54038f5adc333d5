import { getRunEvents } from "../../api/calls";
import type { LogEvent } from "../../api/types";
import { stream } from "../../live/stream";

/** All events of one run: read by pages, then followed on the stream. Tells its watchers once a frame at most, a long one more seldom. */
export class RunFeed {
  /** One list that only grows; `version` tells when it did. */
  readonly events: LogEvent[] = [];
  /** Grows with every change, for useSyncExternalStore. */
  version = 0;
  error: unknown = null;
  private last = 0;
  private asOf = -1;
  private pulling = false;
  private again = false;
  private scheduled = false;
  private readonly watchers = new Set<() => void>();
  private stops: (() => void)[] = [];

  constructor(private readonly number: number) {}

  start(): () => void {
    this.stops = [
      stream.subscribe([`run:${this.number}`], (event) => { if (event.run_number === this.number) this.take(event); }),
      stream.onPosition((cursor) => { if (cursor > this.asOf) void this.pull(); }),
    ];
    void this.pull();
    return () => this.stops.forEach((stop) => stop());
  }
  watch = (callback: () => void): (() => void) => {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  };
  current = (): number => this.version;

  private take(event: LogEvent): void {
    if (this.pulling) this.again = true;
    else this.add([event]);
  }
  /** Reads on from the last event until there are no more; events that arrive meanwhile make it look once again. */
  private async pull(): Promise<void> {
    if (this.pulling) return void (this.again = true);
    this.pulling = true;
    try {
      do {
        this.again = false;
        for (;;) {
          const page = await getRunEvents(String(this.number), this.last);
          this.asOf = page.as_of;
          this.add(page.items);
          if (!page.items.length) break;
        }
      } while (this.again);
      this.error = null;
    } catch (error) {
      this.error = error;
      this.tell();
    } finally {
      this.pulling = false;
    }
  }
  private add(events: LogEvent[]): void {
    const fresh = events.filter((event) => event.id > this.last);
    if (!fresh.length) return;
    this.last = fresh.at(-1)!.id;
    this.events.push(...fresh);
    this.tell();
  }
  private tell(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    const tell = (): void => {
      this.scheduled = false;
      this.version++;
      this.watchers.forEach((watch) => watch());
    };
    if (this.events.length < 5000) requestAnimationFrame(tell);
    else setTimeout(tell, 250); // a long log is merged anew each time
  }
}
