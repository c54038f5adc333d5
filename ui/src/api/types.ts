// Short names for the API's nouns. The shapes are generated from server/api/openapi.json (`npm run types`).
import type { getAsset, getPreview, getRun, getRunEvents, getSource } from "./calls";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type AssetKey = Schemas["AssetKey"];
// As the client gives it: its types drop members that can only be null.
export type Asset = Awaited<ReturnType<typeof getAsset>>;
export type LogEvent = Awaited<ReturnType<typeof getRunEvents>>["items"][number];
export type AssetSource = Awaited<ReturnType<typeof getSource>>;
export type CodeLocation = Schemas["CodeLocation"];
export type ConfigField = Schemas["ConfigField"];
export type DefinitionsChange = Schemas["DefinitionsChange"];
export type Graph = Schemas["Graph"];
export type LoadError = Schemas["LoadError"];
export type Materialization = NonNullable<Asset["latest_materialization"]>;
export type Preview = Awaited<ReturnType<typeof getPreview>>;
export type Refusal = Schemas["Refusal"];
export type Resource = Schemas["Resource"];
export type Run = Awaited<ReturnType<typeof getRun>>;
export type RunPlan = Schemas["RunPlan"];
export type RunRequest = Pick<Schemas["RunRequest"], "selection" | "assets" | "config" | "tags">;
export type RunStatus = Schemas["RunStatus"];
export type RunSummary = Schemas["RunSummary"];
export type Step = Run["steps"][number];
export type StepError = NonNullable<Step["error"]>;
export type LogStream = "stdout" | "stderr" | "log";
