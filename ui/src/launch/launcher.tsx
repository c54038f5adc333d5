import { lazy, Suspense, useState, type ReactNode } from "react";
import type { LaunchStart } from "./launch-dialog";

const LaunchDialog = lazy(() => import("./launch-dialog").then((module) => ({ default: module.LaunchDialog })));

/** The dialog for a run of one's own, and what opens it. */
export function useLaunchDialog(): { open: (start: LaunchStart) => void; dialog: ReactNode } {
  const [start, setStart] = useState<LaunchStart | null>(null);
  return { open: setStart, dialog: start && <Suspense><LaunchDialog start={start} close={() => setStart(null)} /></Suspense> };
}
