import { useQuery } from "@tanstack/react-query";
import { codeLocationsQuery } from "../../api/queries";
import { Empty } from "../../components/notice";
import { ReloadButton } from "../../components/reload-button";

const example = `from dagster import asset

@asset
def my_first_asset():
    return [1, 2, 3]`;

/** Nothing to draw: because it is still loading, could not be loaded, or holds no assets yet. */
export function NoAssets() {
  const { data } = useQuery(codeLocationsQuery);
  const locations = data?.items ?? [];
  if (locations.some((location) => location.state === "loading")) return <Empty whole icon="reload" title="Loading definitions"><p role="status">The code locations are being imported. This page fills by itself.</p></Empty>;
  if (locations.some((location) => location.state === "failed")) {
    return <Empty whole icon="warning" title="No definitions yet"><p>Mend the error that is shown above, then reload.</p><ReloadButton /></Empty>;
  }
  return (
    <Empty whole icon="graph" title="No assets yet">
      <p>{locations.length ? "The code is loaded, but defines no assets. Add one, then reload:" : "No code location is configured. Start the daemon with one: headrace dev -m my_module"}</p>
      <pre>{example}</pre>
      <ReloadButton />
    </Empty>
  );
}
