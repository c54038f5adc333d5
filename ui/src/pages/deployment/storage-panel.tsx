import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";
import { statusQuery } from "../../api/queries";
import { bytesText } from "../../lib/bytes";
import { plain } from "../../lib/text";

/** What the home takes, and what its disk still has. */
export function StoragePanel() {
  const { data } = useQuery(statusQuery);
  if (!data) return null;
  const { storage } = data;
  const rows: [string, string][] = [
    ["Home", plain(data.home)],
    ["Event log", bytesText(storage.database_bytes)],
    ["Workers' output", bytesText(storage.log_bytes)],
    ["Free on the disk", `${bytesText(storage.available_bytes)} of ${bytesText(storage.disk_bytes)}`],
  ];
  return (
    <section className="panel" aria-labelledby="storage">
      <header className="panel-head"><h2 id="storage">Disk space</h2></header>
      <dl className="facts panel-body">
        {rows.map(([name, value]) => <Fragment key={name}><dt>{name}</dt><dd className="isolate">{value}</dd></Fragment>)}
      </dl>
    </section>
  );
}
