import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useTitle } from "../../app/title";
import { resourceQuery } from "../../api/queries";
import { AssetLinks } from "../../components/asset-bits";
import { PageError } from "../../components/page-error";
import { plain } from "../../lib/text";
import { ConfigTable } from "./config-table";

/** `/deployment/LOC/resources/NAME`: its config, each environment variable by name, and who uses it. */
export function ResourcePage() {
  const { location, name } = useParams({ from: "/deployment/$location/resources/$name" });
  const { data: resource, error } = useQuery(resourceQuery(location, name));
  useTitle(plain(name));
  if (!resource) return error ? <PageError error={error} what={`The resource ${plain(name)}`} /> : <p className="loading" role="status">Reading the resource …</p>;
  return (
    <div className="page">
      <header className="page-head">
        <nav className="crumbs" aria-label="Breadcrumb">
          <Link to="/deployment">Code locations</Link> <span aria-hidden="true">/</span>
          <Link to="/deployment/$location" params={{ location }}>{plain(location)}</Link> <span aria-hidden="true">/</span>
          <Link to="/deployment/$location/resources" params={{ location }}>Resources</Link>
        </nav>
        <h1>{plain(resource.key)}</h1>
        {resource.is_io_manager && <span className="badge">IO manager</span>}
        <div className="page-sub"><code>{plain(resource.type)}</code>{resource.description && <span className="isolate">{plain(resource.description)}</span>}</div>
      </header>
      <section className="panel" aria-label="Config">
        <div className="panel-head"><h2>Config</h2></div>
        <ConfigTable fields={resource.config} none="This resource has no config." />
      </section>
      <section className="panel" aria-label="Used by">
        <div className="panel-head"><h2>Used by</h2><span className="faint">{resource.used_by.length}</span></div>
        <div className="panel-body"><AssetLinks keys={resource.used_by} none="No asset uses it." /></div>
      </section>
    </div>
  );
}
