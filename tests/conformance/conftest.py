"""Code locations in Python and C++ that say the same, driven by the protocol alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "python"), str(REPOSITORY)]

from protocol_driver import Host  # noqa: E402

LANGUAGES = ("python", "cpp")


def cpp_program(name: str) -> Path:
    """A program of the release build, or of the build that HEADRACE_BIN names."""
    binary = os.environ.get("HEADRACE_BIN")
    build = Path(binary).parent if binary else REPOSITORY / "build" / "release"
    return build / "tests" / name


class CppHost(Host):
    """A host that is the user's own executable."""

    def _command(self) -> list[str]:
        return [str(cpp_program("headrace_conformance"))]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """start("cpp") starts a host; at the test's end it and its workers are ended."""
    with ExitStack() as stack:

        def start_one(language: str, **environment: str) -> Host:
            kind = CppHost if language == "cpp" else Host
            folder = tmp_path / language
            folder.mkdir(exist_ok=True)
            numbers = tmp_path / "numbers"
            numbers.mkdir(exist_ok=True)
            return stack.enter_context(
                kind(
                    ["-f", str(HERE / "python_location.py")],
                    folder,
                    folder / f"home{len(list(folder.iterdir()))}",
                    environment={"NUMBERS_FOLDER": str(numbers), **environment},
                )
            )

        yield start_one
