import type { AssetKey } from "../api/types";

/** An asset key as text, as selections and URLs write it: components joined by `/`; inside one, `\/` and `\\`. */
export const keyText = (key: AssetKey): string => key.map((part) => part.replace(/[\\/]/g, "\\$&")).join("/");

export function keyFromText(text: string): AssetKey {
  const key = [""];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\" && i + 1 < text.length) key[key.length - 1] += text[++i]!;
    else if (text[i] === "/") key.push("");
    else key[key.length - 1] += text[i]!;
  }
  return key;
}

/** Keys as a selection: names that hold a sign of the language are quoted. */
export const selectionOf = (names: string[]): string => names.map((name) => (/[\s(),+*:="\\]|^(and|or|not)$/i.test(name) ? `"${name.replace(/["\\]/g, "\\$&")}"` : name)).join(", ");
