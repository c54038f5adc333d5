"""Retention: old runs go by themselves, with their events and their workers' output; what is current stays."""

from __future__ import annotations

import json
import re
import subprocess
import time
from pathlib import Path

from .support.daemon import Daemon, binary

PROJECT = """
    from headrace import Definitions, asset

    @asset
    def chatty():
        print("x" * 10_000)
        return 1

    @asset
    def once():
        return 1

    defs = Definitions(assets=[chatty, once])
"""
LIMIT = 60.0
EAGER = {"HEADRACE_RETENTION_MS": "20", "HEADRACE_RETENTION_KEEP_RUNS": "2"}


def serve(daemon, project, **environment: str) -> Daemon:
    one = daemon(project({"defs.py": PROJECT}), "-f", "defs.py", environment=environment)
    one.loaded()
    return one


def run_numbers(one: Daemon) -> list[int]:
    return [run["number"] for run in one.get("/api/v1/runs")["items"]]


def until_pruned(one: Daemon, wanted: list[int]) -> None:
    """Each look is a request: the daemon prunes between them."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        if run_numbers(one) == wanted and output_of(one) == set(wanted):  # files go right after the events
            return
    raise AssertionError(f"runs {run_numbers(one)}, not {wanted}\n{one.log}")


def output_of(one: Daemon) -> set[int]:
    return {int(folder.name) for folder in (Path(one.home) / "runs").iterdir()}


def check_storage(one: Daemon) -> None:
    checked = subprocess.run(
        [binary(), "storage", "check", "--home", str(one.home)], capture_output=True, text=True, timeout=60
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_old_runs_go_and_what_is_current_stays(daemon, project):
    one = serve(daemon, project, HEADRACE_RETENTION_MAX_SIZE="1KB", **EAGER)
    one.materialize("once")
    for _ in range(5):
        one.materialize("chatty")
    until_pruned(one, [6, 5, 1])
    assert one.request("GET", "/api/v1/runs/2").status_code == 404
    assert one.request("GET", "/api/v1/runs/2/events").status_code == 404
    assert one.asset("once")["status"] == "materialized" and one.asset("once")["last_run"] == 1
    assert [m["run_id"] for m in one.get("/api/v1/assets/chatty/materializations")["items"]] == [
        one.run(number)["run_id"] for number in (6, 5)
    ]
    with one.client.stream("GET", "/api/v1/events", params={"topics": "runs", "after": 0}) as answer:
        assert "event: reset" in answer.iter_lines()  # what it asked for is gone
    one.terminate()
    check_storage(one)
    one.start()
    one.loaded()
    assert one.materialize("chatty")["number"] == 7


def test_the_usual_limits_are_generous(daemon, project):
    one = serve(daemon, project, HEADRACE_RETENTION_MS="1")
    for _ in range(3):
        one.materialize("chatty")
    assert run_numbers(one) == [3, 2, 1]


def test_the_disk_is_in_the_status(daemon, project):
    one = serve(daemon, project)
    one.materialize("chatty")
    storage = one.get("/api/v1/status")["storage"]
    assert storage["database_bytes"] > 0 and storage["log_bytes"] >= 10_000
    assert 0 < storage["available_bytes"] <= storage["disk_bytes"]


def test_pruning_by_hand(daemon, project):
    one = serve(daemon, project)
    for _ in range(4):
        one.materialize("chatty")
    command = [binary(), "storage", "prune", "--home", str(one.home), "--max-size", "1KB", "--keep-runs", "1"]
    held = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert held.returncode == 1 and str(one.pid) in held.stderr  # a daemon has the home
    one.terminate()
    pruned = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert pruned.returncode == 0, pruned.stderr
    assert re.fullmatch(r"Pruned 3 runs with \d+ events\.\n", pruned.stdout), pruned.stdout
    again = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(again.stdout) == {"runs": [], "events": 0}
    assert output_of(one) == {4}
    check_storage(one)
    one.start()
    one.loaded()
    assert run_numbers(one) == [4]


def test_a_backup_comes_back(daemon, project, tmp_path):
    """As docs/reference/storage.md says."""
    one = serve(daemon, project)
    one.materialize("chatty")
    backup = tmp_path / "backup.db"
    subprocess.run(
        [binary(), "storage", "backup", "--home", str(one.home), str(backup)], check=True, timeout=60
    )
    one.materialize("once")
    one.terminate()
    for name in ("headrace.db", "headrace.db-wal", "headrace.db-shm"):
        (Path(one.home) / name).unlink(missing_ok=True)
    (Path(one.home) / "headrace.db").write_bytes(backup.read_bytes())
    one.start()
    one.loaded()
    assert run_numbers(one) == [1] and one.asset("once")["status"] == "never"
    assert "the newest events are gone" in one.log
    one.materialize("once")
    one.terminate()
    check_storage(one)
