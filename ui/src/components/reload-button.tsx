import { useMutation, useQuery } from "@tanstack/react-query";
import { reloadCodeLocation } from "../api/calls";
import { codeLocationsQuery, queryClient } from "../api/queries";
import { problemText } from "../api/problem";
import { Icon } from "./icons";
import { Notice } from "./notice";

/** Reloads one code location, or all of them. Turns while any of these is loading; the outcome comes as an event. */
export function ReloadButton({ name, small = false }: { name?: string; small?: boolean }) {
  const { data } = useQuery(codeLocationsQuery);
  const names = name ? [name] : (data?.items.map((location) => location.name) ?? []);
  const reload = useMutation({
    mutationFn: async () => {
      // Pressed before the list of code locations has come, it waits for that list.
      const all = name ? [name] : (await queryClient.ensureQueryData(codeLocationsQuery)).items.map((location) => location.name);
      return Promise.all(all.map(reloadCodeLocation));
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: codeLocationsQuery.queryKey }),
  });
  const busy = reload.isPending || (data?.items.some((location) => names.includes(location.name) && (location.reloading || location.state === "loading")) ?? false);
  return (
    <span className="launcher">
      <button type="button" className={`button ${small ? "small" : ""}`} aria-label={small ? `Reload ${name}` : undefined} aria-busy={busy} aria-disabled={busy} onClick={() => { if (!busy) reload.mutate(); }}>
        <Icon name="reload" className={busy ? "spin" : ""} />{small ? "Reload" : "Reload definitions"}
      </button>
      {reload.isError && <div className="refusals"><Notice tone="failure" role="alert"><p>{problemText(reload.error)}</p></Notice></div>}
    </span>
  );
}
