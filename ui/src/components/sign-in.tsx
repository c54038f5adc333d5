import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { signIn } from "../api/calls";
import { problemText } from "../api/problem";
import { useTitle } from "../app/title";
import { Mark } from "./icons";

/** In the whole page's place where the daemon wants its token. The token is traded for a cookie and not kept. */
export function SignIn() {
  const [token, setToken] = useState("");
  const attempt = useMutation({ mutationFn: () => signIn(token.trim()), onSuccess: () => location.reload() });
  useTitle("Sign in");
  return (
    <main className="sign-in" id="main">
      <form className="panel panel-body stack gap" onSubmit={(event) => { event.preventDefault(); attempt.mutate(); }}>
        <h1 className="row"><Mark />Sign in to Headrace</h1>
        <label className="stack">
          <span>Token</span>
          <span className="field"><input type="password" autoComplete="current-password" required autoFocus value={token} onChange={(event) => setToken(event.target.value)} /></span>
        </label>
        {attempt.error && <p role="alert" className="tone-failure">{problemText(attempt.error)}</p>}
        <button type="submit" className="button primary" disabled={attempt.isPending}>Sign in</button>
        <p className="faint">Whoever runs this daemon has the token: it is in HEADRACE_TOKEN, or in the file that its headrace.toml names.</p>
      </form>
    </main>
  );
}
