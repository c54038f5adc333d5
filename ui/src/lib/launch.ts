import { useMutation } from "@tanstack/react-query";
import { launchRun, planRun, retryRun } from "../api/calls";
import { queryClient } from "../api/queries";
import { Problem } from "../api/problem";
import type { AssetKey, RunRequest } from "../api/types";
import { setLaunched } from "./launched";

/** Not a refusal but a question: what was chosen reads assets that were never made. */
export class NeverMade extends Error {
  constructor(readonly keys: AssetKey[]) {
    super("what was chosen reads assets that were never materialized");
  }
}
export interface Launch {
  request: RunRequest;
  /** Launch even if it reads what was never made. */
  anyway?: boolean;
}

async function start({ request, anyway }: Launch): Promise<{ number: number }> {
  if (request.assets && !anyway) {
    const plan = await planRun(request);
    if (plan.refusals.length) throw new Problem(422, "Refused", "", plan.refusals);
    if (plan.missing_upstreams.length) throw new NeverMade(plan.missing_upstreams);
  }
  return launchRun(request);
}

function launched({ number }: { number: number }): void {
  setLaunched(number);
  void queryClient.invalidateQueries({ queryKey: ["runs"] });
}

/** What a run did not finish, or all of it, as a new run with the same config. */
export const useRetry = (run: string) => useMutation({ mutationFn: (from: "failure" | "start") => retryRun(run, from), onSuccess: launched });

/** Launches a run and shows its bar; a refusal or a question stays at hand for the button that asked. */
export function useLaunch() {
  const launch = useMutation({ mutationFn: start, onSuccess: launched });
  return { launch: launch.mutate, asked: launch.variables, pending: launch.isPending, trouble: launch.error, dismiss: launch.reset };
}
