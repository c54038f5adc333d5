import { useState } from "react";
import { Icon } from "./icons";

/** Copies a text; says so to the eye and to screen readers. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = async (): Promise<void> => {
    await writeClipboard(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" className="icon-button" aria-label={done ? "Copied" : label} title={done ? "Copied" : label} onClick={() => void copy()}>
      <Icon name={done ? "check" : "copy"} />
      <span className="visually-hidden" role="status">{done ? "Copied" : ""}</span>
    </button>
  );
}

/** navigator.clipboard exists on https and localhost only; elsewhere the old way. */
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
