"""What a worker tells the daemon of a failed step: what it wants of retries, what its limits did, that it grew too big."""

from __future__ import annotations

import pytest

CODE = """
    from dagster import AssetsDefinition, Definitions, Failure, RetryRequested, asset
    from headrace import worker_executor

    @asset
    def asks() -> None:
        try:
            raise ConnectionError("the server is away")
        except ConnectionError as error:
            raise RetryRequested(max_retries=3, seconds_to_wait=0.5) from error

    @asset
    def asks_without_a_reason() -> None:
        raise RetryRequested()

    @asset
    def forbids() -> None:
        raise Failure("hopeless", metadata={"rows": 3}, allow_retries=False)

    @asset
    def fails() -> None:
        raise ValueError("no")

    @asset
    def takes_memory() -> None:
        bytearray(256 * 2**20)

    @asset
    def quick() -> None:
        pass

    steps = [value for value in globals().values() if isinstance(value, AssetsDefinition)]
    defs = Definitions(assets=steps, executor=worker_executor(max_rss=MAX_RSS))
"""


@pytest.fixture
def worker(start_host):
    host = start_host(CODE.replace("MAX_RSS", "None"))
    host.load()
    return host.fork_worker()


def test_a_step_that_asks_for_a_retry(worker):
    ended = worker.run("asks")
    assert ended["retry"] == {"max_retries": 3, "seconds": 0.5}
    assert (ended["error"]["type"], ended["error"]["message"]) == ("ConnectionError", "the server is away")
    assert worker.run("asks_without_a_reason")["retry"] == {"max_retries": 1, "seconds": None}


def test_a_failure_that_forbids_retries(worker):
    ended = worker.run("forbids")
    assert ended["retry"] is False
    error = ended["error"]
    assert (error["type"], error["message"]) == ("Failure", "hopeless")
    assert error["metadata"] == {"rows": {"type": "int", "value": 3}}


def test_other_ends_say_nothing_of_it(worker):
    for step in ("fails", "quick"):
        ended = worker.run(step)
        assert "retry" not in ended and "retiring" not in ended


def test_a_memory_limit(worker):
    ended = worker.run("takes_memory", memory_limit=64 * 2**20)
    assert ended["status"] == "failure"
    assert ended["error"]["type"] == "MemoryError"
    assert "64 MiB (headrace/memory_limit)" in ended["error"]["message"]
    assert ended["error"]["file"] == "my_code.py"
    ended = worker.run("takes_memory", memory_limit=512 * 2**20, attempt=2)
    assert ended["status"] == "success", ended["error"]
    assert worker.run("takes_memory", attempt=3)["status"] == "success"


def test_a_worker_that_grew_retires(start_host):
    host = start_host(CODE.replace("MAX_RSS", "1"))
    host.load()
    assert host.fork_worker().run("quick")["retiring"] is True
