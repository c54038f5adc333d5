import type { ReactNode } from "react";

/** The one icon set: 16 units, drawn with lines in the text's color. Icons are decoration; the text beside them speaks. */
const paths = {
  graph: <><rect x="1.5" y="2" width="5" height="4" rx="1" /><rect x="9.5" y="6" width="5" height="4" rx="1" /><rect x="1.5" y="10" width="5" height="4" rx="1" /><path d="M6.5 4h1.200c.8 0 1 .4 1 1.200V7c0 .6.3 1 .8 1M6.5 12h1.200c.8 0 1-.4 1-1.200V9c0-.6.3-1 .8-1" /></>,
  runs: <><path d="M2 3.500h7M2 8h12M2 12.500h5" /><circle cx="12" cy="3.5" r="1.5" /><circle cx="10" cy="12.5" r="1.5" /></>,
  deployment: <><rect x="2" y="2.5" width="12" height="4.5" rx="1.2" /><rect x="2" y="9" width="12" height="4.5" rx="1.2" /><path d="M4.7 4.750h.1M4.7 11.250h.1" /></>,
  play: <path d="M4.5 3v10l8-5z" />,
  reload: <path d="M13.5 7A5.6 5.6 0 0 0 3.6 4.600L2 6.300M2 2.500v3.800h3.800M2.5 9a5.6 5.6 0 0 0 9.9 2.400L14 9.700m0 3.800V9.700h-3.8" />,
  check: <path d="m3 8.5 3.3 3.300L13 4.8" />,
  cross: <path d="m4 4 8 8m0-8-8 8" />,
  ring: <circle cx="8" cy="8" r="4" />,
  arc: <path d="M8 2.500A5.5 5.5 0 1 1 2.5 8" />,
  warning: <path d="M8 5.700v3.400m0 2.300v.1M7 2.7 1.7 12a1.2 1.2 0 0 0 1 1.800h10.600a1.2 1.2 0 0 0 1-1.800L9 2.700a1.2 1.2 0 0 0-2 0z" />,
  clock: <><circle cx="8" cy="8" r="6" /><path d="M8 4.700V8l2.2 1.5" /></>,
  copy: <><rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M10.5 5.500V4A1.5 1.5 0 0 0 9 2.500H4A1.5 1.5 0 0 0 2.5 4v5A1.5 1.5 0 0 0 4 10.500h1.5" /></>,
  search: <><circle cx="7" cy="7" r="4.5" /><path d="m10.4 10.4 3.3 3.3" /></>,
  fit: <path d="M2.5 6V3.500a1 1 0 0 1 1-1H6m4 0h2.500a1 1 0 0 1 1 1V6m0 4v2.500a1 1 0 0 1-1 1H10m-4 0H3.500a1 1 0 0 1-1-1V10" />,
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  tree: <path d="M3 3h10M6 8h7M6 13h7M3 3v9a1 1 0 0 0 1 1h2M3 8h3" />,
  sun: <><circle cx="8" cy="8" r="3" /><path d="M8 1.500v1.300m0 10.400v1.300M1.5 8h1.300m10.4 0h1.300M3.4 3.400l.9.9m7.4 7.4.9.9m0-9.2-.9.9m-7.4 7.4-.9.9" /></>,
  moon: <path d="M13.5 9.700A6 6 0 0 1 6.3 2.500a6 6 0 1 0 7.2 7.200z" />,
  system: <><rect x="1.8" y="2.5" width="12.4" height="8.5" rx="1.3" /><path d="M5.5 13.700h5" /></>,
  help: <><circle cx="8" cy="8" r="6.2" /><path d="M6.3 6.300a1.8 1.8 0 1 1 2.5 1.700c-.6.3-.8.6-.8 1.200m0 2.100v.1" /></>,
  right: <path d="m6 3.5 4.5 4.500L6 12.5" />,
  down: <path d="m3.5 6 4.5 4.500L12.5 6" />,
  arrow: <path d="M2.5 8h11m-4-4 4 4-4 4" />,
  plug: <path d="M5.5 2v3m5-3v3M3.5 5h9v2.500a4.5 4.5 0 0 1-9 0zM8 12v2.5" />,
  file: <path d="M9 1.800H4.500A1.2 1.2 0 0 0 3.3 3v10a1.2 1.2 0 0 0 1.2 1.200h7a1.2 1.2 0 0 0 1.2-1.200V5.500zm0 0v3.700h3.7" />,
  eye: <><path d="M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8z" /><circle cx="8" cy="8" r="2" /></>,
  stop: <rect x="4" y="4" width="8" height="8" rx="1.5" />,
  pause: <path d="M5.5 3.500v9m5-9v9" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof paths;

export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  return <svg className={`icon ${className}`} viewBox="0 0 16 16" aria-hidden="true" focusable="false">{paths[name]}</svg>;
}

/** The mark of Headrace: water led in a channel. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" fill="var(--accent-solid)" />
      <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round">
        <path d="M5 11c4 0 4 3 8 3s4-3 8-3 3 2 6 2.6" />
        <path d="M5 17.500c4 0 4 3 8 3s4-3 8-3 3 2 6 2.6" opacity=".75" />
        <path d="M5 24c4 0 4 3 8 3s4-3 8-3 3 2 6 2.6" opacity=".45" />
      </g>
    </svg>
  );
}
