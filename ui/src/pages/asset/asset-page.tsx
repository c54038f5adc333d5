import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTitle } from "../../app/title";
import { assetQuery, materializationsQuery } from "../../api/queries";
import type { Asset } from "../../api/types";
import { UnsetVariables } from "../../components/asset-bits";
import { PageError } from "../../components/page-error";
import { keyFromText } from "../../lib/keys";
import { plain } from "../../lib/text";
import { AssetHead } from "./asset-head";
import { Definition } from "./definition";
import { History } from "./history";
import { IoManager } from "./io-manager";
import { LatestMetadata } from "./latest-metadata";
import { Lineage } from "./lineage";
import { Plots } from "./plots";
import { Preview } from "./preview";

/** `/assets/KEY`: everything about one asset on one page. */
export function AssetPage() {
  const { key } = useParams({ from: "/assets/$key" });
  const { data: asset, error } = useQuery(assetQuery(keyFromText(key)));
  useTitle(plain(key));
  if (!asset) return error ? <PageError error={error} what={`The asset ${plain(key)}`} /> : <p className="loading" role="status">Reading the asset …</p>;
  return <Loaded asset={asset} />;
}

function Loaded({ asset }: { asset: Asset }) {
  const history = useInfiniteQuery(materializationsQuery(asset.key));
  const items = history.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <div className="page">
      <AssetHead asset={asset} />
      <UnsetVariables asset={asset} />
      <LatestMetadata asset={asset} history={items} />
      <Lineage asset={asset} />
      <Plots history={items} />
      <Preview asset={asset} />
      <History items={items} more={history.hasNextPage} loading={history.isFetchingNextPage} readMore={() => void history.fetchNextPage()} />
      <IoManager asset={asset} />
      <Definition asset={asset} />
    </div>
  );
}
