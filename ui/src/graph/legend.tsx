import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { Icon } from "../components/icons";
import { assetStatuses, lookOf } from "../components/status";
import type { GraphData } from "./data";

/** How many assets are in which state: what the colors mean where nothing else can be drawn. A press filters by it, the next takes that back. */
export function Legend({ data, version }: { data: GraphData; version: number }) {
  const { q } = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const totals = useMemo(() => assetStatuses.map((_, status) => data.boxes.reduce((sum, box) => sum + box.counts[status]!, 0)), [data, version]);
  return (
    <div className="graph-legend" role="group" aria-label="Assets by status">
      {assetStatuses.map((name, status) => {
        const { tone, icon, words } = lookOf(name), text = `status:${name}`;
        if (!totals[status] && q !== text) return null;
        return (
          <button key={name} type="button" aria-pressed={q === text} title={q === text ? "Show all again" : `Show only these: ${text}`} onClick={() => void navigate({ search: (before) => ({ ...before, q: q === text ? undefined : text }), replace: true })}>
            <Icon name={icon} className={`tone-${tone}`} /><span className="tabular">{totals[status]!.toLocaleString("en-US")}</span> <span className="label">{words}</span>
          </button>
        );
      })}
    </div>
  );
}
