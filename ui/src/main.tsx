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

keepCurrent(queryClient);
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
