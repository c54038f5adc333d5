"""Fixtures of the stores' tests: each emulator is started once in a test process, when a test first wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from integration.conftest import daemon, project  # noqa: F401 - fixtures

from .support import stores
from .support.stores import TestedStore


@pytest.fixture(scope="session")
def started_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], TestedStore]]:
    """started_store("s3"): one emulator of each kind."""
    started: dict[str, TestedStore] = {}

    def start(name: str) -> TestedStore:
        if name not in started:
            started[name] = stores.start(name, tmp_path_factory.mktemp(name))
        return started[name]

    yield start
    for each in started.values():
        each.server.close()


@pytest.fixture(params=["s3", "gcs", "adls2"])
def store(request: pytest.FixtureRequest, started_store: Callable[[str], TestedStore]) -> TestedStore:
    """Each blob store in turn, without faults."""
    one = started_store(request.param)
    one.proxy.reset()
    return one


@pytest.fixture
def adls2(started_store: Callable[[str], TestedStore]) -> TestedStore:
    """Azure."""
    one = started_store("adls2")
    one.proxy.reset()
    return one


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
