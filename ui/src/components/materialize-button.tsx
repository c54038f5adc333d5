import { useShortcuts } from "../app/shortcuts";
import type { AssetKey } from "../api/types";
import { useLaunch } from "../lib/launch";
import { Icon } from "./icons";
import { Refusals } from "./refusals";

/** "Materialize all", or what is selected; a refusal opens right below. With `all`, no selection means everything. */
export function MaterializeButton({ assets, all = false }: { assets: AssetKey[]; all?: boolean }) {
  const { launch, asked, pending, trouble, dismiss } = useLaunch();
  const request = all && !assets.length ? { selection: "*" } : { assets };
  const start = (): void => { if (!pending) launch({ request }); };
  useShortcuts({ m: start });
  return (
    <div className="launcher">
      <button type="button" className="button primary" aria-disabled={pending} onClick={start}>
        <Icon name="play" />{!all ? "Materialize" : assets.length ? "Materialize selected" : "Materialize all"}
      </button>
      {trouble && <Refusals trouble={trouble} asked={asked} retry={launch} dismiss={dismiss} />}
    </div>
  );
}
