import { useSyncExternalStore } from "react";

export type ThemeChoice = "system" | "light" | "dark";
const storageKey = "headrace.theme";
const watchers = new Set<() => void>();
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => watchers.forEach((watch) => watch()));

const choice = (): ThemeChoice => (document.documentElement.dataset.theme as ThemeChoice | undefined) ?? "system";

export function setTheme(next: ThemeChoice): void {
  if (next === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    if (next === "system") localStorage.removeItem(storageKey);
    else localStorage.setItem(storageKey, next);
  } catch {
    // Not kept then; it holds until the page is left.
  }
  watchers.forEach((watch) => watch());
}

const subscribe = (watch: () => void): (() => void) => {
  watchers.add(watch);
  return () => watchers.delete(watch);
};
/** The choice and, after it and the system's, whether the page is dark now. */
export function useTheme(): { choice: ThemeChoice; isDark: boolean } {
  const text = useSyncExternalStore(subscribe, () => `${choice()} ${choice() === "dark" || (choice() === "system" && dark.matches)}`);
  const [now, isDark] = text.split(" ");
  return { choice: now as ThemeChoice, isDark: isDark === "true" };
}
