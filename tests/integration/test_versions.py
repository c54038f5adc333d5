"""Code that changes while a run goes on: hosts of a version, spawned workers, forks that do not come to life."""

from __future__ import annotations

import textwrap

import pytest

from .support.daemon import step_of
from .support.processes import wait_gone

HEADER = """
import os, signal
from dagster import *
from gate import pass_gate
from headrace import worker_executor

"""


@pytest.fixture
def code(project):
    """code("…") writes defs.py (again) and answers its folder."""
    return lambda text: project({"defs.py": HEADER + textwrap.dedent(text)})


def parent_of(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(next(line.split()[1] for line in file if line.startswith("PPid")))


OLD = """
    @asset
    def held() -> str:
        pass_gate("held")
        return "old"

    @asset
    def last(held: str) -> None:
        assert held == "old"

    defs = Definitions(assets=[held, last], executor=worker_executor(max_rss=1))
"""
NEW = """
    import threading

    threading.Thread(target=threading.Event().wait, daemon=True).start()

    @asset
    def last() -> None:
        raise ValueError("new")

    defs = Definitions(assets=[last])
"""


def test_a_version_lives_until_its_last_run_ends(daemon, code, gate):
    """Its later steps are in new workers of the old version, forked although the new one's would be spawned."""
    folder = code(OLD)
    one = daemon(folder, "-f", "defs.py", environment=gate.environment())
    one.loaded()
    number = one.launch()
    visitor = gate.next_visitor()
    old_host = parent_of(visitor.pid)
    code(NEW)
    assert one.reload()["worker_start"] == "spawn"
    assert not wait_gone(old_host, 0), "the run that goes on needs this version's host"
    visitor.let_pass()
    run = one.wait_run(number)
    assert run["status"] == "success", run
    assert wait_gone(old_host), "no run needs it any more"
    one.materialize("last", expect="failure")


# Each step has a worker of its own, and the next one's is not started before the last one's end.
SPAWNED = """
    @asset
    def held() -> str:
        pass_gate("held")
        return "value"

    @asset
    def last(LAST) -> None: ...

    @asset
    def other() -> str:
        return "other"

    defs = Definitions(assets=[held, last, other], executor=worker_executor(start="spawn", max_workers=1, max_rss=1))
"""


@pytest.mark.parametrize("changed", [False, True])
def test_spawned_workers_load_the_code_as_it_is_now(daemon, code, gate, changed):
    folder = code(SPAWNED.replace("LAST", "held: str"))
    one = daemon(folder, "-f", "defs.py", environment=gate.environment())
    one.loaded()
    number = one.launch("held or last")
    visitor = gate.next_visitor()
    code(
        SPAWNED.replace("LAST", "other: str" if changed else "held: str") + "\n    # a comment is no change\n"
    )
    if not changed:
        code(
            SPAWNED.replace("LAST", "held: str")
            .replace("def other()", "def renamed()")
            .replace("last, other", "last, renamed")
        )
    visitor.let_pass()
    run = one.wait_run(number)
    events = [event["type"] for event in one.run_events(number)]
    if changed:
        assert run["status"] == "failure"
        error = step_of(run, "last")["error"]
        assert error["type"] == "DefinitionsChanged"
        assert 'asset "last" has other inputs' in error["message"]
        assert "definitions_changed" not in events
    else:
        assert run["status"] == "success", f"{run}\n{one.log}"
        assert "definitions_changed" in events


def test_a_fork_that_does_not_come_to_life_is_a_spawn_from_then_on(daemon, code):
    folder = code("""
        os.register_at_fork(after_in_child=signal.pause)

        @asset
        def only() -> None: ...

        defs = Definitions(assets=[only])
    """)
    one = daemon(folder, "-f", "defs.py", environment={"HEADRACE_WORKER_BIRTH_MS": "300"})
    assert one.loaded()["worker_start"] == "fork"
    one.materialize()
    location = one.code_location()
    assert location["worker_start"] == "spawn"
    assert "silent" in location["worker_start_reason"]
