import { Link } from "@tanstack/react-router";
import { Problem, problemText } from "../api/problem";
import type { Refusal } from "../api/types";
import { keyText } from "../lib/keys";
import { NeverMade, type Launch } from "../lib/launch";
import { plain } from "../lib/text";
import { Icon } from "./icons";

interface Props {
  trouble: Error;
  asked?: Launch | undefined;
  retry?: (launch: Launch) => void;
  dismiss: () => void;
}

/** Why a run was not launched, right at its button: each reason with its remedy, or a question with its answers. */
export function Refusals({ trouble, asked, retry, dismiss }: Props) {
  const question = trouble instanceof NeverMade;
  return (
    <div className={`refusals notice ${question ? "stale" : "failure"}`} role="alert">
      <Icon name="warning" />
      <div className="stack">
        <strong>Not launched{question ? " yet" : ""}</strong>
        {question && asked && retry ? <Question keys={trouble} asked={asked} retry={retry} /> : <Reasons trouble={trouble} />}
      </div>
      <button type="button" className="icon-button" aria-label="Dismiss" onClick={dismiss}><Icon name="cross" /></button>
    </div>
  );
}

export function Reasons({ trouble }: { trouble: Error }) {
  const refusals = trouble instanceof Problem ? trouble.refusals : [];
  if (!refusals.length) return <p>{plain(problemText(trouble))}</p>;
  return <ul>{refusals.map((refusal, i) => <RefusalLine key={i} refusal={refusal} />)}</ul>;
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

function Question({ keys: { keys }, asked, retry }: { keys: NeverMade; asked: Launch; retry: (launch: Launch) => void }) {
  const names = plain(keys.slice(0, 3).map(keyText).join(", ")) + (keys.length > 3 ? ` and ${keys.length - 3} more` : "");
  return (
    <>
      <p>{names} {keys.length === 1 ? "is" : "are"} read by it, and {keys.length === 1 ? "was" : "were"} never materialized.</p>
      <div className="row">
        <button type="button" className="button small" onClick={() => retry({ request: { ...asked.request, assets: [...keys, ...(asked.request.assets ?? [])] } })}>Materialize {names} too</button>
        <button type="button" className="button small ghost" onClick={() => retry({ ...asked, anyway: true })}>Launch anyway</button>
      </div>
    </>
  );
}
