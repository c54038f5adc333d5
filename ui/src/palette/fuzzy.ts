/**
 * The entries that hold the letters of the query in order, best first: letters side by side and at the starts of words
 * count more, shorter entries win ties; without a query the first ones as they stand. Linear in the list; `lower` are the texts in lower case.
 */
export function fuzzy(query: string, lower: string[], limit: number): number[] {
  const wanted = query.toLowerCase().replaceAll(" ", "");
  if (!wanted) return lower.slice(0, limit).map((_, index) => index);
  const hits: { index: number; score: number }[] = [];
  lower.forEach((text, index) => {
    const score = scoreOf(wanted, text);
    if (score !== null) hits.push({ index, score: score - text.length / 100 });
  });
  return hits.sort((a, b) => b.score - a.score || a.index - b.index).slice(0, limit).map((hit) => hit.index);
}

function scoreOf(wanted: string, text: string): number | null {
  const whole = text.indexOf(wanted);
  if (whole >= 0) return 5 * wanted.length + (whole === 0 ? 3 : isStart(text, whole) ? 2 : 0);
  let score = 0, found = 0, last = -2;
  for (let at = 0; at < text.length && found < wanted.length; at++) {
    if (text[at] !== wanted[found]) continue;
    score += last === at - 1 ? 3 : isStart(text, at) ? 2 : 0;
    last = at;
    found++;
  }
  return found === wanted.length ? score : null;
}
const isStart = (text: string, at: number): boolean => at === 0 || /[^a-z0-9]/.test(text[at - 1]!);
