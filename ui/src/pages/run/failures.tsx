import type { Run } from "../../api/types";
import { AssetLink } from "../../components/asset-bits";
import { ErrorView } from "../../components/error-view";
import { Icon } from "../../components/icons";

const shown = 10;

/** What went wrong, before anything else: each failed step with the user's own exception. */
export function Failures({ run }: { run: Run }) {
  const failed = run.steps.filter((step) => step.error);
  if (!failed.length) return null;
  return (
    <section className="panel failures" aria-label="Failures">
      {failed.slice(0, shown).map((step, i) => (
        <div key={step.step_key} className="failure-item">
          <Icon name={step.status === "failure" ? "cross" : "warning"} className="tone-failure" />
          <div className="stack">
            <p><AssetLink assetKey={step.asset_key} />{step.attempt > 1 && <span className="faint"> attempt {step.attempt}</span>}</p>
            <ErrorView error={step.error!} open={i === 0} />
          </div>
        </div>
      ))}
      {failed.length > shown && <p className="faint failure-item">and {failed.length - shown} more, see the steps below</p>}
    </section>
  );
}
