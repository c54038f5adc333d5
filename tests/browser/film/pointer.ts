import type { Locator, Page } from "@playwright/test";

/** A pointer that the film shows, which a headless browser does not, and the keys that are pressed. Runs inside the page. */
function drawHands(): void {
  addEventListener("DOMContentLoaded", () => {
    const over = document.createElement("div");
    over.popover = "manual";
    over.id = "film";
    Object.assign(over.style, { position: "fixed", inset: "0", width: "100%", height: "100%", margin: "0", border: "0", padding: "0", background: "none", pointerEvents: "none", overflow: "hidden" });
    const ring = document.createElement("div"), key = document.createElement("kbd");
    const arrow = document.createElementNS("http://www.w3.org/2000/svg", "svg"), path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", "M2 1.500v17l4.600-4.300 2.900 6.800 3-1.300-2.900-6.600h6.300z");
    for (const [name, value] of [["fill", "#fff"], ["stroke", "#000"], ["stroke-width", "1.3"], ["stroke-linejoin", "round"]] as const) path.setAttribute(name, value);
    arrow.setAttribute("viewBox", "0 0 18 23");
    arrow.append(path);
    Object.assign(arrow.style, { position: "absolute", width: "20px", height: "25px", left: "-40px", top: "-40px" });
    Object.assign(ring.style, { position: "absolute", width: "30px", height: "30px", margin: "-15px", borderRadius: "50%", background: "var(--accent)", opacity: "0", transition: "opacity .25s" });
    Object.assign(key.style, { position: "absolute", left: "50%", bottom: "64px", transform: "translateX(-50%)", padding: "6px 16px", fontSize: "20px", background: "var(--fg)", color: "var(--surface)", border: "0", borderRadius: "8px", opacity: "0", transition: "opacity .2s" });
    over.append(ring, arrow, key);
    document.body.append(over);
    // Popovers lie above dialogs that were opened before them: shown anew with each move, it lies above all.
    const raise = (): void => { if (over.matches(":popover-open")) over.hidePopover(); over.showPopover(); };
    raise();
    addEventListener("mousemove", ({ clientX, clientY }) => {
      Object.assign(arrow.style, { left: `${clientX}px`, top: `${clientY}px` });
      Object.assign(ring.style, { left: `${clientX}px`, top: `${clientY}px` });
    }, true);
    addEventListener("mousedown", () => (ring.style.opacity = "0.35"), true);
    addEventListener("mouseup", () => (ring.style.opacity = "0"), true);
    addEventListener("film-key", (event) => {
      key.textContent = (event as CustomEvent<string>).detail;
      key.style.opacity = key.textContent ? "0.92" : "0";
      raise();
    });
  });
}

/** A person at the page, seen: moves the pointer in an arc of time, waits a moment, presses. */
export class Hand {
  private x = 640;
  private y = 420;
  private constructor(private readonly page: Page) {}

  static async at(page: Page): Promise<Hand> {
    await page.addInitScript(drawHands);
    return new Hand(page);
  }
  /** Time for whoever watches. */
  async rest(seconds: number): Promise<void> {
    await this.page.waitForTimeout(seconds * 1000); // lint: allow: a film, no test
  }
  async goTo(x: number, y: number): Promise<void> {
    const steps = Math.max(6, Math.min(16, Math.round(Math.hypot(x - this.x, y - this.y) / 30)));
    for (let i = 1; i <= steps; i++) {
      const part = (1 - Math.cos((Math.PI * i) / steps)) / 2;
      await this.page.mouse.move(this.x + (x - this.x) * part, this.y + (y - this.y) * part);
      await this.rest(0.025);
    }
    Object.assign(this, { x, y });
  }
  async pressAt(x: number, y: number): Promise<void> {
    await this.goTo(x, y);
    await this.rest(0.25);
    await this.page.mouse.down();
    await this.rest(0.09);
    await this.page.mouse.up();
  }
  async press(what: Locator): Promise<void> {
    await what.scrollIntoViewIfNeeded();
    const box = (await what.boundingBox())!;
    await this.pressAt(box.x + Math.min(box.width / 2, 60), box.y + box.height / 2);
  }
  async hover(what: Locator): Promise<void> {
    const box = (await what.boundingBox())!;
    await this.goTo(box.x + Math.min(box.width / 2, 60), box.y + box.height / 2);
  }
  async key(keys: string, name = keys): Promise<void> {
    const say = (text: string): Promise<void> => this.page.evaluate((detail) => void dispatchEvent(new CustomEvent("film-key", { detail })), text);
    await say(name);
    await this.rest(0.5);
    await this.page.keyboard.press(keys);
    await say(name);
    await this.rest(0.3);
    await say("");
  }
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text, { delay: 110 });
  }
  async scroll(by: number): Promise<void> {
    for (let done = 0; done < Math.abs(by); done += 30) {
      await this.page.mouse.wheel(0, Math.sign(by) * 30);
      await this.rest(0.02);
    }
  }
}
