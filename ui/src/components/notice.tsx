import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons";

/** A framed remark: a failure, a warning, or plain news. */
export function Notice({ tone = "plain", banner = false, role, children }: { tone?: "failure" | "stale" | "plain"; banner?: boolean; role?: "alert" | "status"; children: ReactNode }) {
  return (
    <div className={`notice ${tone} ${banner ? "banner" : ""}`} role={role}>
      <Icon name={tone === "plain" ? "help" : "warning"} />
      <div className="stack">{children}</div>
    </div>
  );
}

/** What a page says that has nothing to show yet: why, and the next step. `whole`: it is all of the page. */
export function Empty({ icon, title, whole = false, children }: { icon: IconName; title: string; whole?: boolean; children?: ReactNode }) {
  return (
    <div className="empty">
      <Icon name={icon} />
      {whole ? <h1>{title}</h1> : <h2>{title}</h2>}
      {children}
    </div>
  );
}
