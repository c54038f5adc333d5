"""Networks that break and stores that are overloaded: retries help where they can, and nothing is ever half stored."""

from __future__ import annotations

import os
from typing import Any

import pytest

from headrace import build_input_context, build_output_context
from headrace.log import get_log_manager

from .support.stores import TestedStore

# Making a client takes longer than most of what is done with it.
_managers: dict[object, Any] = {}


class Bench:
    """Stores and loads one value, and keeps what was logged."""

    def __init__(self, store: TestedStore, **settings: object) -> None:
        self.store = store
        self.log: list[str] = []
        known = (store.name, *settings.items())
        if known not in _managers:
            _managers[known] = store.manager("Pickle", prefix="faults", **settings)
            _managers[known].inner_io_manager()  # its client is made before requests are counted
        self.manager = _managers[known]

    def context(self, build):
        context = build(asset_key="value")
        context._log = get_log_manager(lambda level, text: self.log.append(f"{level}: {text}"))
        return context

    def save(self, value: object) -> None:
        self.manager.handle_output(self.context(build_output_context), value)

    def load(self) -> object:
        return self.manager.load_input(self.context(build_input_context))

    def warnings(self) -> list[str]:
        return [line.removeprefix("warning: ") for line in self.log if line.startswith("warning")]


@pytest.fixture
def bench(store):
    one = Bench(store)
    one.save("old")
    return one


# More than 100 kB, so that a cut comes in the middle.
NEW = {"new": os.urandom(200_000)}
PASSING = ["cut", "cut_upload", "cut_after", 429, 500, 503]


@pytest.mark.parametrize("fault", PASSING)
def test_storing_gets_over_one_failed_request(bench, fault):
    with bench.store.proxy.faults({1: fault}) as proxy:
        bench.save(NEW)
        assert len(proxy.requests) >= 2
        assert bench.load() == NEW
    (line,) = bench.warnings()
    assert line.startswith(f"Storing {bench.store.uri_prefix}faults/value: ")
    assert "Attempt 2 of 3 follows in" in line
    assert not isinstance(fault, int) or str(fault) in line


@pytest.mark.parametrize("fault", ["cut", "cut_answer", 429, 503])
def test_loading_gets_over_one_failed_request(bench, fault):
    bench.save(NEW)
    with bench.store.proxy.faults({1: fault}):
        assert bench.load() == NEW
    if (bench.store.name, fault) == ("adls2", "cut_answer"):
        return  # Azure's client asks for the rest by itself
    (line,) = bench.warnings()
    assert line.startswith(f"Loading {bench.store.uri_prefix}faults/value: ")


@pytest.mark.parametrize("fault", ["cut", "cut_upload", 503])
def test_a_store_that_stays_away_is_told_and_the_last_good_value_stays(bench, fault):
    with bench.store.proxy.faults(always=fault) as proxy, pytest.raises(Exception) as caught:
        bench.save(NEW)
    assert len(proxy.requests) == 0  # reset
    message = str(caught.value)
    assert type(caught.value).__name__ == "StoreUnavailableError"
    assert f"{bench.store.uri_prefix}faults/value" in message
    assert "in 3 attempts" in message
    assert "What was stored before is unchanged" in message
    assert len(bench.warnings()) == 2
    assert bench.load() == "old"


def test_a_store_that_never_answers_is_given_up(store):
    bench = Bench(store, request_timeout=0.2, max_attempts=2)
    with store.proxy.faults(always="hold"), pytest.raises(Exception) as caught:
        bench.load()
    assert type(caught.value).__name__ == "StoreUnavailableError"
    assert len(bench.warnings()) == 1


@pytest.mark.parametrize("fault", ["cut_upload", "cut", "cut_after"])
def test_each_request_of_a_large_upload_may_fail(store, monkeypatch, fault):
    """Parts are put together at the end: whichever request fails for good, a whole value is there."""
    new = {"new": os.urandom(6 << 20 if store.name == "s3" else 200_000)}
    make_parts_small(store, monkeypatch)
    _managers.pop((store.name, ("max_attempts", 1)), None)  # Azure's client knows the size of parts when it is made
    bench = Bench(store, max_attempts=1)
    with store.proxy.faults() as proxy:
        bench.save(new)
        count = len(proxy.requests)
    assert count >= 2
    for number in range(1, count + 1):
        bench.save("old")
        with store.proxy.faults({number: fault}), pytest.raises(Exception) as caught:
            bench.save(new)
        assert type(caught.value).__name__ == "StoreUnavailableError", caught.value
        # Only the answer to what puts the parts together, or comes after it, may have been lost.
        assert bench.load() == "old" or (bench.load() == new and number >= count - 1)


def make_parts_small(store: TestedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a small value is sent in parts too."""
    if store.name == "s3":
        from headrace.stores import s3_store

        monkeypatch.setattr(s3_store, "_LARGEST_PUT", 1000)
        monkeypatch.setattr(s3_store, "_PART", 5 << 20)  # boto3 sends no smaller ones
    elif store.name == "gcs":
        from google.cloud.storage import blob

        monkeypatch.setattr(blob, "_MAX_MULTIPART_SIZE", 1000)
    else:
        from azure.storage.blob import BlobServiceClient

        made = BlobServiceClient.__init__

        def init(self, *args, **options):
            made(self, *args, **options, max_single_put_size=1000, max_block_size=64 * 1024)

        monkeypatch.setattr(BlobServiceClient, "__init__", init)
