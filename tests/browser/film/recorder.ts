import type { CDPSession, Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

interface Frame { file: string; at: number }

/** What Chromium sends of a page as it changes, joined to a film by ffmpeg. */
export class Recorder {
  private readonly frames: Frame[] = [];
  private constructor(private readonly session: CDPSession, private readonly folder: string) {}

  static async start(page: Page, folder: string): Promise<Recorder> {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const session = await page.context().newCDPSession(page), recorder = new Recorder(session, folder);
    session.on("Page.screencastFrame", ({ data, metadata, sessionId }) => {
      const file = join(folder, `${String(recorder.frames.length).padStart(5, "0")}.png`);
      writeFileSync(file, Buffer.from(data, "base64"));
      recorder.frames.push({ file, at: metadata.timestamp ?? Date.now() / 1000 });
      void session.send("Page.screencastFrameAck", { sessionId });
    });
    await session.send("Page.startScreencast", { format: "png" });
    return recorder;
  }

  /** Ends the recording and writes an animated WebP, which a README shows inline. */
  async write(to: string): Promise<{ frames: number; seconds: number }> {
    const ended = Date.now() / 1000;
    await this.session.send("Page.stopScreencast");
    const seconds = (i: number): number => Math.max(0.01, (this.frames[i + 1]?.at ?? ended) - this.frames[i]!.at);
    const list = join(this.folder, "frames.txt");
    writeFileSync(list, this.frames.map(({ file }, i) => `file '${file}'\nduration ${seconds(i).toFixed(3)}\n`).join(""));
    mkdirSync(dirname(to), { recursive: true });
    execFileSync("ffmpeg", [
      "-loglevel", "error", "-y", "-f", "concat", "-safe", "0", "-i", list, "-vf", "fps=10,mpdecimate=hi=1:lo=1:frac=1:max=20", "-fps_mode", "vfr",
      "-c:v", "libwebp_anim", "-lossless", "1", "-quality", "60", "-compression_level", "4", "-loop", "0", to,
    ]);
    return { frames: this.frames.length, seconds: ended - this.frames[0]!.at };
  }
}
