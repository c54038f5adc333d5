import { plain } from "../lib/text";
import { MetadataView } from "./view";
import { ordered, type AnyValue } from "./value";

/** Labels and values, each value in its type's way. */
export function MetadataTable({ metadata, title = "Metadata" }: { metadata: Record<string, AnyValue>; title?: string }) {
  const rows = ordered(metadata);
  if (!rows.length) return <p className="muted">No metadata was logged.</p>;
  return (
    <table className="metadata" aria-label={title}>
      <tbody>{rows.map(([label, item]) => <tr key={label}><th scope="row"><span>{plain(label)}</span></th><td><MetadataView label={label} item={item} /></td></tr>)}</tbody>
    </table>
  );
}
