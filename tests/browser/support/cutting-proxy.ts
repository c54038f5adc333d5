import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Stands between browser and daemon and cuts the event stream after so many events, in the middle of one. */
export class CuttingProxy {
  /** Where streams began, by the event id that the browser asked from. */
  readonly resumed: number[] = [];
  cuts = 0;
  private events = 0;
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly server: Server, private readonly daemon: URL, private readonly at: readonly number[]) {}

  /** `at`: how many events of the stream are passed on before each cut. */
  static async open(daemon: string, at: readonly number[]): Promise<CuttingProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new CuttingProxy(server, new URL(daemon), at);
    server.on("connection", (browser) => proxy.pass(browser));
    return proxy;
  }
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
  private pass(browser: Socket): void {
    const daemon = connect(Number(this.daemon.port), this.daemon.hostname);
    let isStream = false;
    for (const [from, to] of [[browser, daemon], [daemon, browser]] as const) {
      this.sockets.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => { this.sockets.delete(from); to.destroy(); });
    }
    browser.on("data", (request) => {
      const text = request.toString("latin1");
      if (/^GET \/api\/v1\/events\?/m.test(text)) {
        isStream = true;
        this.resumed.push(Number(/^Last-Event-ID: (\d+)/im.exec(text)?.[1] ?? /[?&]after=(\d+)/.exec(text)?.[1]));
      }
      daemon.write(request);
    });
    daemon.on("data", (answer) => {
      if (!isStream) return void browser.write(answer);
      this.events += answer.toString("latin1").split("\nid: ").length - 1;
      const most = this.at[this.cuts];
      if (most === undefined || this.events < most) return void browser.write(answer);
      this.cuts++;
      browser.end(answer.subarray(0, answer.length / 2));
      daemon.destroy();
    });
  }
}
