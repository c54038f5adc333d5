import { Link } from "@tanstack/react-router";
import type { Problem } from "../api/problem";
import type { AssetKey, Refusal, RunRequest } from "../api/types";
import { keyText } from "../lib/keys";
import { plain } from "../lib/text";
import { Icon } from "./icons";

/** Why a run was not launched, right at its button: each reason with its remedy. */
export function Refusals({ problem, request, retry, dismiss }: { problem: Problem; request: RunRequest | undefined; retry: (request: RunRequest) => void; dismiss: () => void }) {
  const missing = problem.refusals.flatMap((refusal) => (refusal.code === "never_materialized" && refusal.asset_key ? [refusal.asset_key] : []));
  const assets = request?.assets;
  return (
    <div className="refusals notice failure" role="alert">
      <Icon name="warning" />
      <div className="stack">
        <strong>Not launched</strong>
        {problem.refusals.length ? <ul>{problem.refusals.map((refusal, i) => <RefusalLine key={i} refusal={refusal} />)}</ul> : <p>{plain(problem.message)}</p>}
        {missing.length > 0 && assets && <Include missing={missing} assets={assets} retry={retry} />}
      </div>
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={dismiss}><Icon name="cross" /></button>
    </div>
  );
}

function RefusalLine({ refusal }: { refusal: Refusal }) {
  return (
    <li>
      {plain(refusal.message)}{" "}
      {refusal.resource && refusal.code_location && (
        <Link to="/deployment/$location/resources/$name" params={{ location: refusal.code_location, name: refusal.resource }}>Show {plain(refusal.resource)}</Link>
      )}
    </li>
  );
}

function Include({ missing, assets, retry }: { missing: AssetKey[]; assets: AssetKey[]; retry: (request: RunRequest) => void }) {
  const names = missing.map(keyText).join(", ");
  return <div><button type="button" className="button small" onClick={() => retry({ assets: [...missing, ...assets] })}>Materialize {plain(names)} too</button></div>;
}
