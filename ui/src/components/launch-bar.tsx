import { useRouterState } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useLaunched } from "../lib/launched";

const LaunchedRun = lazy(() => import("./launched-run").then((module) => ({ default: module.LaunchedRun })));

/** The run launched last from this tab, at the foot of every page but its own, until it is dismissed. */
export function LaunchBar() {
  const number = useLaunched();
  const here = useRouterState({ select: (state) => state.location.pathname });
  if (number === null || here === `/runs/${number}`) return null;
  return <Suspense><LaunchedRun number={number} /></Suspense>;
}
