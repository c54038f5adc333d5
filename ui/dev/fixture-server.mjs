// Stands in for the daemon while the page is developed or looked at: the API of server/api/openapi.json from memory, runs that
// are played by timers, static files from dist with the daemon's policy. No test of the product uses it: those use the daemon.
//   node dev/fixture-server.mjs [--port 3100] [--project iris|shop|hostile|10000] [--broken] [--delay MS]
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { hostile, hostileAssets, iris, large, layout, shop } from "./fixture-data.mjs";

const option = (name, fallback) => { const i = process.argv.indexOf(`--${name}`); return i < 0 ? fallback : process.argv[i + 1]; };
const project = option("project", "iris"), delay = Number(option("delay", "300")), broken = process.argv.includes("--broken");
const assets = { iris, shop, hostile: hostileAssets }[project]?.() ?? large(Number(project));
const location = project === "hostile" ? hostile[0] : "my_dagster_code_location";
const dist = fileURLToPath(new URL("../dist", import.meta.url));
const label = (asset) => asset.key.map((part) => part.replace(/[\\/]/g, "\\$&")).join("/");
const labels = assets.map(label);
const placed = layout(assets);
const now = () => new Date().toISOString().replace("Z", "000Z");
const status = assets.map((_, i) => (project === "iris" ? 0 : [2, 2, 2, 0, 2, 4, 2, 2, 2, 3][(i * 7) % 10]));
const materializations = assets.map(() => []);
const lastRun = assets.map(() => null);
const log = [], runs = [], streams = new Set();
let envSet = true;

function emit(type, fields, data) {
  const event = { id: log.length + 1, type, run_id: null, run_number: null, step_key: null, asset_key: null, partition: null, attempt: null, timestamp: now(), message: type.replaceAll("_", " "), ...fields, data };
  log.push(event);
  for (const response of streams) response.write(frame(event));
  return event;
}
const frame = (event) => `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

function metadata(i) {
  const path = { type: "path", value: `my_data/${assets[i].key.join("/")}.csv` };
  if (project === "hostile") return Object.fromEntries([...hostile.flatMap((text, n) => [[`text ${text}`, { type: "text", value: text }], [`url ${n}`, { type: "url", value: text }], [`md ${n}`, { type: "md", value: `${text} [click](${text})` }], [`json ${n}`, { type: "json", value: { [text]: text } }]]), ["path", { ...path, value: hostile[0] }]]);
  if (project === "shop" && i === 3) {
    return {
      path, nrows: { type: "int", value: 150 + runs.length }, big: { type: "int", value: "123456789012345678901234567890" }, mean: { type: "float", value: "NaN" }, ratio: { type: "float", value: 0.8312 }, fresh: { type: "bool", value: true },
      nothing: { type: "null", value: null }, at: { type: "timestamp", value: 1795000000.5 }, docs: { type: "url", value: "https://example.org/orders" },
      notes: { type: "md", value: "# Orders\n\nA **bold** word, `code`, and a [link](https://example.org).\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |" },
      params: { type: "json", value: { threshold: 0.5, names: ["a", "b"], deep: { x: { y: [1, 2, 3] } }, text: "hello" } },
      head: { type: "table", value: { records: [{ id: 1, name: "Ada", total: 12.5 }, { id: 2, name: "Grace", total: null }], schema: null } },
      columns: { type: "table_schema", value: { columns: [{ name: "id", type: "int", description: "key", tags: {}, constraints: { nullable: false, unique: true, other: [] } }, { name: "name", type: "string", description: null, tags: {}, constraints: { nullable: true, unique: false, other: [] } }], constraints: { other: [] } } },
      lineage: { type: "column_lineage", value: { deps_by_column: { id: [{ asset_key: ["orders_raw"], column_name: "order_id" }] } } },
      upstream: { type: "asset", value: ["orders_raw"] }, run: { type: "dagster_run", value: runs[0]?.run_id ?? "-" }, pool: { type: "pool", value: "db" }, artifact: { type: "python_artifact", value: "my_code.orders" }, notebook: { type: "notebook", value: "notes/orders.ipynb" },
      code: { type: "code_references", value: [{ file: "my_assets.py", line: 10 }] }, job: { type: "job", value: { job_name: "nightly", location_name: location } },
    };
  }
  return i % 2 ? { nrows: { type: "int", value: 50 + runs.length }, path } : { path: { ...path, observed: true }, nrows: { type: "int", value: 150 } };
}

const error = {
  type: "ValueError", message: "bad row 17 in iris.csv", phase: "asset", file: "my_dagster_code_location/my_assets.py", line: 21,
  stack: 'Traceback (most recent call last):\n  File "my_dagster_code_location/my_assets.py", line 21, in get_setosa\n    raise ValueError(f"bad row {row} in iris.csv")\nValueError: bad row 17 in iris.csv\n  … 3 frames of headrace\n',
};
const loadError = { type: "SyntaxError", message: "'(' was never closed", file: "my_dagster_code_location/my_assets.py", line: 7, stack: 'Traceback (most recent call last):\n  … 6 frames of headrace\n  File "my_dagster_code_location/my_assets.py", line 7\n    return pd.read_csv("iris.csv"\n                      ^\nSyntaxError: \'(\' was never closed\n' };

function play(chosen, request) {
  const number = runs.length + 1;
  const run = {
    run_id: `01920000-0000-7000-8000-${String(number).padStart(12, "0")}`, number, status: "queued", created_at: now(), started_at: null, ended_at: null, selection: request.selection ?? null, assets: request.assets ?? null, tags: {}, message: null,
    steps: chosen.map((i) => ({ step_key: assets[i].key.join("__"), asset_key: assets[i].key, partition: null, code_location: location, status: "waiting", attempt: 0, started_at: null, ended_at: null, error: null, waits_for: null })),
  };
  runs.push(run);
  const own = { run_id: run.run_id, run_number: number };
  emit("run_created", own, { selection: run.selection, assets: run.assets, tags: {}, steps_total: chosen.length });
  run.status = "running";
  run.started_at = now();
  emit("run_started", own, {});
  const next = (n) => {
    if (n === chosen.length || run.status === "canceling") {
      run.status = run.status === "canceling" ? "canceled" : run.steps.some((step) => step.status === "failure") ? "failure" : "success";
      run.ended_at = now();
      return void emit("run_ended", own, { status: run.status, message: null });
    }
    const i = chosen[n], step = run.steps[n], base = { ...own, step_key: step.step_key, asset_key: step.asset_key, attempt: 1 };
    if (assets[i].deps.some((d) => run.steps.find((other) => other.asset_key === assets[d].key && ["failure", "skipped"].includes(other.status)))) {
      step.status = "skipped";
      emit("step_ended", base, { status: "skipped", error: null, seconds: null, worker: null });
      return next(n + 1);
    }
    Object.assign(step, { status: "running", attempt: 1, started_at: now() });
    status[i] = 1;
    lastRun[i] = number;
    emit("step_started", base, { worker: 1 });
    emit("inputs_loaded", base, { inputs: assets[i].deps.map((d) => ({ name: labels[d], asset_key: assets[d].key, metadata: {}, seconds: 0.002 })) });
    setTimeout(() => {
      step.ended_at = now();
      if (project === "shop" && i === 9) {
        Object.assign(step, { status: "failure", error });
        status[i] = 3;
        emit("step_ended", base, { status: "failure", error, seconds: delay / 1000, worker: 1 });
      } else {
        step.status = "success";
        status[i] = 2;
        const data = { metadata: metadata(i), stored: null, data_version: null, tags: {} };
        const event = emit("materialized", base, data);
        materializations[i].unshift({ event_id: event.id, ...own, step_key: step.step_key, asset_key: assets[i].key, partition: null, timestamp: event.timestamp, metadata: data.metadata, stored: null });
        emit("step_ended", base, { status: "success", error: null, seconds: delay / 1000, worker: 1 });
      }
      next(n + 1);
    }, delay * (0.5 + ((i * 7919) % 10) / 10));
  };
  next(0);
  return run;
}

const resource = () => ({
  key: project === "hostile" ? hostile[1] : "my_io_manager", type: "my_dagster_code_location.my_io_manager.MyIOManager", description: "Writes data frames as CSV files.", is_io_manager: true, used_by: assets.slice(0, 12).map((asset) => asset.key),
  config: [
    { name: "path_prefix", type: "string", description: null, source: "env_var", value: null, env_var: "DATA_PATH", is_set: envSet, set_by: envSet ? "/srv/project/.env" : null, is_secret: false },
    { name: "credential.sas", type: "string", description: "Shared access signature", source: "env_var", value: null, env_var: "AZURE_SAS", is_set: false, set_by: null, is_secret: true },
    { name: "password", type: "string", description: null, source: "value", value: null, env_var: null, is_set: true, set_by: null, is_secret: true },
    { name: "separator", type: "string", description: null, source: "default", value: '","', env_var: null, is_set: true, set_by: null, is_secret: false },
  ],
});
const codeLocation = () => ({
  name: location, language: "python", state: "loaded", reloading: false, loaded_at: "2026-11-22T21:58:00.000000Z", error: broken ? loadError : null, worker_start: project === "shop" ? "spawn" : "fork",
  worker_start_reason: project === "shop" ? "the import of polars left 4 threads behind" : null, warnings: [], last_change: { added: { count: 1, first: [["virginica"]] }, removed: { count: 0, first: [] }, changed: { count: 2, first: [["setosa"], ["iris_data"]] } }, asset_count: assets.length, resource_count: 1,
});
const asset = (i) => ({
  key: assets[i].key, code_location: location, group: assets[i].group, description: i === 0 ? "Every flower that was measured, as it was typed in." : null, kinds: assets[i].kinds, tags: {}, owners: [], code_version: null, is_external: false, deps: assets[i].deps.map((d) => assets[d].key),
  dependents: assets.flatMap((other) => (other.deps.includes(i) ? [other.key] : [])), io_manager_key: resource().key, required_resources: [resource().key], unset_variables: envSet ? [] : ["DATA_PATH"], partitions: null,
  source: { file: "my_dagster_code_location/my_assets.py", line: 10 + i }, status: ["never", "in_progress", "materialized", "failed", "stale"][status[i]], latest_materialization: materializations[i][0] ?? null,
});
const summary = ({ steps, ...run }) => ({ ...run, steps_total: steps.length, steps_succeeded: steps.filter((s) => s.status === "success").length, steps_failed: steps.filter((s) => s.status === "failure").length, steps_ended: steps.filter((s) => s.ended_at || s.status === "skipped").length });
const graph = {
  etag: "1", assets: assets.map((a) => a.key), labels, code_locations: [location], code_location: assets.map(() => 0), ...placed, kinds: assets.map((a) => a.kinds), external: assets.map(() => false),
  routes: [], edges: { from: assets.flatMap((a) => a.deps), to: assets.flatMap((a, i) => a.deps.map(() => i)) },
};
const list = (items) => ({ items, next_cursor: null, as_of: log.length });
const find = (id) => runs.find((run) => String(run.number) === id || run.run_id === id);

function routes(method, path, search, body) {
  const as_of = log.length;
  const on = (pattern) => pattern.exec(path)?.slice(1).map(decodeURIComponent);
  let m;
  if (path === "/status") return { as_of, version: "0.1.0", pid: 4711, home: "/srv/project/.headrace", started_at: "2026-11-22T21:50:00.000000Z", code_locations: 1, assets: assets.length, unfinished_runs: 1, workers: 2, storage: { database_bytes: 1234567, log_bytes: 45678, available_bytes: 5e10, disk_bytes: 1e11 } };
  if (path === "/code-locations") return list([codeLocation()]);
  if ((m = on(/^\/code-locations\/([^/]+)\/reload$/))) { setTimeout(() => emit("code_location_loaded", {}, { name: location, hash: "", language: "python", worker_start: "fork", worker_start_reason: null, asset_count: assets.length, resource_count: 1 }), 200); return { ...codeLocation(), reloading: true, as_of }; }
  if ((m = on(/^\/code-locations\/([^/]+)$/))) return { ...codeLocation(), as_of };
  if ((m = on(/^\/code-locations\/([^/]+)\/resources$/))) return list([resource()]);
  if ((m = on(/^\/code-locations\/([^/]+)\/resources\/([^/]+)$/))) return m[1] === resource().key ? { ...resource(), as_of } : null;
  if (path === "/graph") return { as_of, ...graph, status };
  if (path === "/graph/status") return { as_of, etag: "1", status };
  if ((m = on(/^\/assets\/([^/]+)$/))) { const i = labels.indexOf(m[0]); return i < 0 ? null : { ...asset(i), metadata: {}, config: [], last_run: lastRun[i], as_of }; }
  if ((m = on(/^\/assets\/([^/]+)\/materializations$/))) { const i = labels.indexOf(m[0]); return i < 0 ? null : list(materializations[i]); }
  if (path === "/runs" && method === "GET") return list([...runs].reverse().filter((run) => !search.get("status") || run.status === search.get("status")).map(summary));
  if (path === "/runs") {
    if (!envSet) return { problem: 422, title: "The run is refused", detail: "1 reason", refusals: [{ code: "unset_variable", message: "DATA_PATH is not set: my_io_manager needs it for path_prefix. Set it in the environment or in .env, then reload.", asset_key: null, resource: "my_io_manager", variable: "DATA_PATH", code_location: location }] };
    const chosen = body.assets ? body.assets.map((key) => labels.indexOf(label({ key }))) : assets.map((_, i) => i);
    const run = play(chosen.sort((a, b) => a - b), body);
    return { run_id: run.run_id, number: run.number, as_of: log.length };
  }
  if ((m = on(/^\/runs\/([^/]+)$/))) { const run = find(m[0]); return run ? { ...summary(run), steps: run.steps, as_of } : null; }
  if ((m = on(/^\/runs\/([^/]+)\/cancel$/))) { const run = find(m[0]); if (run) { run.status = "canceling"; emit("run_canceling", { run_id: run.run_id, run_number: run.number }, { by: null }); } return run ? { run_id: run.run_id, number: run.number, as_of } : null; }
  if ((m = on(/^\/runs\/([^/]+)\/events$/))) { const run = find(m[0]), after = Number(search.get("after") ?? 0); return run ? { items: log.filter((event) => event.run_id === run.run_id && event.id > after).slice(0, 1000), as_of } : null; }
  return null;
}

createServer((request, response) => {
  const url = new URL(request.url, "http://x");
  response.setHeader("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; object-src 'none'; base-uri 'none'");
  response.setHeader("X-Content-Type-Options", "nosniff");
  if (url.pathname === "/fixture/env") { envSet = url.searchParams.get("set") === "1"; return void response.end(); }
  if (url.pathname === "/api/v1/events") {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write("retry: 1000\n\n");
    const after = Number(request.headers["last-event-id"] ?? url.searchParams.get("after") ?? log.length);
    for (const event of log.slice(after)) response.write(frame(event));
    streams.add(response);
    return void request.on("close", () => streams.delete(response));
  }
  const part = /^\/api\/v1\/runs\/[^/]+\/steps\/([^/]+)\/attempts\/\d+\/logs\/(\w+)$/.exec(url.pathname);
  if (part) {
    const text = { stdout: `reading ${decodeURIComponent(part[1])}\n\u001b[32m150 rows\u001b[0m\n`, stderr: "FutureWarning: this will change\n", log: `${JSON.stringify({ time: Date.now() * 1000, level: "info", message: "150 rows read", step_key: part[1], attempt: 1 })}\n` }[part[2]];
    const offset = Number(url.searchParams.get("offset") ?? 0);
    response.writeHead(200, { "content-type": "text/plain", "headrace-log-offset": offset, "headrace-log-next": Buffer.byteLength(text), "headrace-log-complete": "true" });
    return void response.end(offset ? "" : text);
  }
  if (url.pathname.startsWith("/api/v1/")) {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    return void request.on("end", () => {
      const answer = routes(request.method, url.pathname.slice(7), url.searchParams, text ? JSON.parse(text) : {});
      const code = !answer ? 404 : (answer.problem ?? (request.method === "POST" ? 201 : 200));
      const body = answer ?? { title: "Not found", detail: `${decodeURIComponent(url.pathname)} is not known`, status: 404, code: "not_found", type: "about:blank" };
      response.writeHead(code, { "content-type": code >= 400 ? "application/problem+json" : "application/json", "content-encoding": "gzip" });
      response.end(gzipSync(JSON.stringify(body), { level: 1 }));
    });
  }
  const file = url.pathname !== "/" && existsSync(dist + url.pathname) ? url.pathname : "/index.html";
  const types = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
  response.writeHead(200, { "content-type": types[file.split(".").pop()] ?? "application/octet-stream", "content-encoding": "gzip" });
  response.end(gzipSync(readFileSync(dist + file)));
}).listen(Number(option("port", "3100")), "127.0.0.1", function () { console.log(`Fixture on http://127.0.0.1:${this.address().port}`); });
