import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTitle } from "../../app/title";
import { useRowKeys } from "../../app/row-keys";
import { useShortcuts } from "../../app/shortcuts";
import { cancelRun, retryRun } from "../../api/calls";
import { problemText } from "../../api/problem";
import { runsQuery } from "../../api/queries";
import type { RunStatus } from "../../api/types";
import { PageError } from "../../components/page-error";
import { Notice } from "../../components/notice";
import { isOver, lookOf } from "../../components/status";
import { plain } from "../../lib/text";
import { AssetFilter } from "./asset-filter";
import { NoRuns } from "./no-runs";
import { RunRow } from "./run-row";

const statuses: RunStatus[] = ["queued", "starting", "running", "success", "failure", "canceling", "canceled"];

/** `/runs`: all runs, newest first, live. */
export function RunsPage() {
  const { status, asset } = useSearch({ from: "/runs" });
  const navigate = useNavigate({ from: "/runs" });
  const filter = { ...(statuses.includes(status as RunStatus) ? { status: status as RunStatus } : {}), ...(asset ? { asset } : {}) };
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(runsQuery(filter));
  const runs = data?.pages.flatMap((page) => page.items) ?? [];
  const at = useRowKeys(runs.length, (row) => void navigate({ to: "/runs/$id", params: { id: String(runs[row]!.number) } }));
  const act = useMutation({ mutationFn: (work: () => Promise<unknown>) => work() });
  const run = runs[at];
  useShortcuts({
    r: () => { if (run && isOver(run.status)) act.mutate(() => retryRun(run.run_id, run.steps_succeeded > 0 && run.steps_succeeded < run.steps_total ? "failure" : "start")); },
    x: () => { if (run && !isOver(run.status)) act.mutate(() => cancelRun(run.run_id)); },
  });
  useTitle("Runs");
  if (error && !data) return <PageError error={error} what="The list of runs" />;
  return (
    <div className="page">
      <header className="page-head">
        <h1>Runs</h1>
        <span className="spacer" />
        <label className="field">
          <span>Status</span>
          <select value={status ?? ""} onChange={(event) => void navigate({ search: (before) => ({ ...before, status: event.target.value || undefined }), replace: true })}>
            <option value="">any</option>
            {statuses.map((name) => <option key={name} value={name}>{lookOf(name).words}</option>)}
          </select>
        </label>
        <AssetFilter value={asset ?? ""} choose={(text) => void navigate({ search: (before) => ({ ...before, asset: text || undefined }), replace: true })} />
      </header>
      {act.isError && <Notice tone="failure" role="alert"><p>{plain(problemText(act.error))}</p></Notice>}
      {data && !runs.length && <NoRuns filtered={Boolean(status || asset)} />}
      {runs.length > 0 && (
        <div className="panel table-wrap">
          <table aria-label="Runs">
            <thead><tr><th scope="col">Run</th><th scope="col">Targets</th><th scope="col">Status</th><th scope="col" className="wide-only">Steps</th><th scope="col">Created</th><th scope="col" className="num wide-only">Queued</th><th scope="col" className="num wide-only">Took</th></tr></thead>
            <tbody>{runs.map((run, i) => <RunRow key={run.number} run={run} current={i === at} />)}</tbody>
          </table>
        </div>
      )}
      {hasNextPage && <div className="row"><button type="button" className="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>Older runs</button></div>}
    </div>
  );
}
