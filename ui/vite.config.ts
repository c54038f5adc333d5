import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// "static", not Vite's "assets": /assets/KEY is a page. Nothing may be inlined, the page's policy is default-src 'self'.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "dist",
    assetsDir: "static",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ["chrome123", "firefox120", "safari17.5"],
    rolldownOptions: {
      output: {
        // Few files instead of a dozen tiny ones: what every page needs, and the libraries under it, which change seldom.
        codeSplitting: {
          groups: [
            { name: "vendor", test: /node_modules[\\/](react|react-dom|scheduler|openapi-fetch|@tanstack[\\/](react-)?(router|router-core|query|query-core|store|history))[\\/]/, priority: 2 },
            { name: "shared", test: /src[\\/](api|app|components|lib|live)[\\/](?!help|error-view|sparkline|row-keys|refusals|change-text|copy|asset-bits|seen|bytes|sign-in|load-error|trouble|launched-run|hub|steps-bar)/, priority: 1 },
          ],
        },
      },
    },
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
  },
  worker: { format: "es" },
  server: { proxy: { "/api": process.env.HEADRACE_URL ?? "http://127.0.0.1:3000" } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
