import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { signOut } from "../api/calls";
import { codeLocationsQuery, sessionQuery } from "../api/queries";
import { useSignInNeeded } from "../api/session";
import { ConnectionBanner, LoadErrorBanner, TroubleBanner } from "../components/banners";
import { Icon, Mark, type IconName } from "../components/icons";
import { ReloadButton } from "../components/reload-button";
import { LaunchBar } from "../components/launch-bar";
import { ThemeSwitch } from "../components/theme-switch";
import { useShortcuts } from "./shortcuts";

const importPalette = () => import("../palette/palette");
const Palette = lazy(() => importPalette().then((module) => ({ default: module.Palette })));
const SignIn = lazy(() => import("../components/sign-in").then((module) => ({ default: module.SignIn })));
const Help = lazy(() => import("../components/help").then((module) => ({ default: module.Help })));

const places = [
  { to: "/", text: "Assets", icon: "graph", prefix: "/assets" },
  { to: "/runs", text: "Runs", icon: "runs", prefix: "/runs" },
  { to: "/deployment", text: "Deployment", icon: "deployment", prefix: "/deployment" },
] as const satisfies { to: string; text: string; icon: IconName; prefix: string }[];

export function Shell() {
  return useSignInNeeded() ? <Suspense><SignIn /></Suspense> : <SignedInShell />;
}

/** What every page has: the rail, the banners, the bar of the run launched last. */
function SignedInShell() {
  const [help, setHelp] = useState(false);
  const [palette, setPalette] = useState(false);
  const navigate = useNavigate();
  useShortcuts({
    "g a": () => void navigate({ to: "/" }),
    "g r": () => void navigate({ to: "/runs" }),
    "g d": () => void navigate({ to: "/deployment" }),
    "?": () => setHelp(true),
  });
  useEffect(() => {
    const key = (event: KeyboardEvent): void => {
      if (event.key !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setPalette(true);
    };
    addEventListener("keydown", key);
    // Not needed for the first picture; read soon after it, so that Ctrl-K opens at once.
    const soon = setTimeout(() => void importPalette().catch(() => undefined), 1500);
    return () => {
      removeEventListener("keydown", key);
      clearTimeout(soon);
    };
  }, []);
  return (
    <div className="shell">
      <Rail openHelp={() => setHelp(true)} openPalette={() => setPalette(true)} />
      <div className="shell-main">
        <ConnectionBanner />
        <TroubleBanner />
        <LoadErrorBanner />
        <main className="shell-page" id="main"><Outlet /></main>
        <LaunchBar />
      </div>
      {palette && <Suspense fallback={<Opening />}><Palette close={() => setPalette(false)} /></Suspense>}
      {help && <Suspense fallback={<Opening />}><Help close={() => setHelp(false)} /></Suspense>}
    </div>
  );
}

/** Where a dialog is about to open: keys that are meant for it must not do what they do on the page. */
const Opening = () => <span data-opening hidden />;

function Rail({ openHelp, openPalette }: { openHelp: () => void; openPalette: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const { data } = useQuery(codeLocationsQuery);
  const { data: session } = useQuery(sessionQuery);
  const trouble = data?.items.some((location) => location.error);
  const current = (place: (typeof places)[number]): boolean => path === place.to || path === place.prefix || path.startsWith(`${place.prefix}/`);
  useEffect(() => {
    document.getElementById("main")?.scrollTo(0, 0);
  }, [path]);
  return (
    <nav className="rail" aria-label="Main">
      <Link to="/" className="rail-brand" aria-label="Headrace"><Mark />Headrace</Link>
      {places.map((place) => (
        <Link key={place.to} to={place.to} className="rail-link" aria-current={current(place) ? "page" : undefined} activeOptions={{ exact: true }}>
          <Icon name={place.icon} />
          <span>{place.text}</span>
          {place.text === "Deployment" && trouble && <span className="rail-dot" aria-hidden="true" />}
        </Link>
      ))}
      <div className="rail-foot">
        {path !== "/" && !path.startsWith("/deployment") && <ReloadButton rail />}
        <button type="button" className="rail-link" onClick={openPalette} aria-label="Go to"><Icon name="search" /><span>Go to</span><kbd aria-hidden="true">Ctrl K</kbd></button>
        <ThemeSwitch />
        {session?.signed_in && <button type="button" className="rail-link" onClick={() => void signOut().then(() => location.reload())}><Icon name="arrow" /><span>Sign out</span></button>}
        <button type="button" className="rail-link help-button" onClick={openHelp} aria-label="Keyboard help"><Icon name="help" /><span>Keyboard</span><kbd aria-hidden="true">?</kbd></button>
      </div>
    </nav>
  );
}
