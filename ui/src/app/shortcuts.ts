import { useEffect } from "react";

export type Bindings = Record<string, () => void>;
const layers: Bindings[] = [];
let prefix = "";

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open], [data-opening]")) return;
  if (typing(event.target)) {
    if (event.key === "Escape") (event.target as HTMLElement).blur();
    return;
  }
  // Enter and space on a button or link are that element's own.
  if ((event.key === "Enter" || event.key === " ") && (event.target as HTMLElement).closest?.("a,button,summary,[role=treeitem]")) return;
  const name = prefix ? `${prefix} ${event.key}` : event.key;
  prefix = "";
  const layer = layers.findLast((bindings) => bindings[name]);
  if (layer) {
    event.preventDefault();
    layer[name]!();
  } else if (layers.some((bindings) => Object.keys(bindings).some((key) => key.startsWith(`${name} `)))) prefix = name;
}
if (typeof document !== "undefined") document.addEventListener("keydown", onKey);

/** Keys of a part of the page while it is shown: "r", "/", or "g a" for one after the other. The innermost part wins. */
export function useShortcuts(bindings: Bindings): void {
  useEffect(() => {
    layers.push(bindings);
    return () => void layers.splice(layers.indexOf(bindings), 1);
  });
}
