import type { ConfigField } from "../../api/types";
import { Icon } from "../../components/icons";
import { plain } from "../../lib/text";

/** Config fields; of an environment variable only its name and whether it is set, of a secret nothing: values stay with the daemon. */
export function ConfigTable({ fields, none }: { fields: ConfigField[]; none: string }) {
  if (!fields.length) return <p className="panel-body muted">{none}</p>;
  return (
    <div className="table-wrap">
      <table className="config" aria-label="Config">
        <thead><tr><th scope="col">Key</th><th scope="col">Type</th><th scope="col">Value</th></tr></thead>
        <tbody>
          {fields.map((field) => (
            <tr key={field.name}>
              <th scope="row"><code>{plain(field.name)}</code>{field.description && <div className="faint isolate">{plain(field.description)}</div>}</th>
              <td className="muted">{field.is_secret ? `secret ${field.type}` : field.type}</td>
              <td><Value field={field} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Text without the quotes of its JSON. */
function valueText(json: string | null): string {
  try {
    const value: unknown = JSON.parse(json ?? "");
    return typeof value === "string" ? value || '""' : (json ?? "");
  } catch {
    return json ?? "";
  }
}

function Value({ field }: { field: ConfigField }) {
  if (field.source === "env_var") {
    return (
      <span className="row">
        <code>{plain(field.env_var ?? "")}</code>
        <span className="badge env-badge" title="Read from this environment variable">env var</span>
        {field.is_set ? <span className="badge tone-success"><Icon name="check" />set</span> : <span className="badge tone-failure"><Icon name="warning" />not set</span>}
        {field.set_by && <span className="faint">by {field.set_by === "environment" ? "the daemon’s environment" : <code>{plain(field.set_by)}</code>}</span>}
      </span>
    );
  }
  if (field.is_secret) return <span aria-label="hidden">••••••••</span>;
  return <span className="row"><code>{plain(valueText(field.value))}</code>{field.source === "default" && <span className="faint">default</span>}</span>;
}
