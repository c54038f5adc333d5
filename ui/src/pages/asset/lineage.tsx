import { Link } from "@tanstack/react-router";
import type { Asset } from "../../api/types";
import { AssetLinks } from "../../components/asset-bits";
import { Icon } from "../../components/icons";
import { keyText } from "../../lib/keys";
import { plain } from "../../lib/text";

export function Lineage({ asset }: { asset: Asset }) {
  return (
    <section className="panel" aria-label="Lineage">
      <div className="lineage">
        <div><h3>Upstream</h3><AssetLinks keys={asset.deps} none="none: it starts here" /></div>
        <Icon name="arrow" />
        <Link to="/" search={{ sel: [keyText(asset.key)] }} className="lineage-self isolate" aria-label={`${plain(keyText(asset.key))} in the graph`} title="Show it in the graph"><strong>{plain(keyText(asset.key))}</strong></Link>
        <Icon name="arrow" />
        <div><h3>Downstream</h3><AssetLinks keys={asset.dependents} none="none: nothing is made of it" /></div>
      </div>
    </section>
  );
}
