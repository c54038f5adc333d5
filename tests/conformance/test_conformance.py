"""Both SDKs say the same in the same scenario: equal definitions, equal journals, equal log lines."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable
from typing import Any

import normalized
import pytest
from locations import LANGUAGES
from protocol_driver import Host, Worker

Steps = Callable[[Host, Worker], None]


def run(*names: str, **fields: Any) -> Steps:
    """Steps one after the other in one worker."""

    def go(host: Host, worker: Worker) -> None:
        for name in names:
            inputs = [{"name": each, "asset_key": [each], "in_run": True} for each in INPUTS.get(name, ())]
            worker.run(name, inputs=inputs, **fields)

    return go


INPUTS = {"two": ["one"], "after_nothing": ["nothing"]}


def journal_of(start: Callable[..., Host], language: str, steps: Steps, *, spawn: bool = False) -> dict[str, Any]:
    """What a worker of this language leaves behind."""
    host = start(language)
    host.load()
    worker = host.spawn_worker() if spawn else host.fork_worker()
    steps(host, worker)
    worker.no_more_steps()
    worker.wait_for_end()
    log = [{**line, "time": 0} for line in worker.log()]
    return {
        "journal": [normalized.event(line) for line in worker.journal()],
        "log": log,
        "stdout": worker.output(),
        "stderr": re.sub(r"(?s)Traceback.*|\S+: the step.*", "", worker.errors()),
        "exit": None if spawn else host.wait_for_exit_of(worker)["exit_code"],
    }


SCENARIOS: dict[str, Steps] = {
    "a chain": run("one", "two"),
    "an error": run("fails", "one"),
    "output and log": run("prints"),
    "metadata, versions, observations": run("tells"),
    "no value": run("nothing"),
    "an input that is not stored": run("after_nothing"),
    "a wish for a retry": run("asks_for_retry"),
    "a failure with metadata": run("tells_of_failure"),
    "config by default": run("configured"),
    "config of the run": run("configured", run_config={"ops": {"configured": {"config": {"rows": 5}}}}),
    "a resource": run("greets", "greets"),
    "a resource's config of the run": run(
        "greets", run_config={"resources": {"greeter": {"config": {"greeting": "hi"}}}}
    ),
    "surroundings": run("changes_surroundings", "sees_surroundings"),
    "a partition": run("one", partition="2026-11-26"),
    "another attempt": run("one", attempt=3),
    "a key of two parts": run("deep__key"),
    "an ordering": run("after_order"),
    "a memory limit": run("grabs", memory_limit=64 << 20),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_journals_are_equal(start: Callable[..., Host], scenario: str) -> None:
    python, cpp = (journal_of(start, language, SCENARIOS[scenario]) for language in LANGUAGES)
    assert cpp == python
    assert len(python["journal"]) > 2


def test_a_spawned_worker_says_the_same_as_a_forked_one(start: Callable[..., Host]) -> None:
    python, cpp = (journal_of(start, language, run("one", "two"), spawn=True) for language in LANGUAGES)
    assert cpp == python


def test_definitions_are_equal(start: Callable[..., Host]) -> None:
    python, cpp = (normalized.definitions(start(language).load()) for language in LANGUAGES)
    by_key = {"/".join(asset["key"]): asset for asset in python["assets"]}
    for asset in cpp["assets"]:
        assert asset == by_key["/".join(asset["key"])]
    assert cpp == python


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_load_that_fails(start: Callable[..., Host], language: str) -> None:
    answer = start(language, FAIL_TO_LOAD="1").describe()
    assert answer["type"] == "load_failed"
    assert normalized.error(answer["error"])["type"] == "RuntimeError"
    assert (answer["error"]["message"], answer["error"]["phase"]) == ("asked not to load", "load")


@pytest.mark.parametrize("language", LANGUAGES)
def test_threads_of_the_load_make_workers_start_afresh(start: Callable[..., Host], language: str) -> None:
    answer = start(language, LEAVE_A_THREAD="1").describe()
    assert answer["worker_start"] == "spawn"
    assert "1 thread running" in answer["worker_start_reason"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("by_signal", [False, True])
def test_cancellation(start: Callable[..., Host], language: str, by_signal: bool) -> None:
    host = start(language)
    host.load()
    worker = host.fork_worker()
    worker.send(worker.step("waits"))
    worker.wait_for_output("waiting")
    if by_signal:
        worker.kill(signal.SIGTERM)
    else:
        worker.cancel("waits")
    assert worker.wait_for("step_ended", step_key="waits")["status"] == "canceled"
    assert worker.run("one")["status"] == "success"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_step_that_is_canceled_before_it_begins(start: Callable[..., Host], language: str) -> None:
    host = start(language)
    host.load()
    worker = host.fork_worker()
    worker.send(worker.step("waits"), worker.step("one"))
    worker.wait_for_output("waiting")
    worker.cancel("one")
    worker.cancel("waits")
    assert worker.wait_for("step_ended", step_key="one")["status"] == "canceled"
    assert [line["type"] for line in worker.events("one")] == ["step_started", "step_ended"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sigterm_between_steps_ends_the_worker(start: Callable[..., Host], language: str) -> None:
    host = start(language)
    host.load()
    worker = host.fork_worker()
    worker.run("one")
    worker.kill(signal.SIGTERM)
    worker.wait_for_end()
    assert worker.journal()[-1] | {"time": 0} == {"type": "worker_ended", "time": 0, "reason": "terminated"}
    assert host.wait_for_exit_of(worker)["exit_code"] == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_time_limit(start: Callable[..., Host], language: str) -> None:
    host = start(language)
    host.load()
    worker = host.fork_worker()
    ended = worker.run("waits", time_limit_ms=50)
    assert (ended["status"], ended["error"]["type"]) == ("failure", "StepTimeLimitExceeded")
    assert ended["error"]["message"] == "the step ran longer than its limit of 0.05 seconds"
    assert worker.run("one")["status"] == "success"


@pytest.mark.parametrize("language", LANGUAGES)
def test_claims_decide_who_begins_a_step(start: Callable[..., Host], language: str) -> None:
    host = start(language)
    host.load()
    worker = host.fork_worker()
    assert worker.wait_for("worker_started")["claims"] is True
    worker.files.claim(1)
    worker.files.claim(2)
    worker.send(worker.step("waits"))
    worker.wait_for_output("waiting")
    assert worker.files.take_back_claims() == [1, 2]
    worker.files.claim(3)
    worker.send(worker.step("one", claim=1), worker.step("prints", claim=2), worker.step("deep__key", claim=3))
    worker.cancel("waits")
    worker.wait_for("step_ended", step_key="deep__key")
    assert [line["step_key"] for line in worker.journal() if line["type"] == "step_started"] == ["waits", "deep__key"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_step_at_hand_follows_others(start: Callable[..., Host], language: str) -> None:
    host = start(language)
    host.load()
    worker = host.fork_worker()
    assert worker.wait_for("worker_started")["chains"] is True
    of_one = [{"name": "one", "asset_key": ["one"], "in_run": True}]
    steps = [
        worker.step("one", claim=1),
        worker.step("two", claim=2, after=["one"], inputs=of_one),
        worker.step("fails", claim=3),
        worker.step("deep__key", claim=4, after=["fails"]),  # never begun, and its claim is left
        worker.step("prints", claim=5, after=["deep__key"]),
        worker.step("nothing", claim=6, after=["one", "two"]),
    ]
    for claim in range(1, 7):
        worker.files.claim(claim)
    worker.send(*steps)
    assert worker.wait_for("step_ended", step_key="nothing")["status"] == "success"
    begun = [line["step_key"] for line in worker.journal() if line["type"] == "step_started"]
    assert begun == ["one", "two", "fails", "nothing"]
    worker.files.claim(7)
    worker.send(worker.step("prints", claim=7, after=["never_given"]))
    worker.no_more_steps()
    worker.wait_for_end()
    assert worker.files.take_back_claims() == [7]
    assert worker.events("prints") == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_that_is_no_message_ends_the_worker(start: Callable[..., Host], language: str) -> None:
    host = start(language)
    host.load()
    worker = host.fork_worker()
    worker.run("one")
    worker.files.socket.sendall(b"nonsense\n")
    worker.wait_for_end()
    assert worker.journal()[-1]["type"] == "worker_ended"
    assert host.wait_for_exit_of(worker)["exit_code"] == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_crash_costs_the_worker(start: Callable[..., Host], language: str) -> None:
    host = start(language)
    host.load()
    worker = host.fork_worker()
    worker.send(worker.step("crashes"))
    worker.wait_for_end()
    assert host.wait_for_exit_of(worker)["signal"] == signal.SIGSEGV
    assert "crashes" in worker.errors()


def test_a_crash_of_cpp_code_is_a_failed_step_with_its_stack(start: Callable[..., Host]) -> None:
    host = start("cpp")
    host.load()
    worker = host.fork_worker()
    ended = worker.run("crashes")
    error = ended["error"]
    assert (ended["status"], error["type"]) == ("failure", "SIGSEGV")
    assert re.search(r"crashes\(\)|crashes at \S*location\.cpp:\d+", error["stack"]), error["stack"]
    assert error["file"].endswith("location.cpp") and error["line"] > 0


def test_cpp_code_that_never_asks_ends_in_the_middle(start: Callable[..., Host]) -> None:
    host = start("cpp")
    host.load()
    worker = host.fork_worker()
    ended = worker.run("stuck", time_limit_ms=50)
    assert (ended["status"], ended["error"]["type"]) == ("failure", "StepTimeLimitExceeded")
    assert "stuck" in ended["error"]["stack"]
    worker.wait_for_end()
    assert host.wait_for_exit_of(worker)["exit_code"] == 1
