import type { LogEvent } from "../api/types";
import { eventTypes } from "./messages";

/** What the hub needs of an EventSource: tests give a fake one. */
export interface Source {
  onopen: ((event: Event) => void) | null;
  onerror: ((event: Event) => void) | null;
  readonly readyState: number;
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}
export interface HubListener {
  event(event: LogEvent): void;
  /** The stream is there or lost. Up: every event of the topics after `cursor` comes; answers as of before it may lack some. */
  state(up: boolean, cursor: number): void;
  /** The stream lost its place: everything must be read again. */
  reset(): void;
}
export interface HubNeeds {
  connect(url: string): Source;
  /** The last event id of the log now: where a first stream begins. */
  position(): Promise<number>;
}
const closed = 2;
const reopenAfter = 1000;

/**
 * One event stream for all listeners (tabs): the topics of the stream are the union of theirs. The cursor is the last
 * event id, so that a stream opened again, for new topics or after a loss, goes on where it was.
 */
export class Hub<Key> {
  private readonly listeners = new Map<Key, { listener: HubListener; topics: Set<string> }>();
  private source: Source | null = null;
  private open: string[] = [];
  private cursor = -1;
  private up: boolean | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly needs: HubNeeds, private readonly path = "/api/v1/events") {}

  set(key: Key, topics: Iterable<string>, listener: HubListener): void {
    this.listeners.set(key, { listener, topics: new Set(topics) });
    const same = !this.update();
    if (same && this.up !== null) listener.state(this.up, this.cursor);
  }
  remove(key: Key): void {
    this.listeners.delete(key);
    this.update();
  }

  /** True when the stream was opened anew. */
  private update(): boolean {
    const topics = [...new Set([...this.listeners.values()].flatMap((l) => [...l.topics]))].sort();
    // Topics that nobody wants any more stay until the stream is opened for another reason: cheaper than to open it again.
    if (this.open.length && topics.length && topics.every((topic) => this.open.includes(topic))) return false;
    this.stop();
    if (topics.length) void this.start(topics);
    return true;
  }
  private stop(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.open = [];
  }
  private async start(topics: string[]): Promise<void> {
    this.open = topics;
    if (this.cursor < 0) {
      const at = await this.needs.position().catch(() => -1);
      if (this.open !== topics) return;
      if (at < 0) return this.retry(topics);
      this.cursor = at;
    }
    const source = this.needs.connect(`${this.path}?${new URLSearchParams({ topics: topics.join(","), after: String(this.cursor) })}`);
    this.source = source;
    const mine = (work: () => void): void => { if (this.source === source) work(); };
    source.onopen = () => mine(() => this.tell(true));
    source.onerror = () => mine(() => {
      // A lost connection is retried by the browser; an answer that is no stream is final, so it is retried here.
      if (source.readyState === closed) this.retry(topics);
      else this.tell(false);
    });
    for (const type of eventTypes) source.addEventListener(type, (message) => mine(() => this.take(message)));
    source.addEventListener("ping", (message) => mine(() => this.advance(message)));
    source.addEventListener("reset", (message) => mine(() => {
      this.cursor = Number(message.lastEventId);
      for (const { listener } of this.listeners.values()) listener.reset();
    }));
  }
  private retry(topics: string[]): void {
    this.source = null;
    this.tell(false);
    this.timer = setTimeout(() => void this.start(topics), reopenAfter);
  }
  private advance(message: MessageEvent<string>): void {
    this.cursor = Math.max(this.cursor, Number(message.lastEventId) || 0);
  }
  private take(message: MessageEvent<string>): void {
    this.advance(message);
    const event = JSON.parse(message.data) as LogEvent;
    for (const { listener } of this.listeners.values()) listener.event(event);
  }
  private tell(up: boolean): void {
    this.up = up;
    for (const { listener } of this.listeners.values()) listener.state(up, this.cursor);
  }
}
