import type { LogEvent } from "../api/types";
import type { Hub, HubListener } from "./hub";
import { logPosition, type FromWorker, type ToWorker } from "./messages";

/** This page's end of the event stream: subscribers with their topics, and whether the daemon is there. */
class Stream {
  private readonly subscribers = new Set<{ topics: string[]; take: (event: LogEvent) => void }>();
  private readonly positions = new Set<(cursor: number) => void>();
  private readonly watchers = new Set<() => void>();
  private sent: string | null = null;
  private send: ((topics: string[]) => void) | null = null;
  up = true;

  subscribe(topics: string[], take: (event: LogEvent) => void): () => void {
    const entry = { topics, take };
    this.subscribers.add(entry);
    this.announce();
    return () => {
      this.subscribers.delete(entry);
      this.announce();
    };
  }
  /**
   * Called with the event id from which on nothing is missed: whatever was read as of an earlier one must be read again.
   * Infinity after a loss: everything must.
   */
  onPosition(callback: (cursor: number) => void): () => void {
    this.positions.add(callback);
    return () => this.positions.delete(callback);
  }
  watch = (callback: () => void): (() => void) => {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  };
  isUp = (): boolean => this.up;

  private readonly listener: HubListener = {
    event: (event) => { for (const { take } of [...this.subscribers]) take(event); },
    state: (up, cursor) => {
      const back = up && !this.up;
      if (up) this.positions.forEach((position) => position(back ? Infinity : cursor));
      if (up === this.up) return;
      this.up = up;
      this.watchers.forEach((watch) => watch());
    },
    reset: () => this.positions.forEach((position) => position(Infinity)),
  };
  private announce(): void {
    const topics = [...new Set([...this.subscribers].flatMap((s) => s.topics))].sort();
    if (topics.join() === this.sent) return;
    this.sent = topics.join();
    (this.send ??= this.connect())(topics);
  }
  private connect(): (topics: string[]) => void {
    if (typeof SharedWorker === "function") {
      try {
        return this.shared();
      } catch {
        // Some browsers have the name but refuse to start one; the page then holds a stream of its own.
      }
    }
    return this.alone();
  }
  private shared(): (topics: string[]) => void {
    const { port } = new SharedWorker(new URL("./stream.worker.ts", import.meta.url), { type: "module", name: "headrace-stream" });
    const send = (message: ToWorker): void => port.postMessage(message);
    port.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === "event") this.listener.event(data.event);
      else if (data.type === "state") this.listener.state(data.up, data.cursor);
      else this.listener.reset();
    };
    addEventListener("pagehide", () => send({ type: "bye" }));
    addEventListener("pageshow", (event) => { if (event.persisted) { this.listener.reset(); send({ type: "topics", topics: (this.sent ?? "").split(",") }); } });
    return (topics) => send({ type: "topics", topics });
  }
  /** Without a shared worker: one stream while this tab is visible, none while it is hidden. */
  private alone(): (topics: string[]) => void {
    let hub: Hub<null> | null = null, wanted: string[] = [];
    const apply = (): void => { document.hidden ? hub?.remove(null) : hub?.set(null, wanted, this.listener); };
    // Hardly any browser comes here: the others do not read it.
    void import("./hub").then((module) => {
      hub = new module.Hub<null>({ connect: (url) => new EventSource(url), position: logPosition });
      apply();
    });
    document.addEventListener("visibilitychange", apply);
    return (topics) => { wanted = topics; apply(); };
  }
}

export const stream = new Stream();
