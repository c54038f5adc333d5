import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { assetQuery } from "../../api/queries";
import type { Asset, AssetKey } from "../../api/types";
import { AssetLinks, IoManagerLink, LogLink, RunLink, UnsetVariables } from "../../components/asset-bits";
import { Icon } from "../../components/icons";
import { MetadataTable } from "../../metadata/table";
import { Status } from "../../components/status";
import { Ago } from "../../components/time";
import { keyText } from "../../lib/keys";
import { plain } from "../../lib/text";
import { problemText } from "../../api/problem";

/** One click on an asset: where it is stored, its metadata, its last run, its neighbors. */
export function AssetPanel({ assetKey, select, close }: { assetKey: AssetKey; select: (names: string[]) => void; close: () => void }) {
  const { data: asset, error } = useQuery(assetQuery(assetKey));
  const name = keyText(assetKey);
  return (
    <aside className="asset-panel" aria-label={`Asset ${plain(name)}`}>
      <header>
        <h2><Link to="/assets/$key" params={{ key: name }}>{plain(name)}</Link></h2>
        <button type="button" className="icon-button" aria-label="Close panel" onClick={close}><Icon name="cross" /></button>
      </header>
      {error ? <p role="alert">{plain(problemText(error))}</p> : asset && <PanelBody asset={asset} select={select} />}
    </aside>
  );
}

function PanelBody({ asset, select }: { asset: Asset; select: (names: string[]) => void }) {
  const latest = asset.latest_materialization;
  return (
    <>
      <div className="row"><Status value={asset.status} />{asset.kinds.map((kind) => <span key={kind} className="badge">{plain(kind)}</span>)}</div>
      {asset.description && <p className="muted text-value">{plain(asset.description)}</p>}
      <UnsetVariables asset={asset} />
      {latest ? (
        <>
          <MetadataTable metadata={latest.metadata} />
          <p className="faint">by <RunLink number={latest.run_number} />, <Ago time={latest.timestamp} /> · <LogLink run={latest.run_number} step={latest.step_key} /></p>
        </>
      ) : (
        <p className="muted">{asset.is_external ? "Not made here: others only refer to it." : "Never materialized. Materialize it to see here where it is stored and what its IO manager logged."}</p>
      )}
      {asset.status === "failed" && asset.last_run !== null && <p>Its last step failed: <RunLink number={asset.last_run} /></p>}
      <dl className="facts">
        <dt>IO manager</dt><dd><IoManagerLink asset={asset} /></dd>
        <dt>Upstream</dt><dd><AssetLinks keys={asset.deps} none="none" /></dd>
        <dt>Downstream</dt><dd><AssetLinks keys={asset.dependents} none="none" /></dd>
      </dl>
      <div className="row">
        <Link to="/assets/$key" params={{ key: keyText(asset.key) }} className="button small">Open</Link>
        {asset.deps.length > 0 && <button type="button" className="button small" onClick={() => select([...asset.deps.map(keyText), keyText(asset.key)])}><Icon name="plus" />upstream</button>}
        {asset.dependents.length > 0 && <button type="button" className="button small" onClick={() => select([...asset.dependents.map(keyText), keyText(asset.key)])}><Icon name="plus" />downstream</button>}
      </div>
    </>
  );
}
