"""Cancellation and time limits."""

from __future__ import annotations

import signal

import pytest

CODE = """
    import os, signal, sys, time
    from dagster import AssetsDefinition, ConfigurableResource, Definitions, asset

    @asset
    def sleeps() -> None:
        print("asleep")
        signal.pause()

    @asset
    def computes() -> None:
        print("busy")
        while True:
            pass

    @asset
    def cleans_up() -> None:
        try:
            print("asleep")
            signal.pause()
        finally:
            print("cleaned up")

    @asset
    def catches_errors() -> None:
        try:
            print("asleep")
            signal.pause()
        except Exception:
            print("swallowed")

    @asset
    def turns_it_into_an_error() -> None:
        try:
            print("asleep")
            signal.pause()
        except BaseException as interruption:
            raise RuntimeError("stopped") from interruption

    @asset
    def swallows() -> None:
        try:
            print("asleep")
            signal.pause()
        except BaseException:
            print("swallowed")

    @asset
    def has_a_child() -> None:
        import multiprocessing
        child = multiprocessing.get_context("fork").Process(target=signal.pause)
        child.start()
        child.terminate()
        child.join()
        print("child ended with", child.exitcode)

    @asset
    def quick() -> None:
        pass

    class Slow(ConfigurableResource):
        def teardown_after_execution(self, context):
            print("asleep in teardown")
            signal.pause()

    @asset
    def with_slow_teardown(slow: Slow) -> None:
        pass

    class Bad(ConfigurableResource):
        def teardown_after_execution(self, context):
            raise ValueError("teardown trouble")

    @asset
    def with_bad_teardown(bad: Bad) -> None:
        pass

    steps = [value for value in globals().values() if isinstance(value, AssetsDefinition)]
    defs = Definitions(assets=steps, resources={"slow": Slow(), "bad": Bad()})
"""


@pytest.fixture
def host(start_host):
    host = start_host(CODE)
    host.load()
    return host


def started(host, step, **fields):
    """A worker that is in the middle of this step."""
    worker = host.fork_worker()
    worker.send(worker.step(step, **fields))
    worker.wait_for_output("busy" if step == "computes" else "asleep")
    return worker


@pytest.mark.parametrize(
    "step", ["sleeps", "computes", "cleans_up", "catches_errors", "turns_it_into_an_error"]
)
@pytest.mark.parametrize("how", ["message", "signal", "both"])
def test_cancel_the_open_step(host, step, how):
    worker = started(host, step)
    if how != "signal":
        worker.cancel(step)
    if how != "message":
        worker.kill(signal.SIGTERM)
    ended = worker.wait_for("step_ended")
    assert (ended["status"], ended["error"]) == ("canceled", None)
    if step == "cleans_up":
        assert "cleaned up" in worker.output()
    assert "swallowed" not in worker.output()


def test_the_worker_goes_on_after_a_canceled_step(host):
    worker = started(host, "sleeps")
    worker.cancel("sleeps")
    worker.wait_for("step_ended", status="canceled")
    assert worker.run("quick")["status"] == "success"
    worker.no_more_steps()
    assert host.wait_for_exit_of(worker)["exit_code"] == 0


def test_a_swallowed_cancellation_is_the_codes_decision(host):
    worker = started(host, "swallows")
    worker.cancel("swallows")
    assert worker.wait_for("step_ended")["status"] == "success"


def test_another_steps_cancellation_is_not_ours(host):
    worker = started(host, "sleeps")
    # All at once: the signal of the first alone would end the pause, and with it the step.
    worker.send(
        {**worker.step("sleeps", attempt=7), "type": "cancel_step"},
        {**worker.step("quick"), "type": "cancel_step"},
        {**worker.step("sleeps"), "type": "cancel_step"},
    )
    assert worker.wait_for("step_ended", step_key="sleeps")["status"] == "canceled"
    assert len(worker.events("sleeps")) == len(["step_started", "inputs_loaded", "step_ended"])


def test_a_step_canceled_in_the_queue_never_runs(host):
    worker = started(host, "sleeps")
    # All at once: the signal of the first alone would end the pause, and with it the step.
    cancel = [{**worker.step(step), "type": "cancel_step"} for step in ("computes", "sleeps")]
    worker.send(worker.step("computes"), *cancel)
    assert worker.wait_for("step_ended", step_key="computes")["status"] == "canceled"
    assert [line["type"] for line in worker.events("computes")] == ["step_started", "step_ended"]
    assert "busy" not in worker.output()


def test_a_cancellation_that_comes_with_its_step(host):
    worker = host.fork_worker()
    worker.wait_for("worker_started")
    cancel = {**worker.step("sleeps"), "type": "cancel_step"}
    worker.send(worker.step("sleeps"), cancel)
    assert worker.wait_for("step_ended", step_key="sleeps")["status"] == "canceled"


def test_sigterm_with_no_step_open_ends_the_worker(host):
    worker = host.fork_worker()
    worker.run("quick")
    worker.kill(signal.SIGTERM)
    worker.wait_for_end(nudge=lambda: worker.kill(signal.SIGTERM))
    assert host.wait_for_exit_of(worker)["exit_code"] == 0
    assert worker.journal()[-1]["reason"] == "terminated"


@pytest.mark.parametrize("step", ["sleeps", "computes"])
def test_a_time_limit_fails_the_step(host, step):
    worker = host.fork_worker()
    ended = worker.run(step, time_limit_ms=50)
    assert ended["status"] == "failure"
    assert ended["error"]["type"] == "StepTimeLimitExceeded"
    assert ended["error"]["message"] == "the step ran longer than its limit of 0.05 seconds"
    assert ended["error"]["file"] == "my_code.py"
    assert worker.run("quick")["status"] == "success"


def test_a_limit_that_is_kept_does_no_harm(host):
    worker = host.fork_worker()
    assert worker.run("quick", time_limit_ms=60_000)["status"] == "success"
    assert worker.run("quick", attempt=2)["status"] == "success"


def test_a_child_of_the_step_dies_of_sigterm_as_usual(host):
    worker = host.fork_worker()
    assert worker.run("has_a_child")["status"] == "success"
    assert f"child ended with -{int(signal.SIGTERM)}" in worker.output()


def test_sigterm_ends_a_teardown_that_hangs(host):
    worker = host.fork_worker()
    assert worker.run("with_slow_teardown")["status"] == "success"
    worker.no_more_steps()
    worker.wait_for_output("asleep in teardown")
    worker.kill(signal.SIGTERM)
    worker.wait_for_end(nudge=lambda: worker.kill(signal.SIGTERM))
    assert host.wait_for_exit_of(worker)["exit_code"] == 0
    assert worker.journal()[-1]["type"] == "worker_ended"


def test_a_teardown_that_raises_is_told_on_stderr(host):
    worker = host.fork_worker()
    assert worker.run("with_bad_teardown")["status"] == "success"
    worker.no_more_steps()
    worker.wait_for_end()
    assert host.wait_for_exit_of(worker)["exit_code"] == 0
    assert "ValueError: teardown trouble" in worker.errors()
