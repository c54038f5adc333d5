import { Link } from "@tanstack/react-router";
import { Fragment, lazy, Suspense, type ComponentType } from "react";
import { Copy } from "../components/copy";
import { keyText } from "../lib/keys";
import { plain, safeUrl } from "../lib/text";
import { fullTime } from "../lib/time";
import { numberText, type AnyValue } from "./value";

type Rich = typeof import("./rich");
const rich = <P extends object>(pick: (module: Rich) => ComponentType<P>) => lazy(() => import("./rich").then((module) => ({ default: pick(module) })));
const Json = rich((module) => module.Json);
const Markdown = rich((module) => module.Markdown);
const LineageTable = rich((module) => module.LineageTable);
const RecordsTable = rich((module) => module.RecordsTable);
const SchemaTable = rich((module) => module.SchemaTable);

type Shape = Record<string, unknown>;
const isObject = (value: unknown): value is Shape => typeof value === "object" && value !== null && !Array.isArray(value);

/** One metadata value in its own way. A value whose shape is not what its type promises is shown as JSON. */
export function MetadataView(props: { label: string; item: AnyValue }) {
  return <Suspense fallback={<span className="faint">…</span>}><OneValue {...props} /></Suspense>;
}

function OneValue({ label, item }: { label: string; item: AnyValue }) {
  const { type, value } = item;
  if (typeof value === "string") {
    if (type === "path" || type === "notebook") return <PathView label={label} path={value} observed={item.observed === true} />;
    if (type === "url") return <UrlView text={value} />;
    if (type === "md") return <Markdown text={value} />;
    if (type === "int" || type === "float") return <span className="tabular">{numberText(value)}</span>;
    if (type === "dagster_run") return <Link to="/runs/$id" params={{ id: value }}><code>{plain(value)}</code></Link>;
    if (type === "python_artifact" || type === "pool") return <code>{plain(value)}</code>;
    if (type === "text") return <span className="text-value">{plain(value)}</span>;
  }
  if (typeof value === "number" && type === "timestamp") return <time dateTime={new Date(value * 1000).toISOString()}>{fullTime(value * 1000)}</time>;
  if (typeof value === "number" && (type === "int" || type === "float")) return <span className="tabular">{numberText(value)}</span>;
  if (type === "bool" && typeof value === "boolean") return <code>{value ? "True" : "False"}</code>;
  if (type === "null") return <span className="faint">null</span>;
  if (type === "asset" && Array.isArray(value)) return <Link to="/assets/$key" params={{ key: keyText(value.map(String)) }}>{plain(keyText(value.map(String)))}</Link>;
  if (type === "job" && isObject(value)) return <span>{plain(`${value.job_name} in ${value.location_name}`)}</span>;
  if (type === "table" && isObject(value) && Array.isArray(value.records)) return <RecordsTable records={value.records.filter(isObject)} schema={value.schema} />;
  if (type === "table_schema" && isObject(value) && Array.isArray(value.columns)) return <SchemaTable columns={value.columns as never} />;
  if (type === "column_lineage" && isObject(value) && isObject(value.deps_by_column)) return <LineageTable deps={value.deps_by_column as never} />;
  return <Json value={value} />;
}

export function PathView({ label, path, observed }: { label: string; path: string; observed: boolean }) {
  return (
    <span className="path-value">
      <code>{plain(path).split(/(?<=[/\\])/).map((part, i) => <Fragment key={i}>{part}<wbr /></Fragment>)}</code>
      <Copy text={path} label={`Copy ${label}`} />
      {observed && <span className="badge" title="Not logged by the IO manager: Headrace saw this file being written">observed</span>}
    </span>
  );
}

function UrlView({ text }: { text: string }) {
  const url = safeUrl(text);
  return url ? <a href={url} target="_blank" rel="noopener noreferrer">{plain(text)}</a> : <code>{plain(text)}</code>;
}
