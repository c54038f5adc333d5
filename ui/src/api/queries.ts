import { infiniteQueryOptions, QueryClient, queryOptions } from "@tanstack/react-query";
import { toGraphData } from "../graph/data";
import { keyText } from "../lib/keys";
import * as calls from "./calls";
import { Problem } from "./problem";
import type { AssetKey, RunStatus, RunSummary } from "./types";

const mayRetry = (error: unknown): boolean => !(error instanceof Problem) || error.status >= 500;

// Answers never grow old by time: events say what changed (live/sync.ts), so nothing polls.
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: Infinity, refetchOnWindowFocus: false, refetchOnReconnect: false, networkMode: "always", retry: (count, error) => count < 2 && mayRetry(error) },
    mutations: { retry: false, networkMode: "always" },
  },
});

const first = undefined as string | undefined;

export const sessionQuery = queryOptions({ queryKey: ["session"], queryFn: ({ signal }) => calls.getSession({ signal }) });
export const codeLocationsQuery = queryOptions({ queryKey: ["code-locations"], queryFn: ({ signal }) => calls.getCodeLocations({ signal }) });
/** The daemon itself and its disk space: no event tells of these numbers, so who looks at them asks again and again. */
export const statusQuery = queryOptions({ queryKey: ["status"], queryFn: ({ signal }) => calls.getStatus({ signal }), staleTime: 0, refetchInterval: 3000 });
export const resourcesQuery = (location: string) => queryOptions({ queryKey: ["definitions", "resources", location], queryFn: ({ signal }) => calls.getResources(location, { signal }) });
export const resourceQuery = (location: string, key: string) =>
  queryOptions({ queryKey: ["definitions", "resource", location, key], queryFn: ({ signal }) => calls.getResource(location, key, { signal }) });
/** `closed`: groups to draw as one small box. */
const drawn = (closed: readonly string[]): { closed?: string } => (closed.length ? { closed: closed.join(",") } : {});
export const graphStatusQuery = (closed: readonly string[] = []) => queryOptions({ queryKey: ["graph-status", ...closed], queryFn: ({ signal }) => calls.getGraphStatus(drawn(closed), { signal }), structuralSharing: false });
export const graphQuery = (closed: readonly string[] = []) =>
  queryOptions({
    queryKey: ["definitions", "graph", ...closed],
    queryFn: async ({ signal }) => {
      // The drawing may come out of the browser's cache, with the states of the day it was drawn: those of now are asked for beside it.
      const [graph, now] = await Promise.all([calls.getGraph(drawn(closed), { signal }), calls.getGraphStatus(drawn(closed), { signal })]);
      queryClient.setQueryData(graphStatusQuery(closed).queryKey, now);
      return toGraphData(now.etag === graph.etag ? { ...graph, as_of: now.as_of, status: now.status } : graph);
    },
    structuralSharing: false,
  });
/** The names of the assets that a selection selects, as the daemon reads it. */
export const selectionQuery = (selection: string) =>
  queryOptions({ queryKey: ["definitions", "selection", selection], queryFn: async ({ signal }) => (await calls.getGraph({ selection }, { signal })).labels, retry: false, staleTime: 0 });
export const assetQuery = (key: AssetKey) => queryOptions({ queryKey: ["assets", keyText(key)], queryFn: ({ signal }) => calls.getAsset(key, { signal }) });
export const materializationsQuery = (key: AssetKey) =>
  infiniteQueryOptions({
    queryKey: ["assets", keyText(key), "materializations"],
    queryFn: ({ pageParam, signal }) => calls.getMaterializations(key, pageParam, { signal }),
    initialPageParam: first,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
/** Named by the materialization too: a later one is another value. */
export const previewQuery = (key: AssetKey, event: number) => queryOptions({ queryKey: ["preview", keyText(key), event], queryFn: ({ signal }) => calls.getPreview(key, { signal }), retry: false });
/** A file on a disk: no event tells when it changes, but who comes back from an editor may have changed it. */
export const sourceQuery = (key: AssetKey, context: number | undefined) =>
  queryOptions({ queryKey: ["definitions", "source", keyText(key), context ?? 0], queryFn: ({ signal }) => calls.getSource(key, context, { signal }), retry: false, staleTime: 0, refetchOnWindowFocus: true });
export const runsQuery = (filter: { status?: RunStatus; asset?: string }) =>
  infiniteQueryOptions({
    queryKey: ["runs", "list", filter],
    queryFn: ({ pageParam, signal }) => calls.getRuns({ ...filter, ...(pageParam ? { cursor: pageParam } : {}) }, { signal }),
    initialPageParam: first,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });
/** A run without its steps, which may be many. */
export const runSummaryQuery = (number: number) =>
  queryOptions({
    queryKey: ["runs", "summary", number],
    queryFn: async ({ signal }): Promise<RunSummary> => {
      const { items } = await calls.getRuns({ limit: 20 }, { signal });
      return items.find((run) => run.number === number) ?? calls.getRun(String(number), { signal });
    },
  });
export const runQuery = (id: string) => queryOptions({ queryKey: ["runs", "one", id], queryFn: ({ signal }) => calls.getRun(id, { signal }) });
