"""A folder for each page, in which its commands run, and one daemon for all pages that call one."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.support.daemon import REPOSITORY, Daemon, binary, clean_environment, stopped_at_the_end

SAMPLE = Path(__file__).with_name("sample")


def make_folder(folder: Path) -> Path:
    """What the documentation takes for granted: the sample project, the examples, and a `.venv` with Headrace."""
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".headrace"))
    leave = shutil.ignore_patterns("build", "data", "my_data", "__pycache__", ".headrace")
    shutil.copytree(REPOSITORY / "examples", folder / "examples", ignore=leave)
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    shim = programs / "headrace"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{Path(__file__).with_name("headrace_shim.py")}" "$@"\n')
    shim.chmod(0o755)
    for name in ("python", "python3"):
        python = programs / name
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        python.chmod(0o755)
    (folder / "run").symlink_to(REPOSITORY / "tests" / "docs" / "run_shim.sh")
    return folder


@pytest.fixture(scope="session")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    folder = make_folder(tmp_path_factory.mktemp("daemon") / "project")
    with stopped_at_the_end() as started:
        one = Daemon(folder / ".headrace", ["-w", "headrace.toml"], cwd=folder)
        started.append(one)
        one.start()
        for location in one.get("/api/v1/code-locations")["items"]:
            one.loaded(location["name"])
        one.materialize("*")
        yield one


@pytest.fixture
def environment(daemon: Daemon) -> dict[str, str]:
    given = {"HEADRACE_URL": daemon.url, "HEADRACE_BIN": binary(), "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
    return clean_environment(given)


@pytest.fixture
def folder(tmp_path: Path, environment: dict[str, str]) -> Path:
    made = make_folder(tmp_path / "page")
    environment["PATH"] = f"{made / '.venv' / 'bin'}{os.pathsep}{environment['PATH']}"
    return made
