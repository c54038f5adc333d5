import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/queries";
import { router } from "./app/router";
import { keepCurrent } from "./live/sync";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/metadata.css";
import "./styles/assets.css";
import "./styles/runs.css";

// A newer daemon has other files: what this page would load later is gone, so the page itself is loaded anew, though not twice in a row.
addEventListener("vite:preloadError", (event) => {
  const last = Number(sessionStorage.getItem("headrace.reloaded") ?? 0);
  if (Date.now() - last < 10_000) return;
  event.preventDefault();
  sessionStorage.setItem("headrace.reloaded", String(Date.now()));
  location.reload();
});
keepCurrent(queryClient);
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
