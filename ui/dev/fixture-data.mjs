// Made-up projects for the fixture server: small ones to look at, a large one to measure with. Positions by a plain layering:
// the daemon's own layout is better, the page draws both alike.
const card = { width: 180, height: 44 };

/** A deterministic random source. */
function source(seed) {
  let s = seed >>> 0;
  return () => (s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 4294967296;
}

export function large(n) {
  const random = source(7), groups = Math.max(2, Math.min(50, Math.floor(n / 4))), per = Math.ceil(n / groups), layers = Math.max(3, Math.round(Math.sqrt(per)));
  const verbs = ["raw", "stg", "int", "dim", "fct", "agg", "ml", "rpt"];
  const layer = (i) => Math.floor(((i % per) / per) * layers);
  const assets = Array.from({ length: n }, (_, i) => ({ key: [`${verbs[layer(i) % 8]}_${i}`], group: `group_${Math.floor(i / per)}`, deps: [], kinds: ["python"] }));
  for (let i = 0; i < n; i++) {
    const g = Math.floor(i / per);
    if (layer(i) > 0) {
      const before = Math.max(g * per, i - per / layers - 4);
      assets[i].deps.push(Math.max(g * per, Math.floor(before + random() * (per / layers))));
    }
    if (random() < 0.1 && g > 7) assets[i].deps.push(Math.floor(random() * (g - 7) * per));
  }
  for (const [i, asset] of assets.entries()) asset.deps = [...new Set(asset.deps)].filter((d) => d < i);
  return assets;
}

export function iris() {
  return [
    { key: ["iris_data"], group: "default", deps: [], kinds: ["python"] },
    { key: ["setosa"], group: "default", deps: [0], kinds: ["python"] },
  ];
}

export function shop() {
  const names = ["orders_raw", "customers_raw", "events_raw", "orders", "customers", "sessions", "order_facts", "customer_value", "churn_features", "churn_model", "weekly_report", "board_deck"];
  const groups = ["raw", "raw", "raw", "staging", "staging", "staging", "marts", "marts", "ml", "ml", "marts", "marts"];
  const deps = [[], [], [], [0], [1], [2], [3, 4], [3, 4], [5, 7], [8], [6, 7], [10, 9]];
  return names.map((name, i) => ({ key: [name], group: groups[i], deps: deps[i], kinds: [i % 3 ? "python" : "sql"] }));
}

/** Names and values that try to do something: as text they must do nothing. */
export const hostile = [
  '<img src=x onerror="window.pwned=1">', '"><script>window.pwned=1</script>', "javascript:window.pwned=1", "\u202egnp.exe", "\u001b[31mred\u001b[0m", "${7*7}{{7*7}}", "a".repeat(300),
];
export function hostileAssets() {
  return hostile.map((name, i) => ({ key: [name], group: hostile[i], deps: i ? [i - 1] : [], kinds: [name] }));
}

export function layout(assets) {
  const groups = [...new Set(assets.map((asset) => asset.group))];
  const rank = assets.map(() => 0);
  assets.forEach((asset, i) => { for (const d of asset.deps) if (assets[d].group === asset.group) rank[i] = Math.max(rank[i], rank[d] + 1); });
  const groupRank = new Map(groups.map((g) => [g, 0]));
  for (const asset of assets) for (const d of asset.deps) if (assets[d].group !== asset.group) groupRank.set(asset.group, Math.max(groupRank.get(asset.group), groupRank.get(assets[d].group) + 1));
  const x = [], y = [], boxes = [], column = new Map();
  for (const name of groups) {
    const members = assets.flatMap((asset, i) => (asset.group === name ? [i] : []));
    const fill = new Map();
    const wide = Math.max(...members.map((i) => rank[i])) + 1;
    const start = column.get(groupRank.get(name)) ?? 0;
    for (const i of members) {
      const row = fill.get(rank[i]) ?? 0;
      fill.set(rank[i], row + 1);
      x[i] = rank[i] * 240 + 24 + 90;
      y[i] = row * 56 + 60 + 22;
    }
    const box = { name, x: 0, y: start, width: wide * 240 - 60 + 48, height: Math.max(...fill.values()) * 56 - 12 + 84 };
    column.set(groupRank.get(name), start + box.height + 60);
    boxes.push(box);
  }
  const widths = new Map();
  for (const [i, name] of groups.entries()) widths.set(groupRank.get(name), Math.max(widths.get(groupRank.get(name)) ?? 0, boxes[i].width));
  for (const [i, name] of groups.entries()) for (let r = 0; r < groupRank.get(name); r++) boxes[i].x += (widths.get(r) ?? 0) + 160;
  const group = assets.map((asset) => groups.indexOf(asset.group));
  group.forEach((g, i) => { x[i] += boxes[g].x; y[i] += boxes[g].y; });
  return { x, y, group, groups: boxes, card };
}
