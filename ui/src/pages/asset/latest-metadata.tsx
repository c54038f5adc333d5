import type { Asset, Materialization } from "../../api/types";
import { LogLink, RunLink } from "../../components/asset-bits";
import { Empty } from "../../components/notice";
import { Sparkline } from "../../components/sparkline";
import { Ago } from "../../components/time";
import { MetadataView } from "../../metadata/view";
import { brief, difference, ordered } from "../../metadata/value";
import { plain } from "../../lib/text";
import { courses } from "./courses";

/** The latest materialization: each value, how it differs from the one before, and its course where it is a number. */
export function LatestMetadata({ asset, history }: { asset: Asset; history: Materialization[] }) {
  const latest = asset.latest_materialization;
  if (!latest) {
    return (
      <section className="panel" aria-label="Metadata">
        <Empty icon="file" title="Never materialized">
          <p>{asset.is_external ? "It is not made here: other assets refer to it." : "“Materialize” makes it. Then this page shows where it is stored, and what its IO manager logged."}</p>
        </Empty>
      </section>
    );
  }
  const before = history.find((item) => item.event_id < latest.event_id && item.partition === latest.partition);
  const rows = ordered(latest.metadata);
  const values = new Map(courses(history).map(({ label, points }) => [label, points.slice(-25).map((point) => point.value)]));
  return (
    <section className="panel" aria-label="Metadata">
      <div className="panel-head"><h2>Metadata</h2><span className="faint">by <RunLink number={latest.run_number} />, <Ago time={latest.timestamp} /> · <LogLink run={latest.run_number} step={latest.step_key} /></span></div>
      {!rows.length && <p className="panel-body muted">No metadata was logged.</p>}
      <div className="table-wrap">
        <table className="metadata" aria-label="Metadata">
          <tbody>
            {rows.map(([label, item]) => (
              <tr key={label}>
                <th scope="row"><span>{plain(label)}</span></th>
                <td><MetadataView label={label} item={item} /></td>
                <td className="num faint" title={before?.metadata[label] && `Before: ${plain(brief(before.metadata[label]).slice(0, 200))}`}>{difference(item, before?.metadata[label])}</td>
                <td className="spark-cell"><Sparkline label={label} values={values.get(label) ?? []} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
