import { Link } from "@tanstack/react-router";
import type { CodeLocation } from "../api/types";
import { plain } from "../lib/text";
import { fullTime, millis } from "../lib/time";
import { Notice } from "./notice";

/** A code location that could not be loaded, and what serves now. */
export function LoadError({ location }: { location: CodeLocation }) {
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
