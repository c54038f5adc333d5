import { useSyncExternalStore } from "react";

// The run that this tab launched last: its bar stays until it is dismissed, also over a reload of the page.
const storageKey = "headrace.launched";
const watchers = new Set<() => void>();
let launched: number | null = null;
try {
  launched = Number(sessionStorage.getItem(storageKey)) || null;
} catch {
  // Without storage it holds until the page is left.
}

export function setLaunched(number: number | null): void {
  launched = number;
  try {
    if (number === null) sessionStorage.removeItem(storageKey);
    else sessionStorage.setItem(storageKey, String(number));
  } catch {
    // As above.
  }
  watchers.forEach((watch) => watch());
}
const subscribe = (watch: () => void): (() => void) => {
  watchers.add(watch);
  return () => watchers.delete(watch);
};
export const useLaunched = (): number | null => useSyncExternalStore(subscribe, () => launched);
