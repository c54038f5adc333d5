import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { problemText } from "../../api/problem";
import { sourceQuery } from "../../api/queries";
import type { Asset, AssetSource } from "../../api/types";
import { Notice } from "../../components/notice";
import { Ago } from "../../components/time";
import { codeLines } from "./code";
import { useSeen } from "../../lib/seen";
import { plain } from "../../lib/text";

/** How many lines around the definition are asked for, one more step at each press. */
const contexts = [undefined, 50, 500, 1_000_000];

/** The code of the definition, read once this part of the page comes into view, and anew at each visit: files change without an event. */
export function Source({ asset }: { asset: Asset }) {
  const [place, seen] = useSeen();
  const [step, setStep] = useState(0);
  const { data, error, isFetching } = useQuery({ ...sourceQuery(asset.key, contexts[step]), enabled: seen, placeholderData: keepPreviousData });
  return (
    <div ref={place} className="source" aria-busy={isFetching}>
      {data ? <Answer source={data} more={contexts[step + 1] && !isFetching ? () => setStep(step + 1) : undefined} />
        : error ? <p className="panel-body muted">{plain(problemText(error))}</p>
        : <p className="panel-body muted" role="status">Reading the file …</p>}
    </div>
  );
}

function Answer({ source, more }: { source: AssetSource; more: (() => void) | undefined }) {
  const { text, file, line, first_line: first, total_lines: total } = source;
  const lines = useMemo(() => codeLines(plain(text ?? ""), file ?? ""), [text, file]);
  return (
    <>
      {source.changed_at && (
        <Notice tone="stale" banner role="status">
          <p>The file was changed <Ago time={source.changed_at} />, after this code location was loaded: what runs may be other lines than these, until “Reload definitions”.</p>
        </Notice>
      )}
      {text === null || first === null || line === null
        ? <p className="panel-body muted">{plain(source.reason ?? "There is nothing to show.")}</p>
        : <Code lines={lines} first={first} line={line} last={source.last_line ?? line} />}
      {text !== null && first !== null && (first > 1 || first + lines.length - 1 < (total ?? 0)) && (
        <p className="source-foot"><button type="button" className="button small" aria-disabled={!more} onClick={more}>More lines</button><span className="faint">{lines.length} of {total}</span></p>
      )}
    </>
  );
}

function Code({ lines, first, line, last }: { lines: ReturnType<typeof codeLines>; first: number; line: number; last: number }) {
  const frame = useRef<HTMLPreElement>(null);
  const begin = useRef<HTMLSpanElement>(null);
  // With more lines above it, the definition stays in view.
  useEffect(() => {
    if (frame.current && begin.current) frame.current.scrollTop = begin.current.offsetTop - frame.current.offsetTop - 80;
  }, [first]);
  return (
    <pre ref={frame} className="source-code" tabIndex={0} role="region" aria-label="Source code">
      <code>
        {lines.map((tokens, i) => {
          const number = first + i;
          return (
            <span key={number} ref={number === line ? begin : undefined} className={`source-line ${number >= line && number <= last ? "defined" : ""}`} data-line={number} aria-current={number === line ? "location" : undefined}>
              {tokens.length ? tokens.map(([kind, part], t) => (kind === "plain" ? part : <span key={t} className={`code-${kind}`}>{part}</span>)) : "\n"}
            </span>
          );
        })}
      </code>
    </pre>
  );
}
