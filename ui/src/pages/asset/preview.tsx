import { useQuery } from "@tanstack/react-query";
import { problemText } from "../../api/problem";
import { previewQuery } from "../../api/queries";
import type { Asset, Preview as Answer } from "../../api/types";
import { bytesText } from "../../lib/bytes";
import { useSeen } from "../../lib/seen";
import { plain, plural } from "../../lib/text";

/** The first rows of what is stored, read by a worker once this part of the page comes into view. */
export function Preview({ asset }: { asset: Asset }) {
  const [section, seen] = useSeen();
  const latest = asset.latest_materialization;
  const { data, error } = useQuery({ ...previewQuery(asset.key, latest?.event_id ?? 0), enabled: seen && latest !== null });
  if (!latest) return null;
  return (
    <section ref={section} className="panel" aria-label="Preview" aria-busy={!data && !error}>
      <div className="panel-head"><h2>Preview</h2>{data && <Facts preview={data} />}</div>
      {data ? <Value preview={data} /> : error ? <p className="panel-body muted">{plain(problemText(error))}</p> : <p className="panel-body muted" role="status">A worker reads the first rows …</p>}
    </section>
  );
}

function Facts({ preview: { stored, rows, total_rows: total, columns } }: { preview: Answer }) {
  const { format, bytes } = (stored ?? {}) as { format?: unknown; bytes?: unknown };
  const facts = [
    typeof format === "string" ? format.replaceAll("_", " ") : "",
    typeof bytes === "number" ? bytesText(bytes) : "",
    columns ? plural(columns.length, "column") : "",
    rows ? (total === null ? `first ${plural(rows.length, "row")}` : total > rows.length ? `first ${rows.length} of ${plural(total, "row")}` : plural(total, "row")) : "",
  ];
  return <span className="faint">{plain(facts.filter(Boolean).join(" · "))}</span>;
}

function Value({ preview: { columns, rows, text, reason } }: { preview: Answer }) {
  if (columns && rows) return <Rows columns={columns} rows={rows} />;
  if (text !== null) return <pre className="traceback preview-text" tabIndex={0} role="region" aria-label="Beginning of the value">{plain(text)}</pre>;
  return <p className="panel-body muted">{plain(reason ?? "There is nothing to show.")}</p>;
}

function Rows({ columns, rows }: { columns: NonNullable<Answer["columns"]>; rows: unknown[][] }) {
  const numeric = columns.map(({ type }) => /^(u?int\d*|float|double|halffloat|decimal)/.test(type));
  return (
    <div className="table-wrap preview-rows" tabIndex={0} role="region" aria-label="First rows">
      <table aria-label="Preview">
        <thead>
          <tr>{columns.map(({ name, type, nullable }, i) => <th key={i} scope="col" className={numeric[i] ? "num" : ""}><span className="isolate">{plain(name)}</span> <span className="column-type" title={nullable ? "May be missing" : "Never missing"}>{plain(type)}</span></th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row, r) => <tr key={r}>{columns.map((_, i) => <td key={i} className={numeric[i] ? "num" : ""}><Cell value={row[i]} /></td>)}</tr>)}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span className="faint">null</span>;
  return <span className="isolate">{plain(typeof value === "string" ? value : typeof value === "number" ? String(value) : JSON.stringify(value))}</span>;
}
