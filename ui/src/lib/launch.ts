import { useMutation } from "@tanstack/react-query";
import { launchRun } from "../api/calls";
import { queryClient } from "../api/queries";
import { Problem } from "../api/problem";
import type { RunRequest } from "../api/types";
import { setLaunched } from "./launched";

/** Launches a run and shows its bar; a refusal stays at hand for the button that asked. */
export function useLaunch() {
  const launch = useMutation({
    mutationFn: (request: RunRequest) => launchRun(request),
    onSuccess: ({ number }) => {
      setLaunched(number);
      void queryClient.invalidateQueries({ queryKey: ["runs"] });
    },
  });
  const problem = launch.error instanceof Problem ? launch.error : launch.error ? new Problem(0, "", String(launch.error)) : null;
  return { launch: launch.mutate, again: launch.variables, pending: launch.isPending, problem, dismiss: launch.reset };
}
