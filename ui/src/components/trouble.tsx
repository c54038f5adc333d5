import { Link } from "@tanstack/react-router";
import { plain } from "../lib/text";
import { Notice } from "./notice";

/** Why nothing is begun, and what to do. */
export function Trouble({ text }: { text: string }) {
  return (
    <Notice tone="failure" banner role="alert">
      <p><strong>Nothing is begun now.</strong> <span className="isolate">{plain(text)}</span></p>
      <p>What is stored can be read. Make room where the home is (<Link to="/deployment">Deployment</Link>): it goes on by itself.</p>
    </Notice>
  );
}
