"""Shared fixtures: a code location's host, started on a folder of its own."""

from __future__ import annotations

import contextlib
import shutil
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from protocol_driver import Host

GUIDE = Path(__file__).resolve().parents[2] / "examples" / "guide"


@pytest.fixture
def start_host(tmp_path: Path) -> Iterator[Callable[..., Host]]:
    """`start_host(code)` writes my_code.py and starts a host on it; `files` are further ones; `guide` copies a project."""
    with contextlib.ExitStack() as stack:

        def start(
            code: str | None = None,
            *arguments: str,
            files: dict[str, str] | None = None,
            guide: str | None = None,
            **options: object,
        ) -> Host:
            number = len(list(tmp_path.iterdir()))
            project = tmp_path / f"project_{number}"
            if guide is not None:
                shutil.copytree(GUIDE / guide, project)
            project.mkdir(exist_ok=True)
            for name, text in {**(files or {}), **({"my_code.py": code} if code is not None else {})}.items():
                path = project / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(textwrap.dedent(text))
            default = ["-m", "my_dagster_code_location"] if guide is not None else ["-f", "my_code.py"]
            home = tmp_path / f"home_{number}"
            return stack.enter_context(Host(list(arguments) or default, project, home, **options))

        yield start
