"""Steps at hand: a worker begins only what it has claimed, so that the daemon can take the rest back."""

from __future__ import annotations

import os

import pytest

CODE = """
    import os
    from dagster import asset

    @asset
    def quick() -> None:
        pass

    @asset
    def slow() -> None:
        print("slow has begun")
        fifo = os.open("go", os.O_RDONLY)  # until the test writes
        os.read(fifo, 1)
        os.close(fifo)

    @asset
    def closes_its_neighbours() -> None:
        os.closerange(6, 64)
"""


@pytest.fixture
def host(start_host):
    host = start_host(CODE)
    host.load()
    os.mkfifo(host.directory / "go")
    return host


@pytest.fixture
def worker(host):
    worker = host.fork_worker()
    assert worker.wait_for("worker_started")["claims"] is True
    return worker


def give(worker, step_key, claim):
    worker.files.claim(claim)
    worker.send(worker.step(step_key, attempt=claim, claim=claim))


def let_go(host):
    with (host.directory / "go").open("wb", buffering=0) as fifo:
        fifo.write(b"x")


def begun(worker):
    return [line["attempt"] for line in worker.journal() if line["type"] == "step_started"]


def test_steps_at_hand_are_run_in_order(worker):
    for claim in (1, 2, 3):
        give(worker, "quick", claim)
    worker.wait_for("step_ended", attempt=3)
    assert begun(worker) == [1, 2, 3]
    assert worker.files.take_back_claims() == []


def test_what_is_taken_back_is_never_begun(host, worker):
    give(worker, "slow", 1)
    give(worker, "quick", 2)
    give(worker, "quick", 3)
    worker.wait_for_output("slow has begun")
    assert worker.files.take_back_claims() == [2, 3]
    give(worker, "quick", 4)
    let_go(host)
    worker.wait_for("step_ended", attempt=4)
    worker.no_more_steps()
    worker.wait_for_end()
    assert begun(worker) == [1, 4]
    assert host.wait_for_exit_of(worker)["exit_code"] == 0


def test_a_step_without_a_claim_does_not_use_up_anothers(worker):
    worker.files.claim(5)
    worker.send(worker.step("quick", attempt=4), worker.step("quick", attempt=5, claim=5))
    worker.wait_for("step_ended", attempt=5)
    assert begun(worker) == [4, 5]


def test_without_its_daemon_a_worker_begins_nothing_more(host, worker):
    give(worker, "slow", 1)
    give(worker, "quick", 2)
    worker.wait_for_output("slow has begun")
    worker.files.close_as_a_daemon_that_dies()
    let_go(host)
    worker.wait_for_end()
    assert begun(worker) == [1]
    assert host.wait_for_exit_of(worker)["exit_code"] == 0


def test_a_worker_whose_claims_were_closed_says_so_and_ends(host, worker):
    give(worker, "closes_its_neighbours", 1)
    give(worker, "quick", 2)
    worker.wait_for_end()
    assert begun(worker) == [1]
    assert host.wait_for_exit_of(worker)["exit_code"] == 1
    assert "closed descriptor 6" in worker.wait_for("worker_ended")["reason"]


FOLLOWERS = """
    import datetime
    import pandas
    from dagster import Definitions, asset
    from headrace import CSVIOManager

    @asset
    def days() -> pandas.DataFrame:
        return pandas.DataFrame({"day": [datetime.date(2026, 1, 2)], "name": ["007"]})

    @asset
    def names(days: pandas.DataFrame) -> None:
        print(days["day"][0] == datetime.date(2026, 1, 2), days["name"][0])

    defs = Definitions(assets=[days, names], resources={"io_manager": CSVIOManager(base_dir="tables")})
"""


def test_a_step_that_follows_another_reads_what_that_one_said_of_its_value(start_host):
    """CSV does not say its columns' types: the materialization does, which the daemon had not read when it gave the step."""
    host = start_host(FOLLOWERS)
    host.load()
    worker = host.fork_worker()
    read = [{"name": "days", "asset_key": ["days"], "in_run": True, "materialization": None}]
    for claim in (1, 2):
        worker.files.claim(claim)
    worker.send(worker.step("days", claim=1), worker.step("names", claim=2, after=["days"], inputs=read))
    assert worker.wait_for("step_ended", step_key="names")["status"] == "success"
    assert worker.output() == "True 007\n"
