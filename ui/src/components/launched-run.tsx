import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { cancelRun } from "../api/calls";
import { runSummaryQuery } from "../api/queries";
import type { RunSummary } from "../api/types";
import { setLaunched } from "../lib/launched";
import { stream } from "../live/stream";
import { isOver, Status } from "./status";
import { StepsBar } from "./steps-bar";

/** How far the run is; until it is over it can be canceled, then dismissed. */
export function LaunchedRun({ number }: { number: number }) {
  const { data: run, isError } = useQuery(runSummaryQuery(number));
  useEffect(() => stream.subscribe([`run:${number}`], () => undefined), [number]);
  useEffect(() => { if (isError) setLaunched(null); }, [isError]);
  if (!run) return null;
  return (
    <section className="launch-bar" aria-label="Launched run">
      <Link to="/runs/$id" params={{ id: String(number) }} className="launch-name">Run {number}</Link>
      <Status value={run.status} />
      <span className="tabular muted" aria-label={`${run.steps_ended} of ${run.steps_total} steps`}>{run.steps_ended}/{run.steps_total}</span>
      <StepsBar total={run.steps_total} succeeded={run.steps_succeeded} failed={run.steps_failed} ended={run.steps_ended} />
      <Link to="/runs/$id" params={{ id: String(number) }} className="button small" aria-label={`View run ${number}`}>View</Link>
      {isOver(run.status) ? <button type="button" className="button small ghost" onClick={() => setLaunched(null)}>Dismiss</button> : <Cancel run={run} />}
    </section>
  );
}

function Cancel({ run }: { run: RunSummary }) {
  const cancel = useMutation({ mutationFn: () => cancelRun(run.run_id) });
  return <button type="button" className="button small ghost" disabled={cancel.isPending || run.status === "canceling"} onClick={() => cancel.mutate()}>Cancel</button>;
}
