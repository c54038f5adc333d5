"""Code locations in Python and C++ that say the same, driven by the protocol alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from locations import HERE, CppHost, Host, cpp_program
from tests.integration.support.daemon import Daemon, stopped_at_the_end

ARGUMENTS = {
    "python": ["-f", str(HERE / "python_location.py")],
    "cpp": ["--exe", str(cpp_program("headrace_conformance"))],
    "node": ["--exe", str(HERE.parent / "locations" / "node.mjs")],
}


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


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    with stopped_at_the_end() as started:

        def start(language: str, *more: str, folder: Path | None = None, **environment: str) -> Daemon:
            folder = folder or tmp_path
            (folder / "numbers").mkdir(exist_ok=True)
            arguments = ARGUMENTS.get(language, []) + list(more)
            one = Daemon(
                tmp_path / f"home_{language}_{len(started)}",
                [*arguments, "-d", str(folder)],
                cwd=tmp_path,
                environment={
                    "NUMBERS_FOLDER": str(folder / "numbers"),
                    "HEADRACE_CANCEL_GRACE_MS": "200",
                    **environment,
                },
            )
            started.append(one)
            return one.start()

        yield start
