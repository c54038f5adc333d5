import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo } from "react";
import { useTitle } from "../../app/title";
import { useShortcuts } from "../../app/shortcuts";
import { PageError } from "../../components/page-error";
import { GraphView } from "../../graph/graph-view";
import { useGraph } from "../../graph/use-graph";
import { useMatches } from "../../graph/use-matches";
import { AssetsHead } from "./assets-head";

const importPanel = () => import("./asset-panel");
const AssetPanel = lazy(() => importPanel().then((module) => ({ default: module.AssetPanel })));
const NoAssets = lazy(() => import("./no-assets").then((module) => ({ default: module.NoAssets })));
const NoMatch = lazy(() => import("./no-match").then((module) => ({ default: module.NoMatch })));
const AssetTree = lazy(() => import("../../graph/asset-tree").then((module) => ({ default: module.AssetTree })));

const none: string[] = [];

/** `/`: the asset graph (or the same as a tree), what is selected in it, and the button that makes it. */
export function AssetsPage() {
  const { q = "", sel, view, closed = none } = useSearch({ from: "/" });
  const { data, error, version } = useGraph(view === "tree" ? none : closed);
  const navigate = useNavigate({ from: "/" });
  const selected = useMemo(() => new Set((sel ?? []).flatMap((name) => data?.indexOf.get(name) ?? [])), [data, sel]);
  const { matches, wrong } = useMatches(data, q, version);

  const choose = useCallback((names: string[]) => void navigate({ search: (before) => ({ ...before, sel: names.length ? names : undefined }), replace: true }), [navigate]);
  const select = (index: number, add: boolean): void => {
    const name = index >= 0 ? data!.names[index]! : null;
    if (name === null) return choose(add ? (sel ?? []) : []);
    if (!add) return choose([name]);
    choose(sel?.includes(name) ? sel.filter((other) => other !== name) : [...(sel ?? []), name]);
  };
  const selectMany = (indices: number[], add: boolean): void => choose([...new Set([...(add ? (sel ?? []) : []), ...indices.slice(0, 500).map((i) => data!.names[i]!)])]);
  const toggleGroup = (name: string): void => {
    const next = closed.includes(name) ? closed.filter((other) => other !== name) : [...closed, name];
    void navigate({ search: (before) => ({ ...before, closed: next.length ? next : undefined }), replace: true });
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
  if (!data.keys.length) return <Suspense><NoAssets /></Suspense>;
  const common = { data, version, selected, matches, select, open };
  const shown = [...selected].at(-1);
  return (
    <div className="assets-page">
      <AssetsHead data={data} matches={matches} wrong={wrong} selected={[...selected]} choose={choose} />
      <div className="assets-body">
        {matches?.size === 0 && <Suspense><NoMatch clear={() => void navigate({ search: (before) => ({ ...before, q: undefined }), replace: true })} /></Suspense>}
        {view === "tree" ? <Suspense fallback={<p className="loading">Reading the tree …</p>}><AssetTree {...common} /></Suspense> : <GraphView {...common} selectMany={selectMany} closed={closed} toggleGroup={toggleGroup} />}
        {shown !== undefined && <Suspense><AssetPanel key={data.names[shown]} assetKey={data.keys[shown]!} select={(names) => choose([...new Set([...(sel ?? []), ...names])])} close={() => choose([])} /></Suspense>}
      </div>
    </div>
  );
}
