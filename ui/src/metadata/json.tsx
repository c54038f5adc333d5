import { plain } from "../lib/text";

const shown = 100;

/** Any JSON as a tree that opens and closes; long lists are cut and say so. */
export function Json({ value, depth = 0 }: { value: unknown; depth?: number }) {
  if (value === null || typeof value !== "object") return <Leaf value={value} />;
  const entries = Array.isArray(value) ? value.map((item, i) => [String(i), item] as const) : Object.entries(value);
  if (!entries.length) return <code>{Array.isArray(value) ? "[]" : "{}"}</code>;
  return (
    <details className="json" open={depth < 1 && entries.length <= 12}>
      <summary>{Array.isArray(value) ? `list of ${entries.length}` : `{ ${plain(entries.slice(0, 3).map(([key]) => key).join(", "))}${entries.length > 3 ? ", …" : ""} }`}</summary>
      <ul>
        {entries.slice(0, shown).map(([key, item]) => <li key={key}><span className="json-key">{plain(key)}</span> <Json value={item} depth={depth + 1} /></li>)}
        {entries.length > shown && <li className="faint">and {entries.length - shown} more</li>}
      </ul>
    </details>
  );
}

function Leaf({ value }: { value: unknown }) {
  return <code className={`json-${value === null ? "null" : typeof value}`}>{typeof value === "string" ? plain(JSON.stringify(value)) : String(value)}</code>;
}
