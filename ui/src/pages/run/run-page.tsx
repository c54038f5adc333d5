import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTitle } from "../../app/title";
import { runQuery } from "../../api/queries";
import type { Run } from "../../api/types";
import { PageError } from "../../components/page-error";
import { lookOf } from "../../components/status";
import { Failures } from "./failures";
import { RunFeed } from "./feed";
import { RunHead } from "./run-head";
import { RunLog } from "./run-log";
import { Timing } from "./timing";

/** `/runs/42`: what the run does and did: failures first, then timing, then everything that was said. */
export function RunPage() {
  const { id } = useParams({ from: "/runs/$id" });
  const { data: run, error } = useQuery(runQuery(id));
  useTitle(run ? `Run ${run.number} ${lookOf(run.status).words}` : `Run ${id}`);
  if (!run) return error ? <PageError error={error} what={`Run ${id}`} /> : <p className="loading" role="status">Reading the run …</p>;
  return <Loaded key={run.number} run={run} />;
}

function Loaded({ run }: { run: Run }) {
  const [feed] = useState(() => new RunFeed(run.number));
  useEffect(() => feed.start(), [feed]);
  return (
    <div className="page run-page">
      <RunHead run={run} />
      <Failures run={run} />
      <Timing run={run} feed={feed} />
      <RunLog run={run} feed={feed} />
    </div>
  );
}
