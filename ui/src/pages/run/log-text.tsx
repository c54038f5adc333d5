import type { ReactNode } from "react";
import { plain, safeUrl } from "../../lib/text";

const address = /https?:\/\/[^\s<>"'`{}|\\^]+[^\s<>"'`{}|\\^.,;:!?)\]]/g;

/** A line's text: addresses can be followed, what is searched for is marked. */
export function LogText({ text, query }: { text: string; query: string }) {
  const out: ReactNode[] = [], clean = plain(text);
  let at = 0;
  for (const found of clean.matchAll(address)) {
    const url = safeUrl(found[0]);
    if (!url) continue;
    out.push(<Marked key={at} text={clean.slice(at, found.index)} query={query} />, <a key={`${at} a`} href={url} target="_blank" rel="noopener noreferrer"><Marked text={found[0]} query={query} /></a>);
    at = found.index + found[0].length;
  }
  return <>{out}<Marked text={clean.slice(at)} query={query} /></>;
}

function Marked({ text, query }: { text: string; query: string }) {
  if (!query) return <>{text}</>;
  const out: ReactNode[] = [], lower = text.toLowerCase(), wanted = query.toLowerCase();
  let at = 0;
  for (let found = lower.indexOf(wanted); found >= 0; found = lower.indexOf(wanted, at)) {
    out.push(text.slice(at, found), <mark key={found}>{text.slice(found, found + wanted.length)}</mark>);
    at = found + wanted.length;
  }
  return <>{out}{text.slice(at)}</>;
}
