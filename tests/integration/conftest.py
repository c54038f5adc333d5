"""Fixtures of the integration tests: the real daemon, projects in temporary folders, and the gate that holds a step."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .support.daemon import REPOSITORY, Daemon, stopped_at_the_end
from .support.gate import USER_MODULE, Gate


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Path]:
    """project({"defs.py": "…"}) writes a project folder. `gate` can be imported from its modules."""

    def write(files: dict[str, str], name: str = "project") -> Path:
        folder = tmp_path / name
        for path, text in ({"gate.py": USER_MODULE} | files).items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def guide(tmp_path: Path) -> Callable[[str], Path]:
    """guide("5_metadata") copies a project of examples/guide into a temporary folder."""

    def copy(name: str) -> Path:
        return shutil.copytree(REPOSITORY / "examples" / "guide" / name, tmp_path / name)

    return copy


@pytest.fixture
def gate() -> Iterator[Gate]:
    with Gate() as one:
        yield one


@pytest.fixture
def daemon(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[..., Daemon]]:
    """daemon(folder, "-m", "module") starts one; at the test's end it is stopped and must leave no process behind."""
    with stopped_at_the_end() as started:

        def start(
            folder: Path, *arguments: str, home: Path | None = None, environment: dict[str, str] | None = None
        ) -> Daemon:
            home = home or tmp_path / f"home{len(started) or ''}"
            one = Daemon(home, [*arguments, "-d", str(folder)], cwd=tmp_path, environment=environment)
            started.append(one)
            return one.start()

        yield start
