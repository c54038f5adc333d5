import { useQuery } from "@tanstack/react-query";
import { resourceQuery } from "../../api/queries";
import type { Asset } from "../../api/types";
import { IoManagerLink } from "../../components/asset-bits";
import { plain, plural } from "../../lib/text";
import { ConfigTable } from "../deployment/config-table";

/** What stores the asset's value, with its config. */
export function IoManager({ asset }: { asset: Asset }) {
  if (!asset.io_manager_key || !asset.code_location) return null;
  return <Loaded asset={asset} location={asset.code_location} name={asset.io_manager_key} />;
}

function Loaded({ asset, location, name }: { asset: Asset; location: string; name: string }) {
  const { data } = useQuery(resourceQuery(location, name));
  return (
    <section className="panel" aria-label="IO manager">
      <div className="panel-head">
        <h2>IO manager</h2><IoManagerLink asset={asset} />
        {data && <><code className="faint">{plain(data.type.split(".").at(-1) ?? "")}</code><span className="spacer" /><span className="faint">used by {plural(data.used_by.length, "asset")}</span></>}
      </div>
      {data && <ConfigTable fields={data.config} none="It has no config." />}
    </section>
  );
}
