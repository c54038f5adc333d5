"""Code locations in Python and C++ that say the same, driven by the protocol alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from locations import HERE, CppHost, Host


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
