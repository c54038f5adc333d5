"""The same scenarios through the real daemon, and a code location that has no SDK at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import normalized
import pytest
from locations import LANGUAGES, REPOSITORY, cpp_program
from tests.integration.support.daemon import Daemon


def events_of(daemon: Daemon, run: dict[str, Any]) -> list[dict[str, Any]]:
    """The run's events, step by step (workers side by side decide the order among steps)."""
    kept = []
    for event in daemon.run_events(run["number"]):
        data = event["data"]
        for name in ("offsets", "worker", "retry_at"):
            data.pop(name, None)
        data["seconds"] = 0
        for each in data.get("inputs") or []:
            each["seconds"] = 0
        if data.get("error"):
            data["error"] = normalized.error(data["error"])
        said = {"type": event["type"], "step": event["step_key"], "attempt": event["attempt"], "data": data}
        if event["type"] not in ("run_created", "run_started"):
            kept.append(said)
    return sorted(kept, key=lambda each: str(each["step"]))


SELECTIONS = {
    "one or two or after_order or deep/key": "success",
    "tells or prints or greets or configured": "success",
    "fails or tells_of_failure": "failure",
}


@pytest.mark.parametrize("selection", SELECTIONS)
def test_events_are_equal(daemon: Callable[..., Daemon], selection: str) -> None:
    told = []
    for language in LANGUAGES:
        one = daemon(language)
        one.loaded()
        told.append(events_of(one, one.materialize(selection, expect=SELECTIONS[selection])))
    assert told[0] == told[1]


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_a_crash_is_a_failed_step_with_its_stack_and_costs_no_other(daemon: Callable[..., Daemon], start: str) -> None:
    one = daemon("cpp")
    one.loaded()
    tags = {"headrace/isolation": "spawn"} if start == "spawn" else {}
    run = one.materialize("crashes or one or two", expect="failure", tags=tags)
    steps = {step["step_key"]: step for step in run["steps"]}
    assert steps["two"]["status"] == "success"
    error = steps["crashes"]["error"]
    assert error["type"] == "SIGSEGV" and "location.cpp" in error["stack"]


def test_code_that_never_asks_is_killed_when_it_is_canceled(daemon: Callable[..., Daemon]) -> None:
    one = daemon("cpp")
    one.loaded()
    number = one.launch("stuck")
    one.wait_for(f"/api/v1/runs/{number}", f"run:{number}", lambda run: run["steps"][0]["status"] == "running")
    one.post(f"/api/v1/runs/{number}/cancel", expect=202)
    assert one.wait_run(number)["status"] == "canceled"


def test_a_code_location_in_plain_node_needs_no_sdk(daemon: Callable[..., Daemon]) -> None:
    one = daemon("node")
    location = one.loaded()
    assert (location["language"], location["worker_start"]) == ("node", "spawn")
    one.materialize("raw or doubled or total")
    assert json.loads((one.home / "storage" / "total.json").read_text()) == 12
    run = one.materialize("broken", expect="failure")
    assert run["steps"][0]["error"]["message"] == "asked to fail"
    assert one.get("/api/v1/assets/total")["latest_materialization"]["stored"]["format"] == "json"


def test_the_guide_in_cpp(daemon: Callable[..., Daemon], tmp_path: Path) -> None:
    folder = shutil.copytree(REPOSITORY / "examples" / "cpp_guide", tmp_path / "guide")
    program = cpp_program("headrace_conformance").parents[1] / "examples" / "cpp_guide" / "my_location"
    if not program.exists():
        pytest.skip("built without Arrow: there is no headrace::tables")
    one = daemon("guide", "--exe", str(program), folder=folder)
    one.loaded()
    one.materialize("*")
    made = one.get("/api/v1/assets/setosa")["latest_materialization"]["metadata"]
    assert made["nrows"]["value"] == 50
    assert made["path"]["value"] == "my_data/setosa.csv"
    assert len((folder / "my_data" / "setosa.csv").read_text().splitlines()) == 51
    resource = one.get("/api/v1/code-locations/my_location/resources/my_io_manager")
    assert resource["config"][0]["env_var"] == "DATA_PATH" and resource["config"][0]["is_set"]


def test_cpp_reads_what_node_stored_in_one_run(daemon: Callable[..., Daemon]) -> None:

    one = daemon("node", "--exe", str(cpp_program("headrace_conformance")), TAKE_TOTAL="1")
    one.loaded("node.mjs")
    one.loaded("headrace_conformance")
    one.materialize("total or doubled or raw or takes_total")
    assert (one.cwd / "numbers" / "takes_total").read_text() == "24"


def test_both_show_the_code_of_a_definition(daemon: Callable[..., Daemon]) -> None:
    for language, expected in (("python", "def two(one"), ("cpp", 'asset("two", two')):
        one = daemon(language)
        one.loaded()
        found = one.get("/api/v1/assets/two/source")
        lines = found["text"].splitlines()
        defined = found["line"] - found["first_line"]
        assert expected in "\n".join(lines[defined : defined + 2])
        assert (found["last_line"] is None) == (language == "cpp")
        assert found["file"].endswith(("python_location.py", "location.cpp")) and found["reason"] is None
        assert found["changed_at"] is None
        assert '"hidden-password"' not in one.get("/api/v1/assets/two/source?context=1000")["text"]
