import { Link } from "@tanstack/react-router";
import type { RunSummary } from "../../api/types";
import { Status } from "../../components/status";
import { StepsBar } from "../../components/steps-bar";
import { Ago } from "../../components/time";
import { keyText } from "../../lib/keys";
import { plain } from "../../lib/text";
import { between, span } from "../../lib/time";

export function Targets({ run }: { run: Pick<RunSummary, "selection" | "assets"> }) {
  if (run.selection === "*") return <span>all assets</span>;
  if (run.selection) return <code>{plain(run.selection)}</code>;
  const names = (run.assets ?? []).map(keyText);
  return <span className="isolate">{plain(names.slice(0, 3).join(", "))}{names.length > 3 && <span className="faint"> and {names.length - 3} more</span>}</span>;
}

export function RunRow({ run, current }: { run: RunSummary; current: boolean }) {
  const queued = between(run.created_at, run.started_at), took = between(run.started_at, run.ended_at);
  return (
    <tr className={`link-row ${current ? "current" : ""}`} data-row aria-current={current || undefined}>
      <th scope="row" className="nowrap"><Link to="/runs/$id" params={{ id: String(run.number) }}>Run {run.number}</Link></th>
      <td className="targets"><Targets run={run} /></td>
      <td><Status value={run.status} /></td>
      <td className="wide-only"><span className="steps-cell"><StepsBar total={run.steps_total} succeeded={run.steps_succeeded} failed={run.steps_failed} ended={run.steps_ended} /><span className="tabular faint">{run.steps_ended}/{run.steps_total}</span></span></td>
      <td className="nowrap"><Ago time={run.created_at} /></td>
      <td className="num muted wide-only">{queued === null ? "–" : span(queued)}</td>
      <td className="num wide-only">{took === null ? "–" : span(took)}</td>
    </tr>
  );
}
