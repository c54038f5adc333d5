import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTitle } from "../../app/title";
import { codeLocationsQuery } from "../../api/queries";
import { Problem } from "../../api/problem";
import { PageError } from "../../components/page-error";
import { ReloadButton } from "../../components/reload-button";
import { Status } from "../../components/status";
import { Ago } from "../../components/time";
import { changeText } from "../../components/change-text";
import { Notice } from "../../components/notice";
import { plain, plural } from "../../lib/text";
import { LocationTrouble, hasTrouble } from "./location-card";
import { ResourceTable } from "./resource-table";

/** `/deployment/LOC`: one code location, with its resources. */
export function LocationPage() {
  const { location: name } = useParams({ from: "/deployment/$location" });
  const { data, error } = useQuery(codeLocationsQuery);
  const location = data?.items.find((item) => item.name === name);
  useTitle(plain(name));
  if (!location) return error || data ? <PageError error={error ?? new Problem(404, "Not found", `There is no code location ${name}.`)} what="The code location" /> : null;
  return (
    <div className="page">
      <header className="page-head">
        <nav className="crumbs" aria-label="Breadcrumb"><Link to="/deployment">Code locations</Link> <span aria-hidden="true">/</span> <span>{plain(name)}</span></nav>
        <h1>{plain(name)}</h1>
        <Status value={location.reloading ? "loading" : location.state} />
        <span className="spacer" />
        <ReloadButton name={name} />
        <div className="page-sub">
          <span>{plain(location.language)}</span>
          {location.loaded_at && <span>loaded <Ago time={location.loaded_at} /></span>}
          <span>workers are {location.worker_start === "fork" ? "forked from the host" : "started afresh"}</span>
          <span>{plural(location.asset_count, "asset")}</span>
        </div>
      </header>
      {location.last_change && <Notice><p><strong>The last reload:</strong> {changeText(location.last_change)}.</p></Notice>}
      {hasTrouble(location) && <section className="panel" aria-label="Trouble"><LocationTrouble location={location} /></section>}
      <section className="panel" aria-label="Resources of this code location">
        <div className="panel-head"><h2><Link to="/deployment/$location/resources" params={{ location: name }}>Resources</Link></h2><span className="faint">{location.resource_count}</span></div>
        <ResourceTable location={name} />
      </section>
    </div>
  );
}
