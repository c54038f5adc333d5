import createClient from "openapi-fetch";
import { keyText } from "../lib/keys";
import { Problem } from "./problem";
import { signInNeeded } from "./session";
import type { paths } from "./schema";
import type { AssetKey, LogStream, RunRequest, RunStatus } from "./types";

const client = createClient<paths>({ baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin });

/** The data of an answer; an answer that is none, and no answer at all, are thrown as a Problem. */
async function answer<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call.catch((reason: unknown) => {
    if (reason instanceof DOMException && reason.name === "AbortError") throw reason;
    throw new Problem(0, "The daemon does not answer", "The daemon does not answer. Is it still running?");
  });
  if (response.status === 401) signInNeeded();
  if (!response.ok) throw Problem.from(response.status, error);
  return data as T;
}
type Signal = { signal?: AbortSignal };

export const getStatus = (o: Signal = {}) => answer(client.GET("/api/v1/status", o));
export const getSession = (o: Signal = {}) => answer(client.GET("/api/v1/session", o));
export const signIn = (token: string) => answer(client.POST("/api/v1/session", { body: { token } }));
export const signOut = () => answer(client.DELETE("/api/v1/session"));
export const getCodeLocations = (o: Signal = {}) => answer(client.GET("/api/v1/code-locations", o));
export const reloadCodeLocation = (name: string) => answer(client.POST("/api/v1/code-locations/{name}/reload", { params: { path: { name } } }));
export const getResources = (name: string, o: Signal = {}) => answer(client.GET("/api/v1/code-locations/{name}/resources", { params: { path: { name } }, ...o }));
export const getResource = (name: string, key: string, o: Signal = {}) => answer(client.GET("/api/v1/code-locations/{name}/resources/{key}", { params: { path: { name, key } }, ...o }));
type Drawn = { selection?: string; closed?: string };
export const getGraph = (query: Drawn, o: Signal = {}) => answer(client.GET("/api/v1/graph", { params: { query }, ...o }));
export const getGraphStatus = (query: Drawn, o: Signal = {}) => answer(client.GET("/api/v1/graph/status", { params: { query }, ...o }));
export const getAsset = (key: AssetKey, o: Signal = {}) => answer(client.GET("/api/v1/assets/{key}", { params: { path: { key: keyText(key) } }, ...o }));
export const getMaterializations = (key: AssetKey, cursor: string | undefined, o: Signal = {}) =>
  answer(client.GET("/api/v1/assets/{key}/materializations", { params: { path: { key: keyText(key) }, query: { limit: 100, ...(cursor ? { cursor } : {}) } }, ...o }));
export const getPreview = (key: AssetKey, o: Signal = {}) => answer(client.GET("/api/v1/assets/{key}/preview", { params: { path: { key: keyText(key) } }, ...o }));
export const getSource = (key: AssetKey, context: number | undefined, o: Signal = {}) =>
  answer(client.GET("/api/v1/assets/{key}/source", { params: { path: { key: keyText(key) }, query: context === undefined ? {} : { context } }, ...o }));
export const planRun = (body: RunRequest) => answer(client.POST("/api/v1/runs/plan", { body }));
export const launchRun = (body: RunRequest) => answer(client.POST("/api/v1/runs", { body }));
export const getRuns = (filter: { status?: RunStatus; asset?: string; cursor?: string; limit?: number }, o: Signal = {}) => answer(client.GET("/api/v1/runs", { params: { query: { limit: 50, ...filter } }, ...o }));
export const getRun = (id: string, o: Signal = {}) => answer(client.GET("/api/v1/runs/{id}", { params: { path: { id } }, ...o }));
export const cancelRun = (id: string) => answer(client.POST("/api/v1/runs/{id}/cancel", { params: { path: { id } } }));
export const retryRun = (id: string, from: "failure" | "start") => answer(client.POST("/api/v1/runs/{id}/retry", { params: { path: { id } }, body: { from } }));
export const getRunEvents = (id: string, after: number, limit = 1000) => answer(client.GET("/api/v1/runs/{id}/events", { params: { path: { id }, query: { after, limit } } }));

export interface LogPart { text: string; next: number; complete: boolean }

/** What an attempt printed, from an offset in bytes on. */
export async function getLog(id: string, step: string, n: number, stream: LogStream, offset: number, o: Signal = {}): Promise<LogPart> {
  const call = client.GET("/api/v1/runs/{id}/steps/{step}/attempts/{n}/logs/{stream}", { params: { path: { id, step, n, stream }, query: { offset, limit: 1_048_576 } }, parseAs: "text", ...o });
  const { response } = await call;
  // An empty answer has no data at all.
  const text = ((await answer(call)) as string | undefined) ?? "";
  return { text, next: Number(response.headers.get("Headrace-Log-Next") ?? offset), complete: response.headers.get("Headrace-Log-Complete") === "true" };
}
