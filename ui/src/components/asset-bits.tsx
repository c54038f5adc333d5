import { Link } from "@tanstack/react-router";
import type { Asset, AssetKey } from "../api/types";
import { keyText } from "../lib/keys";
import { plain } from "../lib/text";
import { Notice } from "./notice";

export const RunLink = ({ number }: { number: number }) => <Link to="/runs/$id" params={{ id: String(number) }}>Run {number}</Link>;

/** The log of the step that made it, in its run. */
export const LogLink = ({ run, step }: { run: number; step: string | null }) => step !== null && <Link to="/runs/$id" params={{ id: String(run) }} search={{ step }}>log</Link>;

export const AssetLink = ({ assetKey }: { assetKey: AssetKey }) => <Link to="/assets/$key" params={{ key: keyText(assetKey) }}>{plain(keyText(assetKey))}</Link>;

const linksShown = 20;

export function AssetLinks({ keys, none }: { keys: AssetKey[]; none: string }) {
  if (!keys.length) return <span className="faint">{none}</span>;
  return (
    <ul className="links">
      {keys.slice(0, linksShown).map((key) => <li key={keyText(key)}><AssetLink assetKey={key} /></li>)}
      {keys.length > linksShown && <li className="faint">and {keys.length - linksShown} more</li>}
    </ul>
  );
}

export function IoManagerLink({ asset }: { asset: Asset }) {
  if (!asset.io_manager_key) return <span className="faint">none</span>;
  if (!asset.code_location) return <code>{plain(asset.io_manager_key)}</code>;
  return <Link to="/deployment/$location/resources/$name" params={{ location: asset.code_location, name: asset.io_manager_key }}>{plain(asset.io_manager_key)}</Link>;
}

/** Said before anyone launches: which environment variables its resources need and do not have. */
export function UnsetVariables({ asset }: { asset: Asset }) {
  if (!asset.unset_variables.length) return null;
  return (
    <Notice tone="stale">
      <p>Not set: {asset.unset_variables.map((name) => <code key={name}>{plain(name)} </code>)}</p>
      <p className="faint">Set it in the environment or in <code>.env</code>, then reload.</p>
    </Notice>
  );
}
