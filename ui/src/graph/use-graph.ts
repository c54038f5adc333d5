import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { graphQuery, graphStatusQuery, queryClient } from "../api/queries";
import { applyStatus, type GraphData } from "./data";

/** The graph with its live status column: `version` grows whenever that column changed in place. */
export function useGraph(closed: readonly string[]): { data: GraphData | undefined; error: unknown; version: number } {
  const { data, error, isPlaceholderData } = useQuery({ ...graphQuery(closed), placeholderData: (before) => before });
  const { data: status } = useQuery({ ...graphStatusQuery(closed), enabled: data !== undefined });
  const [version, setVersion] = useState(0);
  useEffect(() => {
    if (!data || !status || isPlaceholderData) return;
    if (status.etag !== data.etag) void queryClient.invalidateQueries({ queryKey: graphQuery(closed).queryKey });
    else if (applyStatus(data, status.status).length) setVersion((n) => n + 1);
  }, [data, status]);
  return { data, error, version };
}
