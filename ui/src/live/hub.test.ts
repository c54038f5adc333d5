import { beforeEach, describe, expect, it, vi } from "vitest";
import { Hub, type Source } from "./hub";

class Fake implements Source {
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  readyState = 0;
  closed = false;
  private readonly on = new Map<string, (event: MessageEvent<string>) => void>();
  constructor(readonly url: URL) {}
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void { this.on.set(type, listener); }
  close(): void { this.closed = true; }
  say(type: string, id: number, data: unknown = {}): void { this.on.get(type)!({ lastEventId: String(id), data: JSON.stringify(data) } as MessageEvent<string>); }
}
let sources: Fake[], at: number, seen: string[];
const listener = (name: string) => ({
  event: (event: { id: number }) => seen.push(`${name} event ${event.id}`),
  state: (up: boolean, cursor: number) => seen.push(`${name} ${up ? "up" : "down"} ${cursor}`),
  reset: () => seen.push(`${name} reset`),
}) as never;
const make = () => new Hub<string>({ connect: (url) => { const fake = new Fake(new URL(url, "http://x")); sources.push(fake); return fake; }, position: async () => { if (at < 0) throw new Error("away"); return at; } });
const settled = () => vi.advanceTimersByTimeAsync(0);
const asked = (fake: Fake) => [fake.url.searchParams.get("topics"), fake.url.searchParams.get("after")];

beforeEach(() => { vi.useFakeTimers(); sources = []; seen = []; at = 7; });

describe("the hub", () => {
  it("opens one stream for all, from the log's end", async () => {
    const hub = make();
    hub.set("tab1", ["assets", "runs"], listener("1"));
    await settled();
    hub.set("tab2", ["runs"], listener("2"));
    sources[0]!.onopen!(new Event("open"));
    sources[0]!.say("materialized", 8, { id: 8 });
    expect(sources.map(asked)).toEqual([["assets,runs", "7"]]);
    expect(seen).toEqual(["1 up 7", "2 up 7", "1 event 8", "2 event 8"]);
  });
  it("tells a tab that comes later where it stands", async () => {
    const hub = make();
    hub.set("tab1", ["assets"], listener("1"));
    await settled();
    sources[0]!.onopen!(new Event("open"));
    sources[0]!.say("ping", 12);
    hub.set("tab2", ["assets"], listener("2"));
    expect(seen).toEqual(["1 up 7", "2 up 12"]);
  });
  it("goes on from its cursor when a topic is added, and never back when one is dropped", async () => {
    const hub = make();
    hub.set("tab1", ["assets"], listener("1"));
    await settled();
    sources[0]!.say("materialized", 9, { id: 9 });
    hub.set("tab2", ["run:3"], listener("2"));
    await settled();
    hub.remove("tab2");
    expect(sources.map(asked)).toEqual([["assets", "7"], ["assets,run:3", "9"]]);
    expect(sources.map((source) => source.closed)).toEqual([true, false]);
  });
  it("closes with its last tab, and hears nothing of a closed stream", async () => {
    const hub = make();
    hub.set("tab1", ["assets"], listener("1"));
    await settled();
    hub.remove("tab1");
    sources[0]!.say("materialized", 9, { id: 9 });
    expect(sources[0]!.closed).toBe(true);
    expect(seen).toEqual([]);
  });
  it("says when the daemon is away, and comes back by itself where the browser would not", async () => {
    at = -1;
    const hub = make();
    hub.set("tab1", ["assets"], listener("1"));
    await settled();
    expect(seen).toEqual(["1 down -1"]);
    at = 3;
    await vi.advanceTimersByTimeAsync(1000);
    sources[0]!.readyState = 2;
    sources[0]!.onerror!(new Event("error"));
    await vi.advanceTimersByTimeAsync(1000);
    sources[1]!.onopen!(new Event("open"));
    expect(sources.map(asked)).toEqual([["assets", "3"], ["assets", "3"]]);
    expect(seen).toEqual(["1 down -1", "1 down 3", "1 up 3"]);
  });
  it("passes a reset on, and goes on from where it says", async () => {
    const hub = make();
    hub.set("tab1", ["assets"], listener("1"));
    await settled();
    sources[0]!.say("reset", 2);
    hub.set("tab1", ["assets", "runs"], listener("1"));
    await settled();
    expect(seen).toEqual(["1 reset"]);
    expect(asked(sources[1]!)).toEqual(["assets,runs", "2"]);
  });
});
