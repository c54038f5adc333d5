import { useQueries } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { getLog, type LogPart } from "../../api/calls";
import { isMissing } from "../../api/problem";
import { queryClient } from "../../api/queries";
import type { LogStream, Run } from "../../api/types";
import type { Output } from "./lines";

const streams: LogStream[] = ["stdout", "stderr", "log"];
/** With more steps than this, output is read only for the step that is chosen. */
export const stepsRead = 30;
/** Of one output, in characters: about as much as a browser's scrolled element can be high. */
const textKept = 24_000_000;

/** Reads on from where the last answer ended, to what is written now. */
async function readOn(id: string, step: string, attempt: number, stream: LogStream, before: LogPart | undefined, signal: AbortSignal): Promise<LogPart> {
  let part: LogPart = before ?? { text: "", next: 0, complete: false };
  while (!part.complete && part.text.length < textKept) {
    const more = await getLog(id, step, attempt, stream, part.next, { signal });
    part = { text: part.text + more.text, next: more.next, complete: more.complete };
    if (!more.text) break;
  }
  return part.text.length >= textKept ? { ...part, text: `${part.text}\n… cut here: the rest is in the daemon's files`, complete: true } : part;
}

function attemptsOf(run: Run, step: string | undefined): { step: string; attempt: number; stream: LogStream }[] {
  const steps = run.steps.filter((s) => s.attempt > 0 && (step ? s.step_key === step : run.steps.length <= stepsRead));
  return steps.flatMap((s) => Array.from({ length: s.attempt }, (_, n) => n + 1).flatMap((attempt) => streams.map((stream) => ({ step: s.step_key, attempt, stream }))));
}

interface Outputs {
  outputs: Output[];
  /** Whether some of it is not there any more: the files of old runs are not kept for ever. */
  gone: boolean;
}
type Read = { data: LogPart | undefined; error: unknown };

/** What the attempts of these steps printed and logged; followed while they run and this page is looked at. */
export function useOutputs(run: Run, step: string | undefined): Outputs {
  const wanted = useMemo(() => attemptsOf(run, step), [run.steps, step]);
  const combine = useCallback((results: Read[]): Outputs => ({
    outputs: results.flatMap(({ data }, i) => (data?.text ? [{ ...wanted[i]!, text: data.text }] : [])),
    gone: results.some(({ error }) => isMissing(error)),
  }), [wanted]);
  return useQueries({
    queries: wanted.map(({ step: key, attempt, stream }) => {
      const queryKey = ["logs", run.run_id, key, attempt, stream];
      return {
        queryKey,
        queryFn: ({ signal }: { signal: AbortSignal }) => readOn(run.run_id, key, attempt, stream, queryClient.getQueryData<LogPart>(queryKey), signal),
        refetchInterval: ({ state }: { state: { data?: LogPart | undefined; error: unknown } }) => (state.data?.complete || isMissing(state.error) ? false : 700),
      };
    }),
    combine,
  });
}
