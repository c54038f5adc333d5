import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { NotFound, PageError } from "../components/page-error";
import { AssetsPage } from "../pages/assets/assets-page";
import { asList, asText, parseSearch, stringifySearch } from "./search";
import { Shell } from "./shell";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

export interface AssetsSearch { q?: string | undefined; sel?: string[] | undefined; view?: "tree" | undefined; closed?: string[] | undefined }
const assets = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: AssetsPage,
  validateSearch: (search: Record<string, unknown>): AssetsSearch => {
    const sel = asList(search.sel), closed = asList(search.closed);
    return { q: asText(search.q), sel: sel.length ? sel : undefined, view: search.view === "tree" ? "tree" : undefined, closed: closed.length ? closed : undefined };
  },
});
const asset = createRoute({ getParentRoute: () => root, path: "/assets/$key", component: lazyRouteComponent(() => import("../pages/asset/asset-page"), "AssetPage") });

export interface RunsSearch { status?: string | undefined; asset?: string | undefined }
const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  component: lazyRouteComponent(() => import("../pages/runs/runs-page"), "RunsPage"),
  validateSearch: (search: Record<string, unknown>): RunsSearch => ({ status: asText(search.status), asset: asText(search.asset) }),
});

export interface RunSearch { step?: string | undefined; attempt?: number | undefined; stream?: string[] | undefined; level?: "problems" | undefined; q?: string | undefined; line?: string | undefined }
const run = createRoute({
  getParentRoute: () => root,
  path: "/runs/$id",
  component: lazyRouteComponent(() => import("../pages/run/run-page"), "RunPage"),
  validateSearch: (search: Record<string, unknown>): RunSearch => {
    const stream = asList(search.stream);
    return {
      step: asText(search.step), attempt: Number(search.attempt) || undefined, stream: stream.length ? stream : undefined, level: search.level === "problems" ? "problems" : undefined,
      q: asText(search.q), line: asText(search.line),
    };
  },
});
const deployment = createRoute({ getParentRoute: () => root, path: "/deployment", component: lazyRouteComponent(() => import("../pages/deployment/deployment-page"), "DeploymentPage") });
const location = createRoute({ getParentRoute: () => root, path: "/deployment/$location", component: lazyRouteComponent(() => import("../pages/deployment/location-page"), "LocationPage") });
const resources = createRoute({ getParentRoute: () => root, path: "/deployment/$location/resources", component: lazyRouteComponent(() => import("../pages/deployment/resources-page"), "ResourcesPage") });
const resource = createRoute({ getParentRoute: () => root, path: "/deployment/$location/resources/$name", component: lazyRouteComponent(() => import("../pages/deployment/resource-page"), "ResourcePage") });

export const router = createRouter({
  routeTree: root.addChildren([assets, asset, runs, run, deployment, location, resources, resource]),
  parseSearch,
  stringifySearch,
  defaultErrorComponent: ({ error }) => <PageError error={error} what="This page" />,
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: false,
});
declare module "@tanstack/react-router" {
  interface Register { router: typeof router }
}
