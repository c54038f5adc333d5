import type { ReactNode } from "react";
import { plain, safeUrl } from "../lib/text";

/** A small Markdown, built as elements: HTML in it stays text, links lead to http(s) only, images are not loaded. */
export function Markdown({ text }: { text: string }) {
  return <div className="markdown">{blocks(plain(text).split("\n"))}</div>;
}

/** Quotes in quotes, up to here: a line may begin with any number of signs. */
const deepest = 4;

function blocks(lines: string[], depth = 0): ReactNode[] {
  const out: ReactNode[] = [];
  for (let i = 0; i < lines.length; ) {
    const from = i, line = lines[i]!;
    const until = (test: (text: string) => boolean): string[] => {
      const start = i;
      while (i < lines.length && test(lines[i]!)) i++;
      return lines.slice(start, i);
    };
    if (line.startsWith("```")) {
      i++;
      const code = until((text) => !text.startsWith("```"));
      i++;
      out.push(<pre key={from} className="traceback">{code.join("\n")}</pre>);
    } else if (/^#{1,6}\s/.test(line)) {
      i++;
      out.push(<p key={from} className="markdown-heading">{inline(line.replace(/^#+\s+/, ""))}</p>);
    } else if (/^\s*([-*]|\d+\.)\s/.test(line)) {
      const numbers = /^\s*\d/.test(line);
      const items = until((text) => (numbers ? /^\s*\d+\.\s/ : /^\s*[-*]\s/).test(text)).map((item, n) => <li key={n}>{inline(item.replace(/^\s*([-*]|\d+\.)\s+/, ""))}</li>);
      out.push(numbers ? <ol key={from} start={parseInt(line)}>{items}</ol> : <ul key={from}>{items}</ul>);
    } else if (line.startsWith(">") && depth < deepest) {
      out.push(<blockquote key={from}>{blocks(until((text) => text.startsWith(">")).map((text) => text.replace(/^>\s?/, "")), depth + 1)}</blockquote>);
    } else if (/^\s*([-*_])(\s*\1){2,}\s*$/.test(line)) {
      i++;
      out.push(<hr key={from} />);
    } else if (isRow(line) && /^\s*\|[\s:|-]+\|\s*$/.test(lines[i + 1] ?? "")) {
      const rows = until(isRow);
      out.push(<MarkdownTable key={from} rows={[rows[0]!, ...rows.slice(2)].map(cells)} />);
    } else if (!line.trim()) i++;
    else {
      const text = until((next) => next.trim() !== "" && !/^(```|#{1,6}\s|\s*([-*]|\d+\.)\s)/.test(next));
      out.push(<p key={from}>{inline(text.join(" "))}</p>);
    }
    if (i === from) i++;
  }
  return out;
}

const isRow = (line: string): boolean => /^\s*\|.*\|\s*$/.test(line);
const cells = (line: string): string[] => line.trim().slice(1, -1).split("|").map((cell) => cell.trim());

function MarkdownTable({ rows: [head = [], ...rows] }: { rows: string[][] }) {
  return (
    <div className="table-wrap">
      <table>
        <thead><tr>{head.map((cell, i) => <th key={i} scope="col">{inline(cell)}</th>)}</tr></thead>
        <tbody>{rows.map((row, r) => <tr key={r}>{row.map((cell, i) => <td key={i}>{inline(cell)}</td>)}</tr>)}</tbody>
      </table>
    </div>
  );
}

const marks = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]*)\]\(([^)\s]+)\)/;

function inline(text: string): ReactNode[] {
  const out: ReactNode[] = [];
  for (let rest = text; rest; ) {
    const found = marks.exec(rest);
    if (!found) { out.push(rest); break; }
    const [all, code, bold, italic, label, target] = found;
    if (found.index) out.push(rest.slice(0, found.index));
    const url = target ? safeUrl(target) : null;
    if (code) out.push(<code key={out.length}>{code}</code>);
    else if (bold) out.push(<strong key={out.length}>{bold}</strong>);
    else if (italic) out.push(<em key={out.length}>{italic}</em>);
    else if (url) out.push(<a key={out.length} href={url} target="_blank" rel="noopener noreferrer">{label}</a>);
    else out.push(all);
    rest = rest.slice(found.index + all.length);
  }
  return out;
}
