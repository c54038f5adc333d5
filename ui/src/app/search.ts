/** Search parameters as people write them: `?q=raw&sel=a&sel=b/c`, not JSON. One value is a string, more are a list. */
export type RawSearch = Record<string, string | string[]>;

export function parseSearch(text: string): RawSearch {
  const out: RawSearch = {};
  for (const [name, value] of new URLSearchParams(text)) {
    const before = out[name];
    out[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
  }
  return out;
}

export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    for (const item of Array.isArray(value) ? value : [value]) if (item !== undefined && item !== null && item !== "") params.append(name, String(item));
  }
  const text = params.toString().replaceAll("%2F", "/");
  return text ? `?${text}` : "";
}

export const asList = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : value === undefined ? [] : [String(value)]);
export const asText = (value: unknown): string | undefined => (Array.isArray(value) ? asText(value[0]) : typeof value === "string" && value ? value : undefined);
