import { Link } from "@tanstack/react-router";
import { Empty } from "../../components/notice";

export function NoRuns({ filtered }: { filtered: boolean }) {
  if (filtered) return <Empty icon="search" title="No run is like that"><Link to="/runs" className="button">Show all runs</Link></Empty>;
  return (
    <Empty icon="runs" title="Nothing has run yet">
      <p>A run makes assets and stores them. “Materialize all” on the assets page starts the first one.</p>
      <Link to="/" className="button primary">Go to the assets</Link>
    </Empty>
  );
}
