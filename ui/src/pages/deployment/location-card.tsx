import { Link } from "@tanstack/react-router";
import type { CodeLocation } from "../../api/types";
import { changeText } from "../../components/change-text";
import { ErrorView } from "../../components/error-view";
import { Notice } from "../../components/notice";
import { ReloadButton } from "../../components/reload-button";
import { Status } from "../../components/status";
import { Ago } from "../../components/time";
import { plain, plural } from "../../lib/text";
import { fullTime, millis } from "../../lib/time";

export function LocationCard({ location, reload }: { location: CodeLocation; reload: boolean }) {
  return (
    <article className="panel" aria-label={`Code location ${plain(location.name)}`}>
      <div className="panel-head">
        <h2><Link to="/deployment/$location" params={{ location: location.name }}>{plain(location.name)}</Link></h2>
        <Status value={location.reloading ? "loading" : location.state} />
        <span className="badge">{plain(location.language)}</span>
        {location.loaded_at && <span className="faint">loaded <Ago time={location.loaded_at} /></span>}
        <span className="spacer" />
        <Counts location={location} />
        {reload && <ReloadButton name={location.name} small />}
      </div>
      {location.last_change && !location.error && <p className="panel-body muted">The last reload: {changeText(location.last_change)}.</p>}
      <LocationTrouble location={location} />
    </article>
  );
}

function Counts({ location }: { location: CodeLocation }) {
  return (
    <>
      <span className="muted">{plural(location.asset_count, "asset")}</span>
      <Link to="/deployment/$location/resources" params={{ location: location.name }}>{plural(location.resource_count, "resource")}</Link>
    </>
  );
}

/** Whether LocationTrouble has anything to say. */
export function hasTrouble(location: CodeLocation) {
  return Boolean(location.error || location.worker_start_reason || location.warnings.length);
}

/** Why it could not be loaded and what serves meanwhile; what was left out of .env; why its workers start anew each time. */
export function LocationTrouble({ location }: { location: CodeLocation }) {
  if (!hasTrouble(location)) return null;
  return (
    <div className="panel-body stack gap">
      {location.error && (
        <>
          {location.state === "loaded" && location.loaded_at && <p><strong>The last reload failed.</strong> The definitions of {fullTime(millis(location.loaded_at))} go on serving.</p>}
          <ErrorView error={location.error} open />
        </>
      )}
      {location.warnings.map((warning) => <Notice key={warning}><p>{plain(warning)}</p></Notice>)}
      {location.worker_start_reason && (
        <Notice><p>Workers are started afresh instead of forked: {plain(location.worker_start_reason)}.</p></Notice>
      )}
    </div>
  );
}
