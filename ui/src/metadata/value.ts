import { keyText } from "../lib/keys";
import { fullTime } from "../lib/time";

/** Of any type, also one that a newer daemon adds. */
export interface AnyValue {
  type: string;
  value?: unknown;
  observed?: boolean;
}

/** A number with separators. Integers beyond 2^53 come as strings of digits and must not pass through a double. */
export function numberText(value: unknown): string {
  if (typeof value === "string" && /^-?\d+$/.test(value)) return BigInt(value).toLocaleString("en-US");
  if (typeof value === "number") return Number.isInteger(value) ? value.toLocaleString("en-US") : String(value);
  return String(value);
}

/** One line that says a value where there is no room to show it, as in a history's row. */
export function brief({ type, value }: AnyValue): string {
  switch (type) {
    case "int": case "float": return numberText(value);
    case "timestamp": return typeof value === "number" ? fullTime(value * 1000) : String(value);
    case "asset": return Array.isArray(value) ? keyText(value.map(String)) : String(value);
    case "table": return `table of ${(value as { records?: unknown[] })?.records?.length ?? 0} rows`;
    case "table_schema": return `${(value as { columns?: unknown[] })?.columns?.length ?? 0} columns`;
    case "md": return String(value).replace(/\s+/g, " ").slice(0, 40);
    case "null": return "null";
    default: return typeof value === "string" ? value : JSON.stringify(value);
  }
}

/** What people look for first: where it is stored, then counts, then the rest as it was logged. */
export function ordered(metadata: Record<string, AnyValue>): [string, AnyValue][] {
  const rank = ([label, { type }]: [string, AnyValue]): number => (label === "path" || label === "uri" ? 0 : type === "path" ? 1 : type === "int" || type === "float" ? 2 : 3);
  return Object.entries(metadata).sort((a, b) => rank(a) - rank(b));
}

/** How a value differs from the one before: numbers by how much, others whether; null where there is nothing to compare with. */
export function difference(now: AnyValue | undefined, before: AnyValue | undefined): string | null {
  if (now?.value === undefined || before?.value === undefined || now.type === "timestamp") return null;
  if (typeof now.value === "number" && typeof before.value === "number") {
    const delta = now.value - before.value;
    return delta === 0 ? "±0" : `${delta > 0 ? "+" : "−"}${numberText(Number(Math.abs(delta).toPrecision(6)))}`;
  }
  return JSON.stringify(now.value) === JSON.stringify(before.value) ? null : "changed";
}
