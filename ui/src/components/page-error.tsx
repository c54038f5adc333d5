import { Link } from "@tanstack/react-router";
import { isMissing, problemText } from "../api/problem";
import { plain } from "../lib/text";
import { Empty } from "./notice";

/** In a page's place when its answer is an error: what is missing or wrong, and where to go on. */
export function PageError({ error, what }: { error: unknown; what: string }) {
  return (
    <Empty whole icon={isMissing(error) ? "search" : "warning"} title={isMissing(error) ? `${what} is not here` : `${what} could not be read`}>
      <p role="alert">{plain(problemText(error))}</p>
      <Link to="/" className="button">Go to the assets</Link>
    </Empty>
  );
}

export function NotFound() {
  return (
    <Empty whole icon="search" title="There is no such page">
      <p>The address leads nowhere in this daemon.</p>
      <Link to="/" className="button">Go to the assets</Link>
    </Empty>
  );
}
