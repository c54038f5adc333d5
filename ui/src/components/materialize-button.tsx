import { lazy, Suspense } from "react";
import { useShortcuts } from "../app/shortcuts";
import type { AssetKey } from "../api/types";
import { useLaunchDialog } from "../launch/launcher";
import { keyText, selectionOf } from "../lib/keys";
import { useLaunch } from "../lib/launch";
import { Icon } from "./icons";

const Refusals = lazy(() => import("./refusals").then((module) => ({ default: module.Refusals })));

/** "Materialize all", or what is selected; a refusal opens right below. With `all`, no selection means everything. Beside it, the dialog for a run with config. */
export function MaterializeButton({ assets, all = false }: { assets: AssetKey[]; all?: boolean }) {
  const { launch, asked, pending, trouble, dismiss } = useLaunch();
  const request = all && !assets.length ? { selection: "*" } : { assets };
  const start = (): void => { if (!pending) launch({ request }); };
  const { open, dialog } = useLaunchDialog();
  const ask = (): void => open({ selection: assets.length ? selectionOf(assets.map(keyText)) : "*" });
  useShortcuts({ m: start, M: ask });
  return (
    <div className="launcher joined">
      <button type="button" className="button primary" aria-disabled={pending} onClick={start}>
        <Icon name="play" />{!all ? "Materialize" : assets.length ? "Materialize selected" : "Materialize all"}
      </button>
      <button type="button" className="button primary" aria-label="Launch with config" title="Another selection, config (Shift-M)" onClick={ask}><Icon name="down" /></button>
      {dialog}
      {trouble && <Suspense><Refusals trouble={trouble} asked={asked} retry={launch} dismiss={dismiss} /></Suspense>}
    </div>
  );
}
