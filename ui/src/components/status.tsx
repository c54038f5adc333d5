import { Icon, type IconName } from "./icons";

export type Tone = "never" | "progress" | "success" | "failure" | "stale";
interface Look { tone: Tone; icon: IconName; words: string }

const looks: Record<string, Look> = {
  never: { tone: "never", icon: "ring", words: "never materialized" },
  in_progress: { tone: "progress", icon: "arc", words: "in progress" },
  materialized: { tone: "success", icon: "check", words: "materialized" },
  failed: { tone: "failure", icon: "cross", words: "failed" },
  stale: { tone: "stale", icon: "warning", words: "stale" },
  queued: { tone: "never", icon: "clock", words: "queued" },
  waiting: { tone: "never", icon: "clock", words: "waiting" },
  ready: { tone: "never", icon: "clock", words: "ready" },
  starting: { tone: "progress", icon: "arc", words: "starting" },
  running: { tone: "progress", icon: "arc", words: "running" },
  retrying: { tone: "stale", icon: "arc", words: "retrying" },
  success: { tone: "success", icon: "check", words: "success" },
  failure: { tone: "failure", icon: "cross", words: "failed" },
  skipped: { tone: "never", icon: "minus", words: "skipped" },
  canceling: { tone: "stale", icon: "arc", words: "canceling" },
  canceled: { tone: "stale", icon: "stop", words: "canceled" },
  loading: { tone: "progress", icon: "arc", words: "loading" },
  healthy: { tone: "success", icon: "check", words: "healthy" },
  trouble: { tone: "failure", icon: "warning", words: "not writing" },
  away: { tone: "failure", icon: "warning", words: "away" },
  loaded: { tone: "success", icon: "check", words: "loaded" },
};
/** By the graph's codes. */
export const assetStatuses = ["never", "in_progress", "materialized", "failed", "stale"];
export const lookOf = (status: string): Look => looks[status] ?? { tone: "never", icon: "ring", words: status };
export const isOver = (status: string): boolean => ["success", "failure", "canceled", "skipped"].includes(status);

/** A status as an icon and a word: never by color alone. */
export function Status({ value, bare = false }: { value: string; bare?: boolean }) {
  const { tone, icon, words } = lookOf(value);
  const glyph = <Icon name={icon} className={icon === "arc" ? "spin" : ""} />;
  if (bare) return <span className={`tone-${tone}`} role="img" aria-label={words} title={words}>{glyph}</span>;
  return <span className={`badge tone-${tone}`}>{glyph}{words}</span>;
}
