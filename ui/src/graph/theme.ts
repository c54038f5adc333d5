/** The canvas's colors, read from the stylesheet's tokens: one place decides them. */
export interface GraphTheme {
  bg: string; dot: string; group: string; groupLine: string; edge: string; card: string; cardLine: string;
  text: string; soft: string; accent: string; font: string;
  /** By status code: never, in progress, materialized, failed, stale. */
  status: string[];
  statusSoft: string[];
}

export function readTheme(): GraphTheme {
  const probe = document.createElement("span");
  document.body.append(probe);
  const color = (token: string): string => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const names = ["never", "progress", "success", "failure", "stale"];
  const theme = {
    bg: color("graph-bg"), dot: color("graph-dot"), group: color("graph-group"), groupLine: color("graph-group-line"), edge: color("graph-edge"),
    card: color("graph-card"), cardLine: color("graph-card-line"), text: color("fg"), soft: color("fg-soft"), accent: color("accent"),
    font: getComputedStyle(document.body).fontFamily, status: names.map(color), statusSoft: names.map((name) => color(`${name}-soft`)),
  };
  probe.remove();
  return theme;
}
