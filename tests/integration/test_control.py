"""Cancel, limits, pools and priorities, as somebody with curl sees them."""

from __future__ import annotations

import os
import textwrap

import pytest

from .support.daemon import step_of
from .support.processes import wait_gone

HEADER = """
import os
from dagster import *
from gate import pass_gate

"""


@pytest.fixture
def serve(daemon, project, gate):
    """serve("…", toml="…"): a daemon that has loaded this code, with these limits."""

    def start(text, toml="", **environment):
        folder = project({"defs.py": HEADER + textwrap.dedent(text), "headrace.toml": toml})
        limits = ["-w", str(folder / "headrace.toml")] if toml else []
        one = daemon(folder, "-f", "defs.py", *limits, environment=gate.environment() | environment)
        one.loaded()
        return one

    return start


def test_a_step_that_ignores_its_cancellation_is_killed_with_its_children(serve, gate):
    one = serve(
        """
        import subprocess, sys

        @asset
        def stubborn() -> None:
            child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True)
            while True:
                try:
                    pass_gate(str(child.pid))
                except KeyboardInterrupt:
                    pass

        @asset
        def after(stubborn) -> None: ...

        defs = Definitions(assets=[stubborn, after])
    """,
        HEADRACE_CANCEL_GRACE_MS="200",
    )
    number = one.launch()
    visitor = gate.next_visitor()
    one.post(f"/api/v1/runs/{number}/cancel", expect=202)
    assert one.wait_run(number)["status"] == "canceled"
    assert wait_gone(visitor.pid) and wait_gone(int(visitor.name))
    run = one.run(number)
    assert {step["step_key"]: step["status"] for step in run["steps"]} == {
        "stubborn": "canceled",
        "after": "canceled",
    }
    assert one.request("POST", f"/api/v1/runs/{number}/cancel").status_code == 409


POOLS = """
    def held(name):
        @asset(name=name, pool="db")
        def one() -> None:
            pass_gate(name)
        return one

    defs = Definitions(assets=[held("a"), held("b")])
"""


def test_what_waits_says_for_what(serve, gate):
    one = serve(POOLS, toml="[concurrency]\nruns = 3\n[concurrency.pools]\ndb = 1\n")
    first = one.launch("a")
    visitor = gate.next_visitor()
    second, third, fourth = one.launch("b"), one.launch("a"), one.launch("b")
    assert step_of(one.run(second), "b")["held_by"] == 'pool "db" (limit 1)'
    assert step_of(one.run(third), "a")["waits_for"] == first
    waiting = one.run(fourth)
    assert (waiting["status"], waiting["held_by"]) == ("queued", "runs (limit 3)")
    one.post(f"/api/v1/runs/{fourth}/cancel", expect=202)
    assert one.wait_run(fourth)["status"] == "canceled"
    for number in (first, second, third):  # in the order of their numbers
        visitor.let_pass()
        assert one.wait_run(number)["status"] == "success"
        if number != third:
            visitor = gate.next_visitor()


def test_queued_runs_keep_their_order_over_a_restart(serve, gate):
    one = serve(POOLS, toml="[concurrency]\nruns = 1\n")
    first = one.launch("a")
    visitor = gate.next_visitor()
    later, urgent = one.launch("a"), one.launch("b", tags={"dagster/priority": "3"})
    one.kill()
    one.start()
    visitor.let_pass()
    assert one.wait_run(first)["status"] == "success"
    visitor = gate.next_visitor()
    assert visitor.name == "b"
    assert one.run(later)["status"] == "queued"
    visitor.let_pass()
    assert one.wait_run(urgent)["status"] == "success"
    gate.next_visitor().let_pass()
    assert one.wait_run(later)["status"] == "success"


def test_retry_from_failure_and_from_the_start(serve, tmp_path):
    folder = tmp_path / "project"
    one = serve("""
        @asset
        def base() -> int:
            return 1

        @asset
        def fragile(base: int) -> int:
            if not os.path.exists("mended"):
                raise ValueError("not yet")
            return base

        @asset
        def last(fragile: int) -> None: ...

        defs = Definitions(assets=[base, fragile, last])
    """)
    run = one.materialize("*", expect="failure")
    (folder / "mended").touch()
    again = one.post(f"/api/v1/runs/{run['number']}/retry", {"from": "failure"}, expect=201)["number"]
    retried = one.wait_run(again)
    assert [step["step_key"] for step in retried["steps"]] == ["fragile", "last"]
    assert retried["status"] == "success"
    from_start = one.post(f"/api/v1/runs/{run['number']}/retry", {"from": "start"}, expect=201)["number"]
    assert [step["step_key"] for step in one.wait_run(from_start)["steps"]] == ["base", "fragile", "last"]
    assert one.run(from_start)["tags"]["dagster/parent_run_id"] == run["run_id"]


MEMORY = """
    @asset(io_manager_key="memory")
    def base() -> int:
        return os.getpid()

    @asset(io_manager_key="memory")
    def middle(base: int) -> int:
        assert base == os.getpid()
        return base

    @asset
    def last(middle: int) -> None:
        assert middle == os.getpid()
        pass_gate("last")

    defs = Definitions(assets=[base, middle, last], resources={"memory": mem_io_manager})
"""


def test_values_in_memory_are_made_again_from_the_first_lost_one(serve, gate):
    one = serve(MEMORY)
    number = one.launch()
    visitor = gate.next_visitor()
    os.kill(visitor.pid, 9)
    assert one.wait_run(number)["status"] == "failure"
    again = one.post(f"/api/v1/runs/{number}/retry", {"from": "failure"}, expect=201)["number"]
    gate.next_visitor().let_pass()
    run = one.wait_run(again)
    assert run["status"] == "success"
    assert [step["step_key"] for step in run["steps"]] == ["base", "middle", "last"]


def test_values_in_memory_do_not_cross_code_locations(daemon, project):
    first = HEADER + textwrap.dedent("""
        @asset(io_manager_key="memory")
        def base() -> int:
            return 1

        defs = Definitions(assets=[base], resources={"memory": mem_io_manager})
    """)
    second = HEADER + textwrap.dedent("""
        @asset
        def reader(base: int) -> None: ...

        defs = Definitions(assets=[reader])
    """)
    folder = project({"first.py": first, "second.py": second})
    one = daemon(folder, "-f", "first.py", "-f", "second.py")
    one.loaded("first.py")
    one.loaded("second.py")
    refused = one.request("POST", "/api/v1/runs", json={"selection": "*"})
    assert refused.status_code == 422, refused.text
    assert refused.json()["refusals"][0]["code"] == "in_memory_split"
    assert one.materialize("base")["status"] == "success"
