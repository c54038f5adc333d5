"""The promise: killing the daemon at any moment loses no acknowledged event, and every unfinished run goes on."""

from __future__ import annotations

import os
import signal

import pytest

from .support.daemon import step_of
from .support.processes import wait_gone

CHAIN = """
    from dagster import Definitions, asset
    from gate import pass_gate

    def ran(name):
        with open("ran.txt", "a") as file:
            file.write(name + "\\n")

    @asset
    def first():
        ran("first")
        return 1

    @asset
    def held(first):
        ran("held")
        pass_gate("held")
        return first + 1

    @asset
    def last(held):
        ran("last")
        return held + 1

    defs = Definitions(assets=[first, held, last])
"""


@pytest.fixture
def held_run(daemon, project, gate):
    """A daemon with a run whose second of three steps stands at the gate: (folder, daemon, run number, visitor)."""
    folder = project({"defs.py": CHAIN})
    one = daemon(folder, "-f", "defs.py", environment=gate.environment())
    one.loaded()
    number = one.launch("*")
    return folder, one, number, gate.next_visitor()


def ran(folder):
    return (folder / "ran.txt").read_text().split()


def assert_each_step_once(one, number):
    ended = [e["step_key"] for e in one.run_events(number) if e["type"] == "step_ended"]
    assert ended == ["first", "held", "last"]


def test_kill_9_and_the_worker_ends_its_step_before_the_restart(held_run):
    folder, one, number, visitor = held_run
    before = one.run_events(number)
    one.kill()
    visitor.let_pass()
    assert wait_gone(visitor.pid), "the worker must end after its step when its daemon is gone"
    one.start()
    run = one.wait_run(number)
    assert run["status"] == "success", one.log
    assert ran(folder) == ["first", "held", "last"]
    assert one.run_events(number)[: len(before)] == before
    assert_each_step_once(one, number)


def wait_running(one, number) -> None:
    """The page is up before the journals are read: the step's start may be news to the daemon that just began."""
    one.wait_for(
        f"/api/v1/runs/{number}", f"run:{number}", lambda run: step_of(run, "held")["status"] == "running"
    )


def test_kill_9_and_the_running_step_is_adopted(held_run):
    folder, one, number, visitor = held_run
    one.kill()
    one.start()
    wait_running(one, number)
    visitor.let_pass()
    run = one.wait_run(number)
    assert run["status"] == "success", one.log
    assert ran(folder) == ["first", "held", "last"]
    assert_each_step_once(one, number)


def test_kill_9_twice(held_run):
    folder, one, number, visitor = held_run
    one.kill()
    one.start()
    one.kill()
    one.start()
    visitor.let_pass()
    assert one.wait_run(number)["status"] == "success", one.log
    assert ran(folder) == ["first", "held", "last"]
    assert_each_step_once(one, number)


def test_kill_9_of_daemon_and_worker_fails_the_step_and_says_so(held_run):
    folder, one, number, visitor = held_run
    one.kill()
    os.kill(visitor.pid, signal.SIGKILL)
    one.start()
    run = one.wait_run(number)
    assert run["status"] == "failure"
    assert step_of(run, "first")["status"] == "success"
    assert step_of(run, "held")["status"] == "failure"
    assert step_of(run, "last")["status"] == "skipped"
    assert ran(folder) == ["first", "held"]


def test_an_adopted_worker_that_is_killed_fails_its_step(held_run):
    folder, one, number, visitor = held_run
    one.kill()
    one.start()
    wait_running(one, number)
    os.kill(visitor.pid, signal.SIGKILL)
    run = one.wait_run(number)
    assert run["status"] == "failure"
    assert step_of(run, "held")["status"] == "failure"
    assert ran(folder) == ["first", "held"]


def test_sigterm_exits_and_the_next_start_follows_the_running_step(held_run):
    folder, one, number, visitor = held_run
    assert one.terminate() == 0
    one.start()
    visitor.let_pass()
    assert one.wait_run(number)["status"] == "success", one.log
    assert ran(folder) == ["first", "held", "last"]


def test_sigint_cancels_and_nothing_survives(held_run):
    folder, one, number, visitor = held_run
    one.interrupt()
    assert wait_gone(visitor.pid)
    one.start()
    assert one.wait_run(number)["status"] in ("canceled", "failure")
    assert ran(folder) == ["first", "held"]


def test_killed_worker_costs_its_step_only(daemon, project, gate):
    folder = project(
        {
            "defs.py": """
            from dagster import Definitions, asset
            from gate import pass_gate

            @asset
            def doomed():
                pass_gate("doomed")

            @asset
            def after_doomed(doomed): ...

            @asset
            def other():
                return 1

            @asset
            def after_other(other):
                return other

            defs = Definitions(assets=[doomed, after_doomed, other, after_other])
        """
        }
    )
    one = daemon(folder, "-f", "defs.py", environment=gate.environment())
    one.loaded()
    number = one.launch("*")
    visitor = gate.next_visitor()  # kept: collected, it would open the gate before the kill
    os.kill(visitor.pid, signal.SIGKILL)
    run = one.wait_run(number)
    assert run["status"] == "failure"
    statuses = {step["step_key"]: step["status"] for step in run["steps"]}
    assert statuses == {
        "doomed": "failure",
        "after_doomed": "skipped",
        "other": "success",
        "after_other": "success",
    }
    message = step_of(run, "doomed")["error"]["message"]
    assert "SIGKILL" in message or "signal 9" in message


def test_the_same_run_again_after_a_restart_is_the_same_run(daemon, guide):
    run_id = "01980000-0000-7000-8000-000000000001"
    one = daemon(guide("1_filesystem"), "-m", "my_dagster_code_location")
    one.loaded()
    body = {"selection": "*", "run_id": run_id}
    assert one.post("/api/v1/runs", body, expect=201)["number"] == 1
    one.wait_run(1)
    one.kill()
    one.start()
    one.loaded()
    assert one.post("/api/v1/runs", body, expect=200)["number"] == 1
    assert one.post("/api/v1/runs", body | {"selection": "setosa"}, expect=409)["code"] == "conflict"
