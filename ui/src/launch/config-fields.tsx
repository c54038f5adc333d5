import type { ConfigField } from "../api/types";
import { plain } from "../lib/text";

interface Props { asset: string; fields: ConfigField[]; texts: Record<string, string>; change: (name: string, text: string) => void }

/** The config of one asset as fields of a form. What is left empty keeps its default, which stands there faintly. */
export function ConfigFields({ asset, fields, texts, change }: Props) {
  if (!fields.length) return null;
  return (
    <fieldset className="config-fields">
      <legend className="isolate">Config of {plain(asset)}</legend>
      {fields.map((field) => (
        <label key={field.name}>
          <span><code>{plain(field.name)}</code> <span className="faint">{field.is_secret ? "secret: the name of an environment variable" : field.type}</span></span>
          <span className="field"><Input field={field} text={texts[field.name] ?? ""} change={(text) => change(field.name, text)} /></span>
          {field.description && <span className="faint isolate">{plain(field.description)}</span>}
        </label>
      ))}
    </fieldset>
  );
}

function Input({ field, text, change }: { field: ConfigField; text: string; change: (text: string) => void }) {
  const standard = defaultOf(field);
  if (field.type === "bool") {
    return <select value={text} onChange={(event) => change(event.target.value)}><option value="">{standard || "default"}</option><option value="true">true</option><option value="false">false</option></select>;
  }
  return <input value={text} spellCheck={false} autoComplete="off" inputMode={field.type === "int" || field.type === "float" ? "decimal" : "text"} placeholder={standard || "required"} onChange={(event) => change(event.target.value)} />;
}

function defaultOf(field: ConfigField): string {
  if (field.source === "env_var") return `from ${field.env_var}`;
  if (field.value === null) return "";
  try {
    const value: unknown = JSON.parse(field.value);
    return typeof value === "string" ? value || '""' : field.value;
  } catch {
    return field.value;
  }
}
