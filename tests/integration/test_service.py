"""Headrace as a service: what it says to systemd, its unit, how it stops and comes back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from datetime import datetime
from pathlib import Path

import pytest

from .support.daemon import REPOSITORY, binary
from .support.notify_socket import NotifySocket
from .support.processes import marked_processes

PROJECT = """
    import os
    from headrace import Definitions, Output, asset
    from gate import pass_gate

    @asset
    def surroundings():
        with open("/proc/self/oom_score_adj") as file:
            return Output(1, metadata={"variables": sorted(os.environ), "oom_score_adj": int(file.read())})

    @asset
    def held():
        pass_gate("held")
        return 1

    @asset
    def after(held):
        return held + 1

    defs = Definitions(assets=[surroundings, held, after])
"""
MOST_SECONDS = 5.0  # from SIGTERM to the exit, on a machine that is not overloaded


@pytest.fixture
def serve(daemon, project, gate):
    """serve(environment): the daemon of the project above."""
    folder = project({"defs.py": PROJECT})

    def start(**environment: str):
        return daemon(folder, "-f", "defs.py", environment=gate.environment() | environment)

    return start


def overload() -> float:
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@pytest.mark.parametrize("is_abstract", [False, True], ids=["path", "abstract"])
def test_systemd_is_told_of_start_and_stop(serve, tmp_path, is_abstract):
    with NotifySocket(None if is_abstract else tmp_path / "notify") as systemd:
        one = serve(**systemd.environment())
        assert systemd.next() == {"READY": "1"}
        one.loaded()
        status = systemd.until(lambda said: "STATUS" in said)[-1]["STATUS"]
        assert status == f"Serving on {one.url}; 0 runs going on"
        assert one.terminate() == 0
        assert systemd.until(lambda said: "STOPPING" in said)[-1] == {"STOPPING": "1"}


def test_signs_of_life_come_at_half_the_watchdogs_time(serve):
    with NotifySocket(watchdog=0.2) as systemd:
        serve(**systemd.environment())
        times = []
        while len(times) < 6:
            systemd.until(lambda said: said == {"WATCHDOG": "1"})
            times.append(time.monotonic())
        assert times[-1] - times[0] >= 5 * 0.09  # each follows the last by half the time, not at once


def test_a_watchdog_of_another_process_is_none_of_ours(serve):
    with NotifySocket(watchdog=0.001) as systemd:
        one = serve(WATCHDOG_PID="1", **systemd.environment())
        one.loaded()
        one.terminate()
        said = systemd.until(lambda said: "STOPPING" in said)
        assert {"WATCHDOG": "1"} not in said


def test_sighup_reloads_all_code_locations(serve):
    with NotifySocket() as systemd:
        one = serve(**systemd.environment())
        before = one.loaded()["loaded_at"]
        os.kill(one.pid, signal.SIGHUP)
        reloading = systemd.until(lambda said: "RELOADING" in said)[-1]
        assert int(reloading["MONOTONIC_USEC"]) > 0
        systemd.until(lambda said: said == {"READY": "1"})
        assert one.loaded()["loaded_at"] > before


def test_children_do_not_talk_to_systemd_and_go_first_when_memory_runs_out(serve):
    with NotifySocket(watchdog=60) as systemd:
        one = serve(HEADRACE_TOKEN="", CREDENTIALS_DIRECTORY="/nowhere", **systemd.environment())
        one.loaded()
        one.materialize("surroundings")
        metadata = one.metadata("surroundings")
    unwanted = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "CREDENTIALS_DIRECTORY", "HEADRACE_TOKEN"}
    assert not unwanted & set(metadata["variables"])
    assert metadata["oom_score_adj"] >= 500
    own = Path("/proc/self/oom_score_adj").read_text()
    assert Path(f"/proc/{one.pid}/oom_score_adj").read_text() == own  # the daemon stays where it was


@pytest.mark.parametrize("end", ["SIGTERM", "SIGKILL"])
def test_a_step_outlives_the_service_and_is_adopted(serve, gate, end):
    one = serve()
    one.loaded()
    number = one.launch("held,after")
    visitor = gate.next_visitor()
    begun = time.monotonic()
    one.terminate() if end == "SIGTERM" else one.kill()
    assert time.monotonic() - begun < MOST_SECONDS * overload()
    assert visitor.pid in marked_processes(one.mark)  # it works on without the daemon
    one.start()
    visitor.let_pass()
    run = one.wait_run(number)
    assert run["status"] == "success", run
    assert [step["attempt"] for step in run["steps"]] == [1, 1]


def test_a_reader_of_the_stream_does_not_hold_the_stop_up(serve):
    one = serve()
    one.loaded()
    with one.events("runs,assets", 0):
        begun = time.monotonic()
        assert one.terminate() == 0
        assert time.monotonic() - begun < MOST_SECONDS * overload()


def test_the_log_as_json(serve):
    one = serve(HEADRACE_LOG_FORMAT="json", HEADRACE_LOG_LEVEL="debug")
    one.loaded()
    os.kill(one.pid, signal.SIGHUP)
    one.terminate()
    lines = [json.loads(line) for line in one.log.splitlines()]
    assert lines and all(set(line) == {"time", "level", "message"} for line in lines)
    assert {"time", "level", "message"} == set(lines[-1]) and lines[-1]["level"] == "info"
    assert any("stopping" in line["message"] for line in lines)
    assert datetime.fromisoformat(lines[0]["time"].replace("Z", "+00:00")).tzinfo


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path):
    unit = (REPOSITORY / "docker" / "headrace.service").read_text()
    assert unit.count("/usr/bin/headrace ") == 1
    copy = tmp_path / "headrace.service"
    copy.write_text(unit.replace("/usr/bin/headrace ", f"{binary()} "))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60
    )
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")
