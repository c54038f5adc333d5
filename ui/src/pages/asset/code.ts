// As much of a language as makes its code easy to read: comments, strings, keywords.
export type Kind = "comment" | "string" | "keyword" | "plain";
export type Token = readonly [kind: Kind, text: string];

const words = (text: string): string => `\\b(?:${text.split(" ").join("|")})\\b`;
interface Shape { comment: string; string: string; keyword: string }

const python: Shape = {
  comment: "#.*",
  string: String.raw`"""[^]*?(?:"""|$)|'''[^]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?`,
  keyword: words("and as assert async await break class continue def del elif else except False finally for from global if import in is lambda None nonlocal not or pass raise return True try while with yield"),
};
const cpp: Shape = {
  comment: String.raw`\/\/.*|\/\*[^]*?(?:\*\/|$)`,
  string: String.raw`R"\([^]*?(?:\)"|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\[^'\n]+|[^'\\\n])'`,
  keyword: words("auto bool break case catch char class const constexpr continue default delete do double else enum explicit false float for if include inline int long namespace new noexcept nullptr operator override private public return short sizeof static std struct switch template this throw true try typename unsigned using void while"),
};

const pattern = ({ comment, string, keyword }: Shape): RegExp => new RegExp(`(?<comment>${comment})|(?<string>${string})|(?<keyword>${keyword})`, "g");

/** The text line by line, as its file's name says to read it. */
export function codeLines(text: string, file: string): Token[][] {
  const lines: Token[][] = [[]];
  const add = (kind: Kind, part: string): void => {
    part.split("\n").forEach((piece, i) => {
      if (i) lines.push([]);
      if (piece) lines.at(-1)!.push([kind, piece]);
    });
  };
  let done = 0;
  for (const match of text.matchAll(pattern(/\.pyw?$/.test(file) ? python : cpp))) {
    add("plain", text.slice(done, match.index));
    const groups = match.groups!;
    add(groups.comment !== undefined ? "comment" : groups.string !== undefined ? "string" : "keyword", match[0]);
    done = match.index + match[0].length;
  }
  add("plain", text.slice(done));
  return text.endsWith("\n") ? lines.slice(0, -1) : lines;
}
