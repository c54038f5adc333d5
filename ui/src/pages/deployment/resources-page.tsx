import { Link, useParams } from "@tanstack/react-router";
import { useTitle } from "../../app/title";
import { plain } from "../../lib/text";
import { ResourceTable } from "./resource-table";

/** `/deployment/LOC/resources` */
export function ResourcesPage() {
  const { location } = useParams({ from: "/deployment/$location/resources" });
  useTitle("Resources");
  return (
    <div className="page">
      <header className="page-head">
        <nav className="crumbs" aria-label="Breadcrumb">
          <Link to="/deployment">Code locations</Link> <span aria-hidden="true">/</span> <Link to="/deployment/$location" params={{ location }}>{plain(location)}</Link>
        </nav>
        <h1>Resources</h1>
      </header>
      <div className="panel"><ResourceTable location={location} /></div>
    </div>
  );
}
