import type { Refusal } from "./types";

/** An answer that is not a success, as RFC 9457 describes it; or no answer at all (status 0). */
export class Problem extends Error {
  constructor(readonly status: number, readonly title: string, readonly detail: string, readonly refusals: Refusal[] = []) {
    super(detail || title);
    this.name = "Problem";
  }
  static from(status: number, body: unknown): Problem {
    const { title, detail, refusals } = (typeof body === "object" && body !== null ? body : {}) as { title?: unknown; detail?: unknown; refusals?: unknown };
    return new Problem(status, typeof title === "string" ? title : `HTTP ${status}`, typeof detail === "string" ? detail : "", Array.isArray(refusals) ? (refusals as Refusal[]) : []);
  }
}
export const isMissing = (error: unknown): boolean => error instanceof Problem && error.status === 404;
export const problemText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
