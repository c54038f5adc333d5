"""Workers have their next short steps at hand; nobody's step ever waits behind somebody else's long one."""

from __future__ import annotations

import os
import signal
import textwrap

import pytest

from .support.processes import wait_gone

CODE = """
    import os
    from dagster import AssetsDefinition, Definitions, asset
    from gate import pass_gate

    def quick(number):
        @asset(name=f"a{number:02}")
        def made() -> None:
            with open(os.environ["TEST_BEGUN"], "a") as file:
                file.write(f"{number}\\n")
        return made

    @asset
    def a30() -> None:
        pass_gate("a30")

    defs = Definitions(assets=[a30, *[quick(number) for number in range(60) if number != 30]])
"""


CHAIN = """
    import os
    from dagster import RetryPolicy, asset

    def link(number):
        before = [] if number == 0 else [f"a{number - 1:02}"]

        @asset(name=f"a{number:02}", deps=before, retry_policy=RetryPolicy(max_retries=1) if number == 20 else None)
        def made(context) -> None:
            with open(os.environ["TEST_BEGUN"], "a") as file:
                file.write(f"{number}\\n")
            if number == 20 and context.retry_number == 0 or number == int(os.environ.get("TEST_FAILS", "-1")):
                raise ValueError("asked to fail")
        return made

    chain = [link(number) for number in range(60)]
"""


@pytest.fixture
def begun(tmp_path):
    return tmp_path / "begun"


@pytest.fixture
def run(daemon, project, gate, begun):
    """A run of sixty assets that depend on nothing, whose thirty-first waits at the gate: daemon, number, visitor."""
    folder = project({"defs.py": textwrap.dedent(CODE)})
    one = daemon(folder, "-f", "defs.py", environment=gate.environment() | {"TEST_BEGUN": str(begun)})
    one.loaded()
    number = one.launch()
    return one, number, gate.next_visitor()


def statuses(run):
    return {step["step_key"]: step["status"] for step in run["steps"]}


def all_but_the_long_one(status):
    return lambda run: all(is_ == status for key, is_ in statuses(run).items() if key != "a30")


def test_all_others_end_while_a_long_one_goes_on(run):
    one, number, visitor = run
    meanwhile = one.wait_for(f"/api/v1/runs/{number}", f"run:{number}", all_but_the_long_one("success"))
    assert statuses(meanwhile)["a30"] == "running"
    visitor.let_pass()
    assert one.wait_run(number)["status"] == "success"


def test_a_killed_worker_takes_only_the_step_it_was_in(run, begun):
    one, number, visitor = run
    os.kill(visitor.pid, signal.SIGKILL)
    assert one.wait_run(number)["status"] == "failure"
    ended = one.run(number)
    assert statuses(ended).pop("a30") == "failure"
    assert all_but_the_long_one("success")(ended)
    assert {step["attempt"] for step in ended["steps"]} == {1}
    assert sorted(begun.read_text().split()) == sorted(str(each) for each in range(60) if each != 30)


def test_after_a_kill_of_the_daemon_nothing_is_begun_twice(run, begun):
    one, number, visitor = run
    one.kill()
    one.start()
    visitor.let_pass()
    assert one.wait_run(number)["status"] == "success"
    assert sorted(begun.read_text().split()) == sorted(str(each) for each in range(60) if each != 30)


def test_what_a_canceled_run_has_not_begun_it_never_begins(run, begun):
    one, number, visitor = run
    one.post(f"/api/v1/runs/{number}/cancel", expect=202)
    visitor.wait_gone()
    assert one.wait_run(number)["status"] == "canceled"
    known = statuses(one.run(number))
    had_begun = {f"a{int(each):02}" for each in begun.read_text().split()}
    assert had_begun >= {key for key, status in known.items() if status == "success"}
    assert {status for key, status in known.items() if key not in had_begun} == {"canceled"}
    assert wait_gone(visitor.pid)


def run_chain(daemon, project, begun, **environment):
    one = daemon(
        project({"defs.py": textwrap.dedent(CHAIN)}),
        "-f",
        "defs.py",
        environment={"TEST_BEGUN": str(begun)} | environment,
    )
    one.loaded()
    number = one.launch()
    status = one.wait_run(number)["status"]
    ended = one.run(number)
    return status, {step["step_key"]: (step["status"], step["attempt"]) for step in ended["steps"]}


def test_a_chain_goes_on_after_a_retry(daemon, project, begun):
    status, steps = run_chain(daemon, project, begun)
    assert status == "success"
    assert begun.read_text().split() == [str(each) for each in [*range(21), *range(20, 60)]]
    assert steps == {f"a{each:02}": ("success", 2 if each == 20 else 1) for each in range(60)}


def test_what_follows_a_failed_step_is_skipped(daemon, project, begun):
    status, steps = run_chain(daemon, project, begun, TEST_FAILS="33")
    assert status == "failure"
    assert begun.read_text().split() == [str(each) for each in [*range(21), *range(20, 34)]]
    assert [steps[f"a{each:02}"][0] for each in range(60)] == ["success"] * 33 + ["failure"] + [
        "skipped"
    ] * 26
