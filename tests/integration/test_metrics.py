"""/metrics, as Prometheus reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

PROJECT = """
    from headrace import Definitions, asset
    from gate import pass_gate

    @asset
    def good():
        return 1

    @asset
    def bad(good):
        raise ValueError("no")

    @asset
    def held():
        pass_gate("held")

    defs = Definitions(assets=[good, bad, held])
"""


def scrape(one) -> dict[str, dict[tuple[str, ...], float]]:
    """Sample name -> label values -> value."""
    answer = one.request("GET", "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    samples: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.type in ("gauge", "counter", "histogram") and family.documentation.endswith("."), family
        for sample in family.samples:
            values = samples.setdefault(sample.name, {})
            labels = tuple(sample.labels.values())
            assert labels not in values, sample  # no sample twice
            values[labels] = sample.value
    return samples


def test_what_is_counted(daemon, project, gate):
    one = daemon(project({"defs.py": PROJECT}), "-f", "defs.py", environment=gate.environment())
    one.loaded()
    before = scrape(one)
    assert before["headrace_runs"][("success",)] == 0
    assert before["headrace_launch_duration_seconds_count"][()] == 0
    one.materialize("good")
    one.materialize("bad", expect="failure")
    running = one.launch("held")
    visitor = gate.next_visitor()
    one.wait_for(f"/api/v1/runs/{running}", f"run:{running}", lambda run: run["status"] == "running")
    with one.events("runs", 0):
        during = scrape(one)
    visitor.let_pass()
    one.wait_run(running)
    after = scrape(one)

    assert list(before["headrace_build_info"]) == [(one.get("/api/v1/status")["version"],)]
    assert during["headrace_runs"][("running",)] == 1 and after["headrace_runs"][("running",)] == 0
    assert after["headrace_runs"][("success",)] == 2 and after["headrace_runs"][("failure",)] == 1
    assert during["headrace_workers"][("busy",)] == 1
    assert during["headrace_http_streams"][()] == 1
    assert after["headrace_step_attempts_total"][("success",)] == 2
    assert after["headrace_step_attempts_total"][("failure",)] == 1
    assert after["headrace_launch_duration_seconds_count"][()] == 3
    buckets = after["headrace_step_duration_seconds_bucket"]
    assert buckets[("+Inf",)] == after["headrace_step_duration_seconds_count"][()] == 3
    assert list(buckets.values()) == sorted(buckets.values())
    assert after["headrace_step_duration_seconds_sum"][()] > 0
    assert after["headrace_event_lag"][("run_coordinator",)] >= 0
    assert after["headrace_last_event_id"][()] == one.get("/api/v1/status")["as_of"]
    assert after["headrace_database_bytes"][("database",)] > 0
    assert after["headrace_write_queue_batches"][()] >= 0
    assert after["process_resident_memory_bytes"][()] > 1_000_000
    assert after["headrace_code_locations"] == {("loading",): 0, ("loaded",): 1, ("failed",): 0}
