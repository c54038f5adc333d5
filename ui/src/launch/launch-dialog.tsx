import { useQueries, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState, type FormEvent } from "react";
import { planRun } from "../api/calls";
import { Problem, problemText } from "../api/problem";
import { assetQuery } from "../api/queries";
import type { RunPlan } from "../api/types";
import { Icon } from "../components/icons";
import { Notice } from "../components/notice";
import { Reasons } from "../components/refusals";
import { keyText, selectionOf } from "../lib/keys";
import { useDelayed } from "../lib/delayed";
import { useLaunch } from "../lib/launch";
import { plain, plural } from "../lib/text";
import { ConfigFields } from "./config-fields";
import { configOf, typedOf, type Typed } from "./config";

export interface LaunchStart { selection: string; config?: Record<string, unknown> }
/** With more steps than this no form is made: their definitions would have to be read one by one. */
const most = 60;

/** A run with a selection and a config of one's own: what it would do is said while one types, and what stands in its way. */
export function LaunchDialog({ start, close }: { start: LaunchStart; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [selection, setSelection] = useState(start.selection);
  const [typed, setTyped] = useState<Typed>(() => typedOf(start.config ?? {}));
  const { launch, pending, trouble } = useLaunch();
  const asked = useDelayed(selection.trim(), 250);
  const plan = useQuery({ queryKey: ["runs", "plan", asked], queryFn: () => planRun({ selection: asked }), enabled: asked !== "", retry: false, placeholderData: (before) => before });
  const steps = plan.data?.steps ?? [];
  const assets = useQueries({ queries: steps.length <= most ? steps.map((step) => assetQuery(step.asset_key)) : [] });
  const fields = new Map(steps.map((step, i) => [step.step_key, assets[i]?.data?.config ?? []]));
  const { config, wrong } = useMemo(() => read(typed, fields), [typed, assets]);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!wrong && !pending && asked) launch({ request: { selection: selection.trim(), config } }, { onSuccess: () => dialog.current?.close() });
  };
  return (
    <dialog ref={dialog} className="launch-dialog" onClose={close} aria-labelledby="launch-title" onClick={(event) => event.target === dialog.current && dialog.current.close()}>
      <form className="dialog-body" onSubmit={submit}>
        <h2 id="launch-title">Launch a run</h2>
        <label className="stack"><span>Selection</span>
          <span className="field"><Icon name="search" /><input autoFocus aria-describedby="launch-plan" spellCheck={false} value={selection} placeholder="* or setosa, +setosa, group:ml, status:failed" onChange={(event) => setSelection(event.target.value)} /></span>
        </label>
        <div id="launch-plan" role="status">{asked ? <PlanView plan={plan.data} error={plan.error} include={(names) => setSelection(`${selection}, ${names}`)} /> : <p className="faint">Names, attributes, upstream with +: the language of the graph’s filter and of the command line.</p>}</div>
        {steps.map((step) => <ConfigFields key={step.step_key} asset={keyText(step.asset_key)} fields={fields.get(step.step_key)!} texts={typed[step.step_key] ?? {}} change={(name, text) => setTyped({ ...typed, [step.step_key]: { ...typed[step.step_key], [name]: text } })} />)}
        {steps.length > most && <p className="faint">Config of single assets can be given for up to {most} steps.</p>}
        {wrong && <Notice tone="failure" role="alert"><p>{wrong}</p></Notice>}
        {trouble && <Notice tone="failure" role="alert"><Reasons trouble={trouble} /></Notice>}
        <div className="row dialog-foot">
          <button type="submit" className="button primary" aria-disabled={pending || Boolean(wrong) || !steps.length || Boolean(plan.data?.refusals.length)}><Icon name="play" />Launch</button>
          <button type="button" className="button" onClick={() => dialog.current?.close()}>Close</button>
        </div>
      </form>
    </dialog>
  );
}

function read(typed: Typed, fields: Map<string, Parameters<typeof ConfigFields>[0]["fields"]>): { config: Record<string, unknown>; wrong: string | null } {
  try {
    return { config: configOf(typed, (step) => fields.get(step) ?? []), wrong: null };
  } catch (error) {
    return { config: {}, wrong: problemText(error) };
  }
}

function PlanView({ plan, error, include }: { plan: RunPlan | undefined; error: unknown; include: (names: string) => void }) {
  if (error) return <Notice tone="failure"><p>{plain(problemText(error))}</p></Notice>;
  if (!plan) return <p className="faint">Asking what it would do …</p>;
  const names = plan.steps.map((step) => keyText(step.asset_key)), missing = plan.missing_upstreams.map(keyText);
  return (
    <div className="stack">
      <p><strong>{plural(plan.steps.length, "step")}</strong> <span className="muted isolate">{plain(names.slice(0, 8).join(", "))}{names.length > 8 ? ` and ${names.length - 8} more` : ""}</span></p>
      {missing.length > 0 && (
        <Notice tone="stale">
          <p>Read by it and never materialized: {plain(missing.slice(0, 5).join(", "))}{missing.length > 5 ? ` and ${missing.length - 5} more` : ""}</p>
          <p><button type="button" className="button small" onClick={() => include(selectionOf(missing))}>Include</button></p>
        </Notice>
      )}
      {plan.refusals.length > 0 && <Notice tone="failure"><Reasons trouble={new Problem(422, "Refused", "", plan.refusals)} /></Notice>}
    </div>
  );
}
