import { Link } from "@tanstack/react-router";
import type { Asset } from "../../api/types";
import { RunLink } from "../../components/asset-bits";
import { Copy } from "../../components/copy";
import { MaterializeButton } from "../../components/materialize-button";
import { Status } from "../../components/status";
import { Ago } from "../../components/time";
import { keyText } from "../../lib/keys";
import { plain } from "../../lib/text";

export function AssetHead({ asset }: { asset: Asset }) {
  const place = asset.source ? `${asset.source.file}:${asset.source.line}` : null;
  return (
    <header className="page-head">
      <nav className="crumbs" aria-label="Breadcrumb">
        <Link to="/">Assets</Link> <span aria-hidden="true">/</span> <Link to="/" search={{ q: `group:${asset.group}` }}>{plain(asset.group)}</Link>
      </nav>
      <h1>{plain(keyText(asset.key))}</h1>
      <Status value={asset.status} />
      {asset.latest_materialization && asset.status !== "failed" && asset.status !== "in_progress" && <span className="faint"><Ago time={asset.latest_materialization.timestamp} /></span>}
      {asset.kinds.map((kind) => <span key={kind} className="badge">{plain(kind)}</span>)}
      <span className="spacer" />
      {!asset.is_external && <MaterializeButton assets={[asset.key]} />}
      <div className="page-sub">
        {asset.code_location && <span>code location <Link to="/deployment/$location" params={{ location: asset.code_location }}>{plain(asset.code_location)}</Link></span>}
        {place && <span className="path-value"><Link to="." hash="definition"><code>{plain(place)}</code></Link><Copy text={place} label="Copy place of definition" /></span>}
        {asset.status === "failed" && asset.last_run !== null && <span className="tone-failure">its last step failed in <RunLink number={asset.last_run} /></span>}
      </div>
      {asset.description && <p className="muted text-value">{plain(asset.description)}</p>}
    </header>
  );
}
