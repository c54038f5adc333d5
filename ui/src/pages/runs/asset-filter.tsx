import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { graphQuery } from "../../api/queries";
import { Icon } from "../../components/icons";

const suggested = 12;

/** Runs of one asset: its key, with suggestions of the browser's own from the names that the page knows. */
export function AssetFilter({ value, choose }: { value: string; choose: (text: string) => void }) {
  const { data } = useQuery(graphQuery());
  const [text, setText] = useState(value);
  const wanted = text.toLowerCase();
  const found: string[] = [];
  for (const name of data?.names ?? []) if (name.toLowerCase().includes(wanted) && found.push(name) === suggested) break;
  const take = (next: string): void => {
    setText(next);
    if (!next || data?.indexOf.has(next)) choose(next);
  };
  return (
    <form onSubmit={(event) => { event.preventDefault(); choose(text.trim()); }}>
      <label className="field">
        <Icon name="search" />
        <input type="search" aria-label="Only runs of an asset" placeholder="Asset" list="run-assets" value={text} onChange={(event) => take(event.target.value)} />
      </label>
      <datalist id="run-assets">{found.map((name) => <option key={name} value={name} />)}</datalist>
    </form>
  );
}
