import { useState } from "react";
import { useShortcuts } from "./shortcuts";

/** j and k move a mark over rows, Enter opens the marked one. -1: none is marked yet. */
export function useRowKeys(count: number, open: (row: number) => void): number {
  const [at, setAt] = useState(-1);
  const current = Math.min(at, count - 1);
  const go = (to: number): void => {
    const next = Math.max(0, Math.min(count - 1, to));
    setAt(next);
    document.querySelectorAll("[data-row]")[next]?.scrollIntoView({ block: "nearest" });
  };
  useShortcuts({ j: () => go(current + 1), k: () => go(current - 1), Enter: () => { if (current >= 0) open(current); } });
  return current;
}
