import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { statusQuery } from "../../api/queries";
import { Copy } from "../../components/copy";
import { Status } from "../../components/status";
import { Ago } from "../../components/time";
import { bytesText } from "../../lib/bytes";
import { plain } from "../../lib/text";
import { stream } from "../../live/stream";

/** The daemon: what it is, where it keeps everything, how much that is, and whether it is well. */
export function Daemon() {
  const { data, isError } = useQuery(statusQuery);
  const up = useSyncExternalStore(stream.watch, stream.isUp) && !isError;
  if (!data) return null;
  const number = (n: number): string => n.toLocaleString("en-US");
  return (
    <section className="panel" aria-label="Daemon">
      <div className="panel-head"><h2>Daemon</h2><Status value={!up ? "away" : data.trouble ? "trouble" : "healthy"} /><span className="faint">started <Ago time={data.started_at} /></span></div>
      <dl className="tiles">
        <div><dt>Version</dt><dd>{plain(data.version)}</dd></div>
        <div><dt>Events</dt><dd>{number(data.as_of)}</dd></div>
        <div><dt>Database</dt><dd>{bytesText(data.storage.database_bytes)}</dd></div>
        <div><dt>Workers' output</dt><dd>{bytesText(data.storage.log_bytes)}</dd></div>
        <div><dt>Free on the disk</dt><dd title={`of ${bytesText(data.storage.disk_bytes)}`}>{bytesText(data.storage.available_bytes)}</dd></div>
        <div><dt>Runs under way</dt><dd>{number(data.unfinished_runs)}</dd></div>
        <div><dt>Workers</dt><dd>{number(data.workers)}</dd></div>
        <div><dt>Process</dt><dd>{data.pid}</dd></div>
        <div className="wide"><dt>Home</dt><dd className="path-value"><code>{plain(data.home)}</code><Copy text={data.home} label="Copy home" /></dd></div>
      </dl>
    </section>
  );
}
