import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useRowKeys } from "../../app/row-keys";
import { resourcesQuery } from "../../api/queries";
import { problemText } from "../../api/problem";
import { Empty } from "../../components/notice";
import { plain, plural } from "../../lib/text";

export function ResourceTable({ location }: { location: string }) {
  const { data, error } = useQuery(resourcesQuery(location));
  const navigate = useNavigate();
  const items = data?.items ?? [];
  const at = useRowKeys(items.length, (row) => void navigate({ to: "/deployment/$location/resources/$name", params: { location, name: items[row]!.key } }));
  if (error && !data) return <p className="panel-body" role="alert">{plain(problemText(error))}</p>;
  if (data && !items.length) return <Empty icon="plug" title="No resources"><p>Resources given to <code>Definitions(resources=…)</code> are listed here, with their config.</p></Empty>;
  return (
    <div className="table-wrap">
      <table aria-label="Resources">
        <thead><tr><th scope="col">Resource</th><th scope="col">Type</th><th scope="col">Used by</th><th scope="col">Environment</th></tr></thead>
        <tbody>
          {items.map((resource, i) => (
            <tr key={resource.key} data-row className={`link-row ${i === at ? "current" : ""}`} aria-current={i === at || undefined}>
              <th scope="row"><Link to="/deployment/$location/resources/$name" params={{ location, name: resource.key }}>{plain(resource.key)}</Link>{resource.is_io_manager && <> <span className="badge">IO manager</span></>}</th>
              <td><code>{plain(resource.type.split(".").at(-1) ?? "")}</code></td>
              <td className="muted">{plural(resource.used_by.length, "asset")}</td>
              <td><Variables fields={resource.config} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Variables({ fields }: { fields: { env_var: string | null; is_set: boolean }[] }) {
  const used = fields.filter((field) => field.env_var);
  if (!used.length) return <span className="faint">–</span>;
  return <span className="row">{used.map((field) => <span key={field.env_var} className={`badge ${field.is_set ? "" : "tone-failure"}`}>{plain(field.env_var!)}{field.is_set ? "" : " not set"}</span>)}</span>;
}
