import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useSyncExternalStore } from "react";
import { codeLocationsQuery, statusQuery } from "../api/queries";
import { stream } from "../live/stream";
import { Notice } from "./notice";

const Trouble = lazy(() => import("./trouble").then((module) => ({ default: module.Trouble })));
const LoadError = lazy(() => import("./load-error").then((module) => ({ default: module.LoadError })));

export function ConnectionBanner() {
  const up = useSyncExternalStore(stream.watch, stream.isUp);
  if (up) return null;
  return (
    <Notice tone="stale" banner role="status">
      <p><strong>The daemon is away.</strong> What you see is as of its last word; this page goes on by itself when it is back.</p>
    </Notice>
  );
}

/** No event can tell of a log that takes none: the page asks now and then. */
const askEvery = 20_000;

export function TroubleBanner() {
  const { data } = useQuery({ ...statusQuery, refetchInterval: askEvery });
  return data?.trouble ? <Suspense><Trouble text={data.trouble} /></Suspense> : null;
}

/** On every page while the last load of a code location failed: the user's own error, file and line, and what serves now. */
export function LoadErrorBanner() {
  const { data } = useQuery(codeLocationsQuery);
  const failed = data?.items.filter((location) => location.error) ?? [];
  return failed.length > 0 && <Suspense>{failed.map((location) => <LoadError key={location.name} location={location} />)}</Suspense>;
}
