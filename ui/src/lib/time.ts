const units: [Intl.RelativeTimeFormatUnit, number][] = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "always", style: "short" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hour12: false });
const full = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** "3 min ago"; "just now" within the first seconds, also where clocks differ a little. */
export function ago(from: number, now: number): string {
  const seconds = Math.round((now - from) / 1000);
  if (seconds < 5) return "just now";
  const [unit, size] = units.find(([, length]) => seconds >= length)!;
  return relative.format(-Math.floor(seconds / size), unit);
}

/** A span of milliseconds, with as many digits as one can use: "12 ms", "1.24 s", "3 min 05 s". */
export function span(ms: number): string {
  if (!Number.isFinite(ms) || ms < 0) return "–";
  if (ms < 1) return "< 1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

export const clockTime = (ms: number): string => clock.format(ms);
export const fullTime = (ms: number): string => full.format(ms);
/** Milliseconds of an RFC 3339 time; microseconds are kept as a fraction. */
export function millis(text: string): number {
  const fraction = /\.(\d{3})(\d{1,3})/.exec(text)?.[2];
  return Date.parse(text) + (fraction ? Number(`0.${fraction}`) : 0);
}
export function between(from: string | null | undefined, to: string | null | undefined): number | null {
  return from && to ? millis(to) - millis(from) : null;
}
