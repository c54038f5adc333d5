import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo } from "react";
import { useTitle } from "../../app/title";
import { useShortcuts } from "../../app/shortcuts";
import { PageError } from "../../components/page-error";
import { matching } from "../../graph/filter";
import { GraphView } from "../../graph/graph-view";
import { useGraph } from "../../graph/use-graph";
import { AssetsHead } from "./assets-head";
import { NoAssets } from "./no-assets";

const importPanel = () => import("./asset-panel");
const AssetPanel = lazy(() => importPanel().then((module) => ({ default: module.AssetPanel })));
const AssetTree = lazy(() => import("../../graph/asset-tree").then((module) => ({ default: module.AssetTree })));

/** `/`: the asset graph (or the same as a tree), what is selected in it, and the button that makes it. */
export function AssetsPage() {
  const { data, error, version } = useGraph();
  const { q = "", sel, view } = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const selected = useMemo(() => new Set((sel ?? []).flatMap((name) => data?.indexOf.get(name) ?? [])), [data, sel]);
  const matches = useMemo(() => (data ? matching(data, q) : null), [data, q, version]);

  const choose = useCallback((names: string[]) => void navigate({ search: (before) => ({ ...before, sel: names.length ? names : undefined }), replace: true }), [navigate]);
  const select = (index: number, add: boolean): void => {
    const name = index >= 0 ? data!.names[index]! : null;
    if (name === null) return choose(add ? (sel ?? []) : []);
    if (!add) return choose([name]);
    choose(sel?.includes(name) ? sel.filter((other) => other !== name) : [...(sel ?? []), name]);
  };
  const open = (index: number): void => void navigate({ to: "/assets/$key", params: { key: data!.names[index]! } });
  useShortcuts({
    t: () => void navigate({ search: (before) => ({ ...before, view: view ? undefined : "tree" }), replace: true }),
    Escape: () => choose([]),
  });

  // Not needed for the first picture, but for the first click: read once that picture stands.
  useEffect(() => { if (data) void importPanel().catch(() => undefined); }, [data]);
  useTitle("");
  if (error && !data) return <PageError error={error} what="The asset graph" />;
  if (!data) return <p className="loading" role="status">Reading the asset graph …</p>;
  if (!data.keys.length) return <NoAssets />;
  const common = { data, version, selected, matches, select, open };
  const shown = [...selected].at(-1);
  return (
    <div className="assets-page">
      <AssetsHead data={data} matches={matches} selected={[...selected]} choose={choose} />
      <div className="assets-body">
        {view === "tree" ? <Suspense fallback={<p className="loading">Reading the tree …</p>}><AssetTree {...common} /></Suspense> : <GraphView {...common} />}
        {shown !== undefined && <Suspense><AssetPanel key={data.names[shown]} assetKey={data.keys[shown]!} select={(names) => choose([...new Set([...(sel ?? []), ...names])])} close={() => choose([])} /></Suspense>}
      </div>
    </div>
  );
}
