import { useQuery } from "@tanstack/react-query";
import { useTitle } from "../../app/title";
import { codeLocationsQuery } from "../../api/queries";
import { Empty } from "../../components/notice";
import { PageError } from "../../components/page-error";
import { ReloadButton } from "../../components/reload-button";
import { Daemon } from "./daemon";
import { LocationCard } from "./location-card";

/** `/deployment`: the code locations, what they hold and how they are. */
export function DeploymentPage() {
  const { data, error } = useQuery(codeLocationsQuery);
  useTitle("Deployment");
  if (error && !data) return <PageError error={error} what="The list of code locations" />;
  return (
    <div className="page">
      <header className="page-head">
        <h1>Deployment</h1>
        <span className="spacer" />
        <ReloadButton />
      </header>
      <section className="stack gap" aria-label="Code locations">
        {data?.items.map((location) => <LocationCard key={location.name} location={location} reload={data.items.length > 1} />)}
        {data && !data.items.length && <Empty icon="deployment" title="No code location"><p>Start the daemon with one:</p><pre>headrace dev -m my_module</pre></Empty>}
      </section>
      <Daemon />
    </div>
  );
}
