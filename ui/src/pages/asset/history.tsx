import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useRowKeys } from "../../app/row-keys";
import type { Materialization } from "../../api/types";
import { RunLink } from "../../components/asset-bits";
import { Ago } from "../../components/time";
import { brief, ordered } from "../../metadata/value";
import { plain } from "../../lib/text";

const step = 10;

/** All materializations, newest first, each with the run that made it. */
export function History({ items: all, more, loading, readMore }: { items: Materialization[]; more: boolean; loading: boolean; readMore: () => void }) {
  const navigate = useNavigate();
  const [count, setCount] = useState(step);
  const items = all.slice(0, count);
  // Most are stored in one place: then it is said above, once.
  const places = new Set(items.map((item) => JSON.stringify(item.metadata.path)));
  const briefs = (item: Materialization) => ordered(item.metadata).filter(([label]) => label !== "path" || places.size > 1).slice(0, 4);
  const at = useRowKeys(items.length, (row) => void navigate({ to: "/runs/$id", params: { id: String(items[row]!.run_number) } }));
  if (!items.length) return null;
  return (
    <section className="panel" aria-label="History">
      <div className="panel-head"><h2>History</h2></div>
      <div className="table-wrap">
        <table aria-label="History">
          <thead><tr><th scope="col">Run</th><th scope="col">When</th><th scope="col">Metadata</th></tr></thead>
          <tbody>
            {items.map((item, i) => (
              <tr key={item.event_id} data-row className={`link-row ${i === at ? "current" : ""}`} aria-current={i === at || undefined}>
                <th scope="row" className="nowrap"><RunLink number={item.run_number} /></th>
                <td className="nowrap"><Ago time={item.timestamp} /></td>
                <td className="briefs">{briefs(item).map(([label, value]) => <span key={label}><span className="faint">{plain(label)}</span> {plain(brief(value).slice(0, 80))}</span>)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {(more || all.length > count) && (
        <div className="panel-body"><button type="button" className="button small" disabled={loading} onClick={() => { setCount(count + 4 * step); if (all.length < count + 4 * step && more) readMore(); }}>Older ones</button></div>
      )}
    </section>
  );
}
