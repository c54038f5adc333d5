import type { ReactNode } from "react";
import { plain } from "../lib/text";

const rowsShown = 50;
type Column = { name: string; type?: string; description?: string | null; constraints?: { nullable?: boolean; unique?: boolean } };

const cellText = (value: unknown): ReactNode => (value === null || value === undefined ? <span className="faint">null</span> : plain(typeof value === "string" ? value : JSON.stringify(value)));

/** A logged table: its records, the first rows of them. JSON forgets the order of the columns; the schema knows it. */
export function RecordsTable({ records, schema }: { records: Record<string, unknown>[]; schema: unknown }) {
  const known = ((schema as { columns?: Column[] } | null)?.columns ?? []).map(({ name }) => name);
  const columns = [...new Set([...known, ...records.flatMap((record) => Object.keys(record))])];
  return (
    <div className="table-wrap metadata-table" tabIndex={0} role="region" aria-label="Logged table">
      <table>
        <thead><tr>{columns.map((name) => <th key={name} scope="col" className={typeof records[0]?.[name] === "number" ? "num" : ""}>{plain(name)}</th>)}</tr></thead>
        <tbody>
          {records.slice(0, rowsShown).map((record, i) => (
            <tr key={i}>{columns.map((name) => <td key={name} className={typeof record[name] === "number" ? "num" : ""}>{cellText(record[name])}</td>)}</tr>
          ))}
        </tbody>
      </table>
      {records.length > rowsShown && <p className="faint">{records.length - rowsShown} more rows</p>}
    </div>
  );
}

/** The columns of a table: name, type, what holds for them. */
export function SchemaTable({ columns }: { columns: Column[] }) {
  return (
    <div className="table-wrap metadata-table" tabIndex={0} role="region" aria-label="Table schema">
      <table>
        <thead><tr><th scope="col">Column</th><th scope="col">Type</th><th scope="col">About</th></tr></thead>
        <tbody>
          {columns.map((column) => (
            <tr key={column.name}>
              <th scope="row"><code>{plain(column.name)}</code></th>
              <td><code>{plain(column.type ?? "")}</code></td>
              <td className="muted">{[column.constraints?.nullable === false ? "not null" : "", column.constraints?.unique ? "unique" : "", plain(column.description ?? "")].filter(Boolean).join(" · ")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type Dep = { asset_key: string[] | { path?: string[] }; column_name: string };

/** From which columns of which assets each column comes. */
export function LineageTable({ deps }: { deps: Record<string, Dep[]> }) {
  const from = ({ asset_key: key, column_name: name }: Dep): string => `${(Array.isArray(key) ? key : (key.path ?? [])).join("/")}.${name}`;
  return (
    <div className="table-wrap metadata-table" tabIndex={0} role="region" aria-label="Column lineage">
      <table>
        <thead><tr><th scope="col">Column</th><th scope="col">Comes from</th></tr></thead>
        <tbody>{Object.entries(deps).map(([name, list]) => <tr key={name}><th scope="row"><code>{plain(name)}</code></th><td>{plain(list.map(from).join(", "))}</td></tr>)}</tbody>
      </table>
    </div>
  );
}
