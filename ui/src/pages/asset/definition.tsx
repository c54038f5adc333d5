import { Link } from "@tanstack/react-router";
import type { Asset } from "../../api/types";
import { Copy } from "../../components/copy";
import { Json } from "../../metadata/json";
import { keyText } from "../../lib/keys";
import { plain } from "../../lib/text";
import { ConfigTable } from "../deployment/config-table";
import { Source } from "./source";

/** What the code says about it, and the code itself. Rows that would be empty are left out. */
export function Definition({ asset }: { asset: Asset }) {
  const place = asset.source && `${asset.source.file}:${asset.source.line}`;
  const tags = Object.entries(asset.tags);
  const others = asset.required_resources.filter((key) => key !== asset.io_manager_key);
  return (
    <section id="definition" className="panel" aria-label="Definition">
      <div className="panel-head"><h2>Definition</h2></div>
      <dl className="facts panel-body">
        {place && <><dt>Defined in</dt><dd><span className="path-value"><code>{plain(place)}</code><Copy text={place} label="Copy file and line" /></span></dd></>}
        <dt>Group</dt><dd>{plain(asset.group)}</dd>
        {others.length > 0 && <><dt>Resources</dt><dd className="row">{others.map((key) => (asset.code_location ? <Link key={key} to="/deployment/$location/resources/$name" params={{ location: asset.code_location, name: key }}>{plain(key)}</Link> : <code key={key}>{plain(key)}</code>))}</dd></>}
        {asset.owners.length > 0 && <><dt>Owners</dt><dd>{plain(asset.owners.join(", "))}</dd></>}
        {tags.length > 0 && <><dt>Tags</dt><dd className="row">{tags.map(([name, value]) => <span key={name} className="badge">{plain(value ? `${name}: ${value}` : name)}</span>)}</dd></>}
        {asset.code_version && <><dt>Code version</dt><dd><code>{plain(asset.code_version)}</code></dd></>}
        {Object.keys(asset.metadata).length > 0 && <><dt>Metadata</dt><dd><Json value={asset.metadata} /></dd></>}
      </dl>
      {asset.config.length > 0 && <ConfigTable fields={asset.config} none="" />}
      {asset.source && <Source key={keyText(asset.key)} asset={asset} />}
    </section>
  );
}
