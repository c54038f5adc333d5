"""Who dies, and what becomes of the run: worker, host, daemon and all of them at once (docs/reference/recovery.md)."""

from __future__ import annotations

import os
import signal
import sqlite3
import textwrap

import pytest

from .support.daemon import step_of
from .support.processes import marked_processes, wait_gone, wait_until_gone

HEADER = """
import os, signal, subprocess, sys
from pathlib import Path

from dagster import *
from gate import pass_gate
from headrace import worker_executor

"""


@pytest.fixture
def serve(daemon, project, gate):
    """serve("…"): a daemon that has loaded this code, and its folder."""

    def start(text, *arguments, **environment):
        folder = project({"defs.py": HEADER + textwrap.dedent(text)})
        one = daemon(folder, "-f", "defs.py", *arguments, environment=gate.environment() | environment)
        one.loaded()
        return one, folder

    return start


def ends_of(one, number):
    """(step, attempt, status) of every attempt, in their order."""
    events = [event for event in one.run_events(number) if event["type"] == "step_ended"]
    return [(event["step_key"], event["attempt"], event["data"]["status"]) for event in events]


HELD = """
    @asset(retry_policy=RetryPolicy(1))
    def held(context) -> int:
        pass_gate("held")
        return context.retry_number

    @asset
    def last(held: int) -> None: ...

    defs = Definitions(assets=[held, last])
"""


def test_all_processes_killed_at_once(serve, gate):
    one, _ = serve(HELD)
    number = one.launch()
    visitor = gate.next_visitor()
    one.kill_everything()
    wait_until_gone(one.mark, 30)
    one.start()
    gate.next_visitor().let_pass()
    run = one.wait_run(number)
    assert run["status"] == "success", one.log
    assert ends_of(one, number) == [("held", 1, "retrying"), ("held", 2, "success"), ("last", 1, "success")]
    visitor.wait_gone()
    retry = [event for event in one.run_events(number) if event["type"] == "step_ended"][0]
    assert retry["data"]["error"]["message"].endswith(
        "ended while the daemon was down, in the middle of the step"
    )


@pytest.fixture
def without_definitions(serve, gate):
    """A killed daemon, its run whose definitions have gone from the database, and the worker in `held`."""
    one, folder = serve(HELD)
    number = one.launch()
    visitor = gate.next_visitor()
    one.kill()
    with sqlite3.connect(f"{one.home}/headrace.db") as database:
        assert database.execute("DELETE FROM definitions").rowcount == 1
    database.close()
    text = textwrap.dedent(HELD).replace("-> None", "-> int")
    (folder / "defs.py").write_text(HEADER + text.replace("int: ...", "int:\n    return 1"))
    return one, number, visitor


def test_a_run_that_cannot_go_on_ends_after_its_last_worker(without_definitions):
    """Nothing is written for a run that has ended, and what is written until then counts."""
    one, number, visitor = without_definitions
    one.start()
    run = one.wait_for(
        f"/api/v1/runs/{number}", f"run:{number}", lambda run: step_of(run, "last")["status"] == "failure"
    )
    assert run["status"] == step_of(run, "held")["status"] == "running"
    assert "the definitions it was launched with are gone" in step_of(run, "last")["error"]["message"]
    visitor.let_pass()
    assert one.wait_run(number)["status"] == "failure", one.log
    assert ends_of(one, number) == [("last", None, "failure"), ("held", 1, "success")]
    one.loaded()
    assert one.asset("held")["latest_materialization"]["run_id"] == run["run_id"]


def test_what_a_worker_did_meanwhile_counts_in_a_run_that_cannot_go_on(without_definitions):
    one, number, visitor = without_definitions
    visitor.let_pass()
    assert wait_gone(visitor.pid)
    one.start()
    assert one.wait_run(number)["status"] == "failure", one.log
    assert sorted(ends_of(one, number)) == [("held", 1, "success"), ("last", None, "failure")]


def test_no_attempt_follows_in_a_run_that_cannot_go_on(without_definitions):
    one, number, visitor = without_definitions
    os.kill(visitor.pid, signal.SIGKILL)
    visitor.wait_gone()
    one.start()
    assert one.wait_run(number)["status"] == "failure", one.log
    assert sorted(ends_of(one, number)) == [("held", 1, "failure"), ("last", None, "failure")]


def test_the_host_ends_with_its_daemon_and_the_worker_does_not(serve, gate):
    one, _ = serve(HELD)
    number = one.launch()
    visitor = gate.next_visitor()
    host = int(
        next(line.split()[1] for line in open(f"/proc/{visitor.pid}/status") if line.startswith("PPid"))
    )
    one.kill()
    assert wait_gone(host)
    os.kill(visitor.pid, 0)
    one.start()
    visitor.let_pass()
    assert one.wait_run(number)["status"] == "success"
    assert ends_of(one, number) == [("held", 1, "success"), ("last", 1, "success")]


def test_an_adopted_step_is_canceled(serve, gate):
    one, _ = serve("""
        @asset
        def held() -> None:
            try:
                pass_gate("held")
            except KeyboardInterrupt:
                print("cleaned up")
                raise

        defs = Definitions(assets=[held])
    """)
    number = one.launch()
    visitor = gate.next_visitor()
    one.kill()
    one.start()
    one.wait_for(
        f"/api/v1/runs/{number}", f"run:{number}", lambda run: step_of(run, "held")["status"] == "running"
    )
    one.post(f"/api/v1/runs/{number}/cancel", expect=202)
    visitor.wait_gone()
    assert one.wait_run(number)["status"] == "canceled"
    assert one.step_log(number, "held", "stdout") == "cleaned up\n"


def test_a_worker_that_is_still_importing_is_waited_for(serve, gate):
    """It holds its journal's lock and has said nothing: nobody else may begin what it may have been given."""
    one, folder = serve(
        """
        if os.environ["HEADRACE_ROLE"] == "worker":
            pass_gate("import")

        @asset
        def only() -> None:
            with open("ran.txt", "a") as file:
                print("ran", file=file)

        defs = Definitions(assets=[only], executor=worker_executor(start="spawn"))
    """
    )
    number = one.launch()
    importing = gate.next_visitor()
    one.kill()
    one.start()
    one.loaded()
    assert gate.is_empty(), "no other worker is started"
    importing.let_pass()
    gate.next_visitor().let_pass()  # it had no step yet: another one takes it
    assert one.wait_run(number)["status"] == "success", one.log
    assert (folder / "ran.txt").read_text() == "ran\n"


def test_a_worker_that_dies_while_it_stores_a_value_harms_nothing(serve):
    """The value before it stays. What it had written lies beside that until the same asset is stored again."""
    one, folder = serve("""
        class Deadly:
            def __reduce__(self):
                os.kill(os.getpid(), signal.SIGKILL)

        @asset
        def value() -> list:
            return ["half", Deadly()] if Path("deadly").exists() else ["whole"]

        @asset
        def reader(value: list) -> None:
            assert value == ["whole"]

        defs = Definitions(assets=[value, reader])
    """)
    storage = one.home / "storage"
    one.materialize("value")
    (folder / "deadly").touch()
    run = one.materialize("value", expect="failure")
    assert step_of(run, "value")["error"]["type"] == "WorkerDied"
    assert sorted(os.listdir(storage)) == [".value.headrace-tmp", "value"]
    one.materialize("reader")
    (folder / "deadly").unlink()
    one.materialize("value")
    assert os.listdir(storage) == ["value"]


def test_what_a_worker_left_behind_while_no_daemon_ran_ends_too(serve, gate):
    one, _ = serve("""
        @asset
        def held() -> None:
            code = "import signal; print('up', flush=True); signal.pause()"
            child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdout=subprocess.PIPE)
            child.stdout.readline()
            pass_gate(str(child.pid))

        defs = Definitions(assets=[held])
    """)
    number = one.launch()
    visitor = gate.next_visitor()
    one.kill()
    os.kill(visitor.pid, signal.SIGKILL)
    assert wait_gone(visitor.pid)
    os.kill(int(visitor.name), 0)
    one.start()
    assert one.wait_run(number)["status"] == "failure"
    assert wait_gone(int(visitor.name)), "an orphan outlived its run"


def test_a_time_limit_holds_without_a_daemon(serve, gate):
    one, _ = serve("""
        @asset(op_tags={"headrace/time_limit": 1})
        def endless() -> None:
            pass_gate("endless")

        defs = Definitions(assets=[endless])
    """)
    number = one.launch()
    visitor = gate.next_visitor()
    one.kill()
    assert wait_gone(visitor.pid), "the worker ends its step by itself"
    one.start()
    run = one.wait_run(number)
    assert step_of(run, "endless")["error"]["type"] == "StepTimeLimitExceeded"


def test_a_retry_that_waits_is_not_forgotten(serve):
    one, _ = serve("""
        @asset(retry_policy=RetryPolicy(1, delay=3600))
        def later() -> None:
            raise ValueError("not now")

        defs = Definitions(assets=[later])
    """)
    number = one.launch()

    def is_retrying(run):
        return step_of(run, "later")["status"] == "retrying"

    before = one.wait_for(f"/api/v1/runs/{number}", f"run:{number}", is_retrying)
    one.kill()
    one.start()
    after = one.wait_for(f"/api/v1/runs/{number}", f"run:{number}", is_retrying)
    assert step_of(after, "later")["retry_at"] == step_of(before, "later")["retry_at"] is not None
    one.post(f"/api/v1/runs/{number}/cancel", expect=202)
    assert one.wait_run(number)["status"] == "canceled"


def test_a_run_over_two_code_locations_waits_for_the_one_that_died(daemon, project, gate):
    """Its steps wait for the host's restart; the other location's go on."""
    folder = project(
        {
            "upper.py": HEADER
            + textwrap.dedent("""
                @asset
                def source() -> int:
                    pass_gate("source")
                    return 1

                defs = Definitions(assets=[source], executor=multiprocess_executor)
            """),
            "lower.py": HEADER
            + textwrap.dedent("""
                if Path("broken").exists():
                    raise RuntimeError("not now")

                @asset(deps=["source"])
                def sink() -> None: ...

                @asset
                def other() -> None: ...

                defs = Definitions(assets=[sink, other])
            """),
        }
    )
    one = daemon(
        folder,
        "-f",
        "upper.py",
        "-f",
        "lower.py",
        environment=gate.environment() | {"HEADRACE_HOST_RESTART_MS": "10"},
    )
    one.loaded()
    number = one.launch()
    visitor = gate.next_visitor()
    one.wait_for(
        f"/api/v1/runs/{number}", f"run:{number}", lambda run: step_of(run, "other")["status"] == "success"
    )

    (folder / "broken").touch()
    with one.events("code-locations", one.get("/api/v1/code-locations")["as_of"]) as stream:
        os.kill(host_of(one, "lower.py"), signal.SIGKILL)
        failures = (
            event["data"]["error"]["type"] for event in stream if event["type"] == "code_location_failed"
        )
        assert [next(failures), next(failures)] == ["HostDied", "RuntimeError"]
    visitor.let_pass()
    run = one.wait_for(
        f"/api/v1/runs/{number}", f"run:{number}", lambda run: step_of(run, "source")["status"] == "success"
    )
    assert run["status"] == "running"
    assert "lower.py" in step_of(one.run(number), "sink")["held_by"]
    (folder / "broken").unlink()  # it is tried again, with no reload
    assert one.wait_run(number)["status"] == "success", one.log


def host_of(one, location):
    """The pid of this code location's host: a child of the daemon."""
    pids = [
        pid
        for pid, command in marked_processes(one.mark).items()
        if f"-f {location}" in command and f"PPid:\t{one.pid}\n" in open(f"/proc/{pid}/status").read()
    ]
    assert len(pids) == 1, marked_processes(one.mark)
    return pids[0]
