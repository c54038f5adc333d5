import { useSyncExternalStore } from "react";

let needed = false;
const watchers = new Set<() => void>();

/** Called where an answer says that the token is needed: the page gives way to the sign-in. */
export function signInNeeded(): void {
  if (needed) return;
  needed = true;
  for (const tell of watchers) tell();
}
const watch = (tell: () => void): (() => void) => {
  watchers.add(tell);
  return () => watchers.delete(tell);
};
export const useSignInNeeded = (): boolean => useSyncExternalStore(watch, () => needed);
