import type { GraphData } from "./data";

const statuses = ["never", "in_progress", "materialized", "failed", "stale"];

/** Whether a text is more than words and their simple fields: then it is a selection, which the daemon reads. */
export const isSelection = (text: string): boolean => /[+()*,"]|(^|\s)(and|or|not)(\s|$)|(^|[\s(])(tag|owner|is|key|code_location):/i.test(text.trim());

/** What the filter lets through; null: it is empty. Words are parts of the key; `group:`, `kind:` and `status:` look there. All must hold. */
export function matching(data: GraphData, text: string): Set<number> | null {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const tests = words.map((word) => test(data, word));
  const found = new Set<number>();
  for (let i = 0; i < data.names.length; i++) if (tests.every((holds) => holds(i))) found.add(i);
  return found;
}

function test(data: GraphData, word: string): (i: number) => boolean {
  const colon = word.indexOf(":");
  const field = colon > 0 ? word.slice(0, colon) : "", value = word.slice(colon + 1).replace(/^"|"$/g, "");
  if (field === "group") return (i) => data.boxes[data.group[i]!]!.name.toLowerCase().includes(value);
  if (field === "kind") return (i) => data.kinds[i]!.some((kind) => kind.toLowerCase() === value);
  if (field === "status") {
    const codes = new Set(statuses.flatMap((name, code) => (value && name.startsWith(value.replace(" ", "_")) ? [code] : [])));
    return (i) => codes.has(data.status[i]!);
  }
  const lower = (lowered.get(data) ?? lowered.set(data, data.names.map((name) => name.toLowerCase())).get(data))!;
  return (i) => lower[i]!.includes(word);
}
const lowered = new WeakMap<GraphData, string[]>();
