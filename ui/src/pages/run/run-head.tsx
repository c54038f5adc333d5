import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useShortcuts } from "../../app/shortcuts";
import { cancelRun, getRunEvents } from "../../api/calls";
import { problemText } from "../../api/problem";
import type { Run } from "../../api/types";
import { Icon } from "../../components/icons";
import { Notice } from "../../components/notice";
import { Refusals } from "../../components/refusals";
import { isOver, Status } from "../../components/status";
import { Ago } from "../../components/time";
import { useLaunchDialog } from "../../launch/launcher";
import { keyText, selectionOf } from "../../lib/keys";
import { useRetry } from "../../lib/launch";
import { plain } from "../../lib/text";
import { between, span } from "../../lib/time";
import { Targets } from "../runs/run-row";

const parentTag = "dagster/parent_run_id";

export function RunHead({ run }: { run: Run }) {
  const queued = between(run.created_at, run.started_at), took = between(run.started_at, run.ended_at);
  return (
    <header className="page-head">
      <nav className="crumbs" aria-label="Breadcrumb"><Link to="/runs">Runs</Link> <span aria-hidden="true">/</span> <span>{run.number}</span></nav>
      <h1>Run {run.number}</h1>
      <Status value={run.status} />
      <span className="spacer" />
      {isOver(run.status) ? <Again run={run} /> : <Cancel run={run} />}
      <div className="page-sub">
        <span><Targets run={run} /></span>
        <span>created <Ago time={run.created_at} /></span>
        {queued !== null && <span>queued {span(queued)}</span>}
        {took !== null && <span>took {span(took)}</span>}
        <span className="tabular">{run.steps_ended}/{run.steps_total} steps</span>
        {run.held_by && <span className="isolate">waits: {plain(run.held_by)}</span>}
        {run.tags[parentTag] && <span>retry of <Link to="/runs/$id" params={{ id: run.tags[parentTag] }}>an earlier run</Link></span>}
        {run.message && <span className="isolate">{plain(run.message)}</span>}
      </div>
    </header>
  );
}

function Cancel({ run }: { run: Run }) {
  const cancel = useMutation({ mutationFn: () => cancelRun(run.run_id) });
  useShortcuts({ x: () => { if (!cancel.isPending && run.status !== "canceling") cancel.mutate(); } });
  return (
    <>
      <button type="button" className="button" disabled={cancel.isPending || run.status === "canceling"} onClick={() => cancel.mutate()}><Icon name="stop" />Cancel</button>
      {cancel.isError && <Notice tone="failure" role="alert"><p>{plain(problemText(cancel.error))}</p></Notice>}
    </>
  );
}

/** The dialog for a run, filled in as this one was launched. */
function Another({ run }: { run: Run }) {
  const { open, dialog } = useLaunchDialog();
  const ask = async (): Promise<void> => {
    const { items } = await getRunEvents(run.run_id, 0, 1);
    const first = items[0];
    open({ selection: run.selection ?? selectionOf((run.assets ?? []).map(keyText)), config: first?.type === "run_created" ? first.data.config : {} });
  };
  return <>{dialog}<button type="button" className="button" onClick={() => void ask()}>Run with changes …</button></>;
}

/** The same again, or only what did not succeed, as a new run. */
function Again({ run }: { run: Run }) {
  const navigate = useNavigate();
  const { mutate, isPending, error, reset } = useRetry(run.run_id);
  const start = (from: "failure" | "start"): void => mutate(from, { onSuccess: ({ number }) => void navigate({ to: "/runs/$id", params: { id: String(number) } }) });
  const isPartial = run.steps_succeeded > 0 && run.steps_succeeded < run.steps_total;
  useShortcuts({ r: () => { if (!isPending) start(isPartial ? "failure" : "start"); } });
  return (
    <span className="launcher row">
      {isPartial && <button type="button" className="button primary" disabled={isPending} onClick={() => start("failure")}><Icon name="play" />Retry from failure</button>}
      <button type="button" className="button" disabled={isPending} onClick={() => start("start")}><Icon name="reload" />Retry all</button>
      <Another run={run} />
      {error && <Refusals trouble={error} dismiss={reset} />}
    </span>
  );
}
