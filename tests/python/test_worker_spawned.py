"""Workers that load the code themselves, for locations that cannot be forked."""

from __future__ import annotations

import signal

import pytest
from protocol_driver import is_locked

CODE = """
    import os, threading
    from dagster import asset

    threading.Thread(target=threading.Event().wait, name="ticker").start()
    print("imported by", os.environ["HEADRACE_ROLE"])

    @asset
    def one():
        return 1

    @asset
    def two(one):
        return one + 1

    @asset
    def sleeps() -> None:
        print("asleep")
        import signal
        signal.pause()
"""


@pytest.fixture
def host(start_host):
    host = start_host(CODE)
    assert host.describe()["worker_start"] == "spawn"
    return host


def test_a_spawned_worker_runs_steps(host):
    worker = host.spawn_worker()
    assert worker.run("one")["status"] == "success"
    assert worker.run("two")["status"] == "success"
    worker.no_more_steps()
    worker.wait_for_end()  # it does not wait for the import's thread
    assert not is_locked(worker.files.journal)
    assert [line["type"] for line in worker.journal()][-1] == "worker_ended"
    assert worker.output().startswith("imported by worker\n")


def test_its_definitions_have_the_same_hash(host):
    host.send({"type": "describe"})
    expected = host.receive()["hash"]
    started = host.spawn_worker().wait_for("worker_started")
    assert (started["hash"], started["worker_id"]) == (expected, 1)


def test_definitions_other_than_the_runs_are_told(host):
    host.send({"type": "describe"})
    answer = host.receive()
    started = host.spawn_worker(answer["hash"]).wait_for("worker_started")
    assert "definitions" not in started
    started = host.spawn_worker("0" * 64).wait_for("worker_started")
    assert started["definitions"] == answer["definitions"]


def test_it_is_canceled_as_any_other(host):
    worker = host.spawn_worker()
    worker.send(worker.step("sleeps"))
    worker.wait_for_output("asleep")
    worker.cancel("sleeps")
    assert worker.wait_for("step_ended")["status"] == "canceled"


def test_it_outlives_the_host(host):
    worker = host.spawn_worker()
    worker.wait_for("worker_started")
    signal.pidfd_send_signal(host.pidfd, signal.SIGKILL)
    host.wait_for_end()
    assert worker.run("one")["status"] == "success"


def test_code_that_no_longer_loads_fails_the_step_with_its_error(host):
    (host.directory / "my_code.py").write_text("def broken(:\n")
    worker = host.spawn_worker()
    ended = worker.run("one")
    assert (ended["status"], ended["error"]["type"], ended["error"]["phase"]) == (
        "failure",
        "SyntaxError",
        "load",
    )
    worker.no_more_steps()
    worker.wait_for_end()
    assert worker.journal()[0]["hash"] == ""
