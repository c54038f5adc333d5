import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useSyncExternalStore } from "react";
import { codeLocationsQuery } from "../api/queries";
import type { CodeLocation } from "../api/types";
import { plain } from "../lib/text";
import { fullTime, millis } from "../lib/time";
import { stream } from "../live/stream";
import { Notice } from "./notice";

export function ConnectionBanner() {
  const up = useSyncExternalStore(stream.watch, stream.isUp);
  if (up) return null;
  return (
    <Notice tone="stale" banner role="status">
      <p><strong>The daemon is away.</strong> What you see is as of its last word; this page goes on by itself when it is back.</p>
    </Notice>
  );
}

/** On every page while the last load of a code location failed: the user's own error, file and line, and what serves now. */
export function LoadErrorBanner() {
  const { data } = useQuery(codeLocationsQuery);
  const failed = data?.items.filter((location) => location.error) ?? [];
  return <>{failed.map((location) => <OneLoadError key={location.name} location={location} />)}</>;
}

function OneLoadError({ location }: { location: CodeLocation }) {
  const error = location.error!;
  const place = error.file ? `${error.file}${error.line ? `:${error.line}` : ""}` : null;
  return (
    <Notice tone="failure" banner role="alert">
      <p>
        <strong>{plain(location.name)} could not be {location.state === "loaded" ? "reloaded" : "loaded"}.</strong>{" "}
        <span className="isolate">{plain(`${error.type}: ${error.message}`)}</span>
        {place && <> in <code>{plain(place)}</code></>}
      </p>
      <p>
        {location.state === "loaded" && location.loaded_at ? `The definitions of ${fullTime(millis(location.loaded_at))} go on serving. ` : "It has no assets until this is mended. "}
        <Link to="/deployment">Traceback</Link>
      </p>
    </Notice>
  );
}
