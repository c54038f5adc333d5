import { useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { setTheme } from "../app/theme";
import { reloadCodeLocation } from "../api/calls";
import { codeLocationsQuery, graphQuery, queryClient, resourcesQuery, runsQuery } from "../api/queries";
import type { Resource, RunRequest } from "../api/types";
import { lookOf } from "../components/status";
import { plain } from "../lib/text";

export interface Entry {
  kind: "asset" | "run" | "resource" | "code location" | "page" | "do";
  text: string;
  /** Of a resource, where there are several code locations. */
  of?: string | undefined;
  /** Enter; where it is not given, Enter launches. */
  go?: () => void;
  /** Shift-Enter. */
  launch?: RunRequest;
}

const itemsOf = (results: { data: { items: Resource[] } | undefined }[]): Resource[][] => results.map(({ data }) => data?.items ?? []);

/** Everything one can go to or do, from data that the page has or reads once. */
export function useEntries(): Entry[] {
  const navigate = useNavigate();
  const { data: graph } = useQuery(graphQuery());
  const { data: runs } = useInfiniteQuery(runsQuery({}));
  const { data: locations } = useQuery(codeLocationsQuery);
  const names = useMemo(() => locations?.items.map((location) => location.name) ?? [], [locations]);
  const resources = useQueries({ queries: names.map(resourcesQuery), combine: itemsOf });
  return useMemo(() => {
    const reload = async (): Promise<void> => {
      await Promise.allSettled(names.map(reloadCodeLocation));
      await queryClient.invalidateQueries({ queryKey: codeLocationsQuery.queryKey });
    };
    return [
      { kind: "page", text: "Assets", go: () => void navigate({ to: "/" }) },
      { kind: "page", text: "Runs", go: () => void navigate({ to: "/runs" }) },
      { kind: "page", text: "Deployment", go: () => void navigate({ to: "/deployment" }) },
      { kind: "do", text: "Materialize all", launch: { selection: "*" } },
      { kind: "do", text: "Reload definitions", go: () => void reload() },
      { kind: "do", text: "Theme: dark", go: () => setTheme("dark") },
      { kind: "do", text: "Theme: light", go: () => setTheme("light") },
      { kind: "do", text: "Theme: as the system", go: () => setTheme("system") },
      ...(runs?.pages[0]?.items ?? []).map(({ number, status }): Entry => ({ kind: "run", text: `Run ${number} ${lookOf(status).words}`, go: () => void navigate({ to: "/runs/$id", params: { id: String(number) } }) })),
      ...names.map((location): Entry => ({ kind: "code location", text: plain(location), go: () => void navigate({ to: "/deployment/$location", params: { location } }) })),
      ...names.flatMap((location, i) => resources[i]!.map((resource): Entry => ({ kind: "resource", text: plain(resource.key), of: names.length > 1 ? plain(location) : undefined, go: () => void navigate({ to: "/deployment/$location/resources/$name", params: { location, name: resource.key } }) }))),
      ...(graph?.names ?? []).map((key, i): Entry => ({ kind: "asset", text: plain(key), go: () => void navigate({ to: "/assets/$key", params: { key } }), launch: { assets: [graph!.keys[i]!] } })),
    ];
  }, [graph, runs, locations, names, resources, navigate]);
}
