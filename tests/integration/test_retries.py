"""Retries, limits and executors, declared in Python and followed by the daemon."""

from __future__ import annotations

import textwrap

import pytest

from .support.daemon import step_of

HEADER = """
import os
from pathlib import Path

from dagster import *
from headrace import worker_executor

def count(name):
    \"\"\"How often this was called, over all processes.\"\"\"
    path = Path(f"count_{name}")
    calls = int(path.read_text()) + 1 if path.exists() else 1
    path.write_text(str(calls))
    return calls

"""


@pytest.fixture
def serve(daemon, project):
    """serve("…"): a daemon that has loaded this code."""

    def start(text):
        one = daemon(project({"defs.py": HEADER + textwrap.dedent(text)}), "-f", "defs.py")
        one.loaded()
        return one

    return start


def ends_of(one, run):
    """(attempt, status) of every attempt, in their order."""
    events = one.run_events(run["number"])
    return [(event["attempt"], event["data"]["status"]) for event in events if event["type"] == "step_ended"]


def test_a_flaky_step_succeeds_by_its_policy(serve):
    one = serve("""
        @asset(retry_policy=RetryPolicy(max_retries=3, delay=0.01, backoff=Backoff.EXPONENTIAL, jitter=Jitter.FULL))
        def flaky(context) -> int:
            if count("flaky") < 3:
                raise ConnectionError("the server is away")
            return context.retry_number

        @asset
        def after(flaky: int) -> None:
            assert flaky == 2

        defs = Definitions(assets=[flaky, after])
    """)
    run = one.materialize("*")
    assert ends_of(one, run) == [(1, "retrying"), (2, "retrying"), (3, "success"), (1, "success")]


def test_retries_that_the_step_asks_for_or_forbids(serve):
    one = serve("""
        @asset
        def asks() -> None:
            if count("asks") == 1:
                raise RetryRequested(max_retries=1, seconds_to_wait=0.01) from ValueError("not yet")

        @asset(retry_policy=RetryPolicy(5))
        def hopeless() -> None:
            raise Failure("no such table", metadata={"table": "iris"}, allow_retries=False)

        defs = Definitions(assets=[asks, hopeless])
    """)
    run = one.materialize("asks")
    assert ends_of(one, run) == [(1, "retrying"), (2, "success")]
    run = one.materialize("hopeless", expect="failure")
    assert ends_of(one, run) == [(1, "failure")]
    error = step_of(run, "hopeless")["error"]
    assert (error["type"], error["message"]) == ("Failure", "no such table")
    assert error["metadata"] == {"table": {"type": "text", "value": "iris"}}


def test_limits_of_time_and_memory(serve):
    one = serve("""
        @asset(op_tags={"headrace/time_limit": 0.05})
        def endless() -> None:
            while True:
                pass

        @asset(op_tags={"headrace/memory_limit": "64 MiB"})
        def greedy() -> None:
            bytearray(256 * 2**20)

        defs = Definitions(assets=[endless, greedy])
    """)
    run = one.materialize("*", expect="failure")
    error = step_of(run, "endless")["error"]
    assert error["type"] == "StepTimeLimitExceeded" and "0.05 seconds" in error["message"]
    error = step_of(run, "greedy")["error"]
    assert error["type"] == "MemoryError" and "64 MiB" in error["message"]


PIDS = """
    @asset
    def first() -> int:
        return os.getpid()

    @asset
    def second(first: int) -> int:
        return os.getpid()

    @asset
    def third(context, first: int, second: int) -> None:
        context.add_output_metadata({"processes": len({first, second, os.getpid()})})

    defs = Definitions(assets=[first, second, third], executor=EXECUTOR)
"""


@pytest.mark.parametrize(
    ("executor", "processes"),
    [
        ("None", 1),
        ("in_process_executor", 1),
        ("multiprocess_executor", 3),
        ("multiprocess_executor.configured({'start_method': {'spawn': {}}})", 3),
        ("worker_executor(max_rss=1)", 3),
    ],
)
def test_executors_decide_over_processes(serve, executor, processes):
    one = serve(PIDS.replace("EXECUTOR", executor))
    one.materialize("*")
    assert one.metadata("third")["processes"] == processes
