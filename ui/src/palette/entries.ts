import { useQueries, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { setTheme } from "../app/theme";
import { reloadCodeLocation } from "../api/calls";
import { codeLocationsQuery, graphQuery, queryClient, resourcesQuery } from "../api/queries";
import { useLaunch } from "../lib/launch";
import { plain } from "../lib/text";

export interface Entry {
  kind: "asset" | "resource" | "code location" | "page" | "do";
  text: string;
  go: () => void;
  /** Shift-Enter. */
  also?: () => void;
}

/** Everything one can go to or do, from data that the page has or reads once. */
export function useEntries(): Entry[] {
  const navigate = useNavigate();
  const { launch } = useLaunch();
  const { data: graph } = useQuery(graphQuery);
  const { data: locations } = useQuery(codeLocationsQuery);
  const names = useMemo(() => locations?.items.map((location) => location.name) ?? [], [locations]);
  const resources = useQueries({ queries: names.map(resourcesQuery), combine: (results) => results.map(({ data }) => data?.items ?? []) });
  const reload = async (): Promise<void> => {
    await Promise.allSettled(names.map(reloadCodeLocation));
    await queryClient.invalidateQueries({ queryKey: codeLocationsQuery.queryKey });
  };
  return [
    { kind: "page", text: "Assets", go: () => void navigate({ to: "/" }) },
    { kind: "page", text: "Runs", go: () => void navigate({ to: "/runs" }) },
    { kind: "page", text: "Deployment", go: () => void navigate({ to: "/deployment" }) },
    { kind: "do", text: "Materialize all", go: () => launch({ request: { selection: "*" } }) },
    { kind: "do", text: "Reload definitions", go: () => void reload() },
    { kind: "do", text: "Theme: dark", go: () => setTheme("dark") },
    { kind: "do", text: "Theme: light", go: () => setTheme("light") },
    { kind: "do", text: "Theme: as the system", go: () => setTheme("system") },
    ...names.map((location): Entry => ({ kind: "code location", text: plain(location), go: () => void navigate({ to: "/deployment/$location", params: { location } }) })),
    ...names.flatMap((location, i) => resources[i]!.map((resource): Entry => ({ kind: "resource", text: plain(resource.key), go: () => void navigate({ to: "/deployment/$location/resources/$name", params: { location, name: resource.key } }) }))),
    ...(graph?.names ?? []).map((key, i): Entry => ({ kind: "asset", text: plain(key), go: () => void navigate({ to: "/assets/$key", params: { key } }), also: () => launch({ request: { assets: [graph!.keys[i]!] } }) })),
  ];
}
