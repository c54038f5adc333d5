"""Whatever user code starts ends with its worker: processes in sessions of their own, daemons, children of a killed step."""

from __future__ import annotations

import os
import select

import pytest

from .support.daemon import step_of

LIMIT_MS = 30_000

CODE = """
import os, subprocess, sys
from dagster import Definitions, asset
from gate import pass_gate

SLEEP = [sys.executable, "-c", "import signal, sys; print('up', flush=True); signal.pause()"]

def started(**options):
    process = subprocess.Popen(SLEEP, stdout=subprocess.PIPE, **options)
    process.stdout.readline()
    return process.pid

def own_session():
    return [started(start_new_session=True)]

def own_session_and_streams():
    return [started(start_new_session=True, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)]

def daemonized():
    # A double fork without an exec: nobody's child, in a session of its own.
    read, write = os.pipe()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(write, str(os.getpid()).encode())
            import signal
            while True:
                signal.pause()
        os._exit(0)
    os.wait()
    return [int(os.read(read, 20))]

def grandchild():
    code = f"import subprocess; p = subprocess.Popen({SLEEP!r}, start_new_session=True); print(p.pid, flush=True); p.wait()"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    return [parent.pid, int(parent.stdout.readline())]

@asset
def starts_some(context) -> None:
    pids = globals()[os.environ["KIND"]]()
    context.add_output_metadata({"pids": pids})
    if os.environ.get("HOW") != "end":
        pass_gate(",".join(["started", *map(str, pids)]))

defs = Definitions(assets=[starts_some])
"""

KINDS = ["own_session", "own_session_and_streams", "daemonized", "grandchild"]


def wait_gone(pid: int) -> None:
    """Returns when the process has ended; the test fails if it does not."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        assert poll.poll(LIMIT_MS), f"process {pid} outlived its run"
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_outlives_a_run_that_succeeds(daemon, project, kind):
    one = daemon(project({"defs.py": CODE}), "-f", "defs.py", environment={"KIND": kind, "HOW": "end"})
    one.loaded()
    one.materialize("*")
    for pid in one.metadata("starts_some")["pids"]:
        wait_gone(pid)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_outlives_a_worker_that_is_killed(daemon, project, gate, kind):
    one = daemon(project({"defs.py": CODE}), "-f", "defs.py", environment={"KIND": kind, **gate.environment()})
    one.loaded()
    number = one.launch("*")
    visitor = gate.next_visitor()
    os.kill(visitor.pid, 9)
    step = step_of(one.wait_run(number), "starts_some")
    assert step["error"]["type"] == "WorkerDied"
    for pid in visitor.name.split(",")[1:]:
        wait_gone(int(pid))
