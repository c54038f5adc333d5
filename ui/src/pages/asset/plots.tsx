import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { Materialization } from "../../api/types";
import { useSeen } from "../../lib/seen";
import { plain } from "../../lib/text";
import { courses, type Course } from "./courses";

const Plot = lazy(() => import("./plot").then((module) => ({ default: module.Plot })));

/** Each number that the materializations logged, over them: a point is a run, and a click on it leads there. */
export function Plots({ history }: { history: Materialization[] }) {
  const [section, seen] = useSeen();
  const all = courses(history);
  if (!all.length) return null;
  return (
    <section ref={section} className="panel" aria-label="Plots">
      <div className="panel-head"><h2>Plots</h2><span className="faint">over the last {all[0]!.of} materializations; a click on a point opens its run</span></div>
      <div className="plots">{all.map((course) => <Figure key={course.label} course={course} seen={seen} />)}</div>
    </section>
  );
}

function Figure({ course, seen }: { course: Course; seen: boolean }) {
  const navigate = useNavigate();
  const latest = course.points.at(-1)!;
  return (
    <figure className="plot" aria-label={`Plot of ${plain(course.label)}`}>
      <figcaption><strong className="isolate">{plain(course.label)}</strong> <span className="faint tabular">{latest.value.toLocaleString("en-US", { maximumSignificantDigits: 6 })}</span></figcaption>
      <div className="plot-place">{seen && <Suspense><Plot course={course} open={(run) => void navigate({ to: "/runs/$id", params: { id: String(run) } })} /></Suspense>}</div>
    </figure>
  );
}
