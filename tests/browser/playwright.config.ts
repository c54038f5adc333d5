import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";

// Debian's Chromium; nothing is downloaded. Each test has a daemon and a project folder of its own, so they run side by side; those
// that measure are tagged @alone, and ./run test lets them have the machine.
export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.ts",
  workers: Math.min(4, availableParallelism()),
  fullyParallel: true,
  // For what hangs, not for what is slow: a machine that also builds may take minutes for the longest of them.
  timeout: 600_000,
  expect: { timeout: 60_000, toHaveScreenshot: { animations: "disabled", maxDiffPixelRatio: 0.002 } },
  snapshotPathTemplate: "{testDir}/snapshots/{arg}{ext}",
  reporter: process.env.CI ? [["list"], ["junit", { outputFile: "test-results/browser.xml" }]] : "list",
  use: {
    viewport: { width: 1280, height: 800 },
    // Without its film, which costs as much CPU as many a test; the last picture is kept.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: {
      env: { ...process.env, FONTCONFIG_FILE: fileURLToPath(new URL("support/fonts.conf", import.meta.url)) },
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
    },
  },
});
