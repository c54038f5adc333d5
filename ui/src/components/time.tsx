import { useSyncExternalStore } from "react";
import { ago, fullTime, millis } from "../lib/time";

// One clock for all relative times of the page; it stands while the page is hidden.
const watchers = new Set<() => void>();
let now = Date.now();
setInterval(() => {
  if (document.hidden || !watchers.size) return;
  now = Date.now();
  watchers.forEach((watch) => watch());
}, 5000);
const watch = (callback: () => void): (() => void) => {
  now = Date.now();
  watchers.add(callback);
  return () => watchers.delete(callback);
};

/** "3 min ago", the full time on hover. */
export function Ago({ time }: { time: string }) {
  const current = useSyncExternalStore(watch, () => now);
  const at = millis(time);
  return <time dateTime={time} title={fullTime(at)}>{ago(at, Math.max(current, at))}</time>;
}
