import { defineConfig } from "@playwright/test";
import tests from "../playwright.config.ts";

/** `./run film`: the pictures of the documentation, from the real page. No test, and no part of one. */
export default defineConfig({
  ...tests,
  testDir: ".",
  testMatch: "*.film.ts",
  reporter: "list",
  outputDir: "../test-results/film",
  use: { ...tests.use, trace: "off", screenshot: "off", colorScheme: "light" },
});
