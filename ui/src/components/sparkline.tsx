const width = 90, height = 20;

/** A number's course as a small line; nothing with fewer than three points. */
export function Sparkline({ label, values }: { label: string; values: number[] }) {
  if (values.length < 3) return null;
  const low = Math.min(...values), range = Math.max(...values) - low || 1;
  const at = (value: number, i: number): [number, number] => [2 + (i * (width - 4)) / (values.length - 1), height - 3 - ((value - low) / range) * (height - 6)];
  const points = values.map(at);
  const [x, y] = points.at(-1)!;
  return (
    <svg className="sparkline" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${label} over the last ${values.length} materializations, from ${values[0]} to ${values.at(-1)}`}>
      <polyline points={points.map((point) => point.join(",")).join(" ")} />
      <circle cx={x} cy={y} r="2" />
    </svg>
  );
}
