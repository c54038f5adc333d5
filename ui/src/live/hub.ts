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
  state(up: boolean): void;
  /** The stream lost its place: everything must be read again. */
  reset(): void;
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
  private cursor = "";
  private up: boolean | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly connect: (url: string) => Source, private readonly path = "/api/v1/events") {}

  set(key: Key, topics: Iterable<string>, listener: HubListener): void {
    const fresh = !this.listeners.has(key);
    this.listeners.set(key, { listener, topics: new Set(topics) });
    if (fresh && this.up !== null) listener.state(this.up);
    this.update();
  }
  remove(key: Key): void {
    this.listeners.delete(key);
    this.update();
  }

  private update(): void {
    const topics = [...new Set([...this.listeners.values()].flatMap((l) => [...l.topics]))].sort();
    // Topics that nobody wants any more stay until the stream is opened for another reason: cheaper than to open it again.
    if (this.open.length && topics.length && topics.every((topic) => this.open.includes(topic))) return;
    this.stop();
    if (topics.length) this.start(topics);
  }
  private stop(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
    this.open = [];
  }
  private start(topics: string[]): void {
    this.open = topics;
    const query = new URLSearchParams({ topics: topics.join(",") });
    if (this.cursor) query.set("after", this.cursor);
    const source = this.connect(`${this.path}?${query}`);
    this.source = source;
    const mine = (work: () => void): void => { if (this.source === source) work(); };
    source.onopen = () => mine(() => this.tell(true));
    source.onerror = () => mine(() => {
      this.tell(false);
      // A refused connection is retried by the browser; an answer that is no stream is final, so it is retried here.
      if (source.readyState === closed) {
        this.source = null;
        this.timer = setTimeout(() => this.start(topics), reopenAfter);
      }
    });
    for (const type of eventTypes) source.addEventListener(type, (message) => mine(() => this.take(message)));
    source.addEventListener("ping", (message) => mine(() => { this.cursor = message.lastEventId || this.cursor; }));
    source.addEventListener("reset", (message) => mine(() => {
      this.cursor = message.lastEventId;
      for (const { listener } of this.listeners.values()) listener.reset();
    }));
  }
  private take(message: MessageEvent<string>): void {
    this.cursor = message.lastEventId || this.cursor;
    const event = JSON.parse(message.data) as LogEvent;
    for (const { listener } of this.listeners.values()) listener.event(event);
  }
  private tell(up: boolean): void {
    this.up = up;
    for (const { listener } of this.listeners.values()) listener.state(up);
  }
}
