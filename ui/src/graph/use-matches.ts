import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { problemText } from "../api/problem";
import { selectionQuery } from "../api/queries";
import { plain } from "../lib/text";
import { useDelayed } from "../lib/delayed";
import type { GraphData } from "./data";
import { isSelection, matching } from "./filter";

/** What the filter's text lets through, null for all: words are looked for here, selections are read by the daemon; and what is wrong with one. */
export function useMatches(data: GraphData | undefined, text: string, version: number): { matches: ReadonlySet<number> | null; wrong: string | null } {
  const asked = useDelayed(text, 200), selects = isSelection(text);
  const { data: names, error } = useQuery({ ...selectionQuery(asked), enabled: selects && isSelection(asked), placeholderData: keepPreviousData });
  return useMemo(() => {
    if (!data) return { matches: null, wrong: null };
    if (!selects) return { matches: matching(data, text), wrong: null };
    if (error) return { matches: null, wrong: plain(problemText(error)) };
    return { matches: names ? new Set(names.flatMap((name) => data.indexOf.get(name) ?? [])) : null, wrong: null };
  }, [data, text, selects, names, error, version]);
}
