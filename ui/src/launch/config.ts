import type { ConfigField } from "../api/types";

/** What is typed into a launch form: step key → field name → text. Empty text: the default holds. */
export type Typed = Record<string, Record<string, string>>;
type Json = Record<string, unknown>;

/** A field's text as the value that its type wants; throws what is wrong with it, for people. */
export function valueOf(field: Pick<ConfigField, "name" | "type" | "is_secret">, text: string): unknown {
  if (field.is_secret) return { env: text.trim() };
  if (field.type === "string") return text;
  if (field.type === "bool") return text === "true";
  try {
    const value: unknown = JSON.parse(text);
    if ((field.type === "int" && !Number.isInteger(value)) || (field.type === "float" && typeof value !== "number")) throw new Error();
    return value;
  } catch {
    if (field.type === "any") return text;
    throw new Error(`${field.name} has to be ${field.type === "int" ? "a whole number" : field.type === "float" ? "a number" : "JSON"}, not “${text}”.`);
  }
}

/** The run config of what was typed: `ops` by step; dotted names of fields are nested. */
export function configOf(typed: Typed, fields: (step: string) => ConfigField[]): Json {
  const ops: Json = {};
  for (const [step, texts] of Object.entries(typed)) {
    const config: Json = {};
    for (const field of fields(step)) if (texts[field.name]) put(config, field.name.split("."), valueOf(field, texts[field.name]!));
    if (Object.keys(config).length) ops[step] = { config };
  }
  return Object.keys(ops).length ? { ops } : {};
}

function put(into: Json, [name, ...rest]: string[], value: unknown): void {
  if (!rest.length) into[name!] = value;
  else put((into[name!] ??= {}) as Json, rest, value);
}

/** The texts that give a run's config again, as far as it is of the `ops`. */
export function typedOf(config: Json): Typed {
  const typed: Typed = {};
  for (const [step, entry] of Object.entries((config.ops ?? {}) as Json)) {
    const texts: Record<string, string> = {};
    flatten((entry as Json | null)?.config, "", texts);
    typed[step] = texts;
  }
  return typed;
}

function flatten(value: unknown, name: string, out: Record<string, string>): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    if (typeof (value as Json).env === "string" && Object.keys(value).length === 1) out[name] = (value as { env: string }).env;
    else for (const [key, item] of Object.entries(value)) flatten(item, name ? `${name}.${key}` : key, out);
  } else if (name) out[name] = typeof value === "string" ? value : JSON.stringify(value);
}
