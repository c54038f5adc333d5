import { expect, test as base, type Page } from "@playwright/test";
import { Daemon } from "./daemon.ts";
import { HeadracePage } from "./headrace-page.ts";
import { Project } from "./project.ts";

interface Fixtures {
  project: Project;
  /** Not started yet: a test first writes its project. */
  daemon: Daemon;
  headrace: HeadracePage;
  /** What the page must never do, checked after every test; a test that provokes it clears the list. */
  complaints: string[];
}

/** Notes what a page asks of other servers, what its policy refuses, and its uncaught errors. */
export function watch(page: Page, daemon: Daemon, complaints: string[]): void {
  page.on("request", (request) => {
    if (!request.url().startsWith(daemon.url) && !/^(blob|data):/.test(request.url())) complaints.push(`request to ${request.url()}`);
  });
  page.on("pageerror", (error) => complaints.push(`uncaught ${error.message}`));
  page.on("console", (message) => {
    if (/Content Security Policy|violates/.test(message.text())) complaints.push(message.text());
  });
}

export const test = base.extend<Fixtures>({
  project: async ({}, use) => {
    const project = new Project();
    await use(project);
    project.remove();
  },
  daemon: async ({ project }, use, info) => {
    const daemon = new Daemon(project);
    await use(daemon);
    await daemon.stop("SIGINT");
    if (info.status !== info.expectedStatus) await info.attach("daemon", { body: daemon.output, contentType: "text/plain" });
  },
  complaints: [async ({ page, daemon }, use) => {
    const complaints: string[] = [];
    watch(page, daemon, complaints);
    await use(complaints);
    expect(complaints).toEqual([]);
  }, { auto: true }],
  headrace: async ({ page, daemon }, use) => use(new HeadracePage(page, daemon)),
});
export { expect };
