import type { LoadError, StepError } from "../api/types";
import { plain } from "../lib/text";
import { MetadataTable } from "../metadata/table";
import { Copy } from "./copy";

const phases: Record<string, string> = {
  load: "while loading", resources: "while a resource was set up", load_input: "while an input was loaded", asset: "in the asset's function", handle_output: "while the value was stored",
  type_check: "in the type check", config: "in the config",
};

/** The user's own exception as a headline, where it happened, and its stack; frames of the framework come folded already. */
export function ErrorView({ error, open = false }: { error: LoadError | StepError; open?: boolean }) {
  const place = error.file ? `${error.file}${error.line ? `:${error.line}` : ""}` : null;
  const phase = "phase" in error && error.phase ? (phases[error.phase] ?? error.phase) : null;
  return (
    <div className="stack">
      <p className="error-headline isolate">{plain(error.type ? `${error.type}: ${error.message}` : error.message)}</p>
      {(place || phase) && <p className="muted">{place && <span className="path-value"><code>{plain(place)}</code><Copy text={place} label="Copy place" /></span>} {phase}</p>}
      {"metadata" in error && Object.keys(error.metadata).length > 0 && <MetadataTable metadata={error.metadata} title="Metadata of the failure" />}
      {error.stack && (
        <details open={open}>
          <summary>Traceback</summary>
          <pre className="traceback" tabIndex={0}>{plain(error.stack.trimEnd()).split("\n").map((line, i) => <span key={i} className={/^\s*…/.test(line) ? "folded" : undefined}>{i ? "\n" : ""}{line}</span>)}</pre>
        </details>
      )}
    </div>
  );
}
