import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { cancelRun } from "../../api/calls";
import { problemText } from "../../api/problem";
import type { Run, RunRequest } from "../../api/types";
import { Icon } from "../../components/icons";
import { Notice } from "../../components/notice";
import { Refusals } from "../../components/refusals";
import { isOver, Status } from "../../components/status";
import { Ago } from "../../components/time";
import { useLaunch, type Launch } from "../../lib/launch";
import { plain } from "../../lib/text";
import { between, span } from "../../lib/time";
import { Targets } from "../runs/run-row";

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
        {run.message && <span className="isolate">{plain(run.message)}</span>}
      </div>
    </header>
  );
}

function Cancel({ run }: { run: Run }) {
  const cancel = useMutation({ mutationFn: () => cancelRun(run.run_id) });
  return (
    <>
      <button type="button" className="button" disabled={cancel.isPending || run.status === "canceling"} onClick={() => cancel.mutate()}><Icon name="stop" />Cancel</button>
      {cancel.isError && <Notice tone="failure" role="alert"><p>{plain(problemText(cancel.error))}</p></Notice>}
    </>
  );
}

/** The same again, or only what did not succeed, as a new run. */
function Again({ run }: { run: Run }) {
  const navigate = useNavigate();
  const { launch, asked, pending, trouble, dismiss } = useLaunch();
  const start = (what: Launch): void => launch(what, { onSuccess: ({ number }) => void navigate({ to: "/runs/$id", params: { id: String(number) } }) });
  const unfinished = run.steps.filter((step) => step.status !== "success").map((step) => step.asset_key);
  const same: RunRequest = run.selection ? { selection: run.selection } : { assets: run.assets ?? [] };
  return (
    <span className="launcher row">
      {unfinished.length > 0 && unfinished.length < run.steps_total && <button type="button" className="button primary" disabled={pending} onClick={() => start({ request: { assets: unfinished } })}><Icon name="play" />Retry from failure</button>}
      <button type="button" className="button" disabled={pending} onClick={() => start({ request: same, anyway: true })}><Icon name="reload" />Run again</button>
      {trouble && <Refusals trouble={trouble} asked={asked} retry={start} dismiss={dismiss} />}
    </span>
  );
}
