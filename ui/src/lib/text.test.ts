import { describe, expect, it } from "vitest";
import { plain, plural, safeUrl } from "./text";

describe("plain", () => {
  it("takes terminal codes away", () => expect(plain("\u001b[31mred\u001b[0m \u001b]8;;http://x\u0007link")).toBe("red link"));
  it("shows what would turn the text around or hide in it", () => expect(plain("a\u202egnp.exe\u0000")).toBe("a⟨U+202E⟩gnp.exe⟨U+0000⟩"));
  it("leaves markup, line breaks and other scripts as they are", () => expect(plain("<b>é 漢\n\t🙂</b>")).toBe("<b>é 漢\n\t🙂</b>"));
});

describe("safeUrl", () => {
  it("lets http and https through", () => expect([safeUrl("https://a.example/x?y=1"), safeUrl("HTTP://a.example")]).toEqual(["https://a.example/x?y=1", "http://a.example/"]));
  it.each(["javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", "//a.example", "not a url", ""])("refuses %j", (text) => expect(safeUrl(text)).toBeNull());
});

it("counts", () => expect([plural(1, "asset"), plural(1200, "asset"), plural(0, "match", "matches")]).toEqual(["1 asset", "1,200 assets", "0 matches"]));
