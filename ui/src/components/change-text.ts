import type { DefinitionsChange } from "../api/types";
import { keyText } from "../lib/keys";
import { plain, plural } from "../lib/text";

/** What a reload did: "2 assets added (a, b), 1 asset changed (c)". */
export function changeText({ added, removed, changed }: DefinitionsChange): string {
  const part = ({ count, first }: DefinitionsChange["added"], what: string): string => {
    const names = first.slice(0, 3).map((key) => plain(keyText(key))).join(", ");
    return count ? `${plural(count, "asset")} ${what} (${names}${count > 3 ? ", …" : ""})` : "";
  };
  return [part(added, "added"), part(removed, "removed"), part(changed, "changed")].filter(Boolean).join(", ") || "no definition changed";
}
