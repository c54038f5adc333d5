"""headrace.toml and its variables, through `headrace dev` and `headrace serve`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .support.daemon import Daemon, binary, clean_environment, stopped_at_the_end

DEFINITIONS = """
from headrace import Definitions, asset

@asset
def {name}():
    return 1

defs = Definitions(assets=[{name}])
"""


def refused(command: str, *arguments: str, cwd: Path, **environment: str) -> str:
    ended = subprocess.run(
        [binary(), command, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=clean_environment(environment),
        timeout=60,
    )
    assert ended.returncode == 2 and ended.stdout == "", ended
    return ended.stderr


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    """start(folder, "-w", …, command="serve") without a home or a working directory of the fixture's choice."""
    with stopped_at_the_end() as started:

        def start(cwd: Path, *arguments: str, command: str = "dev", **environment: str) -> Daemon:
            one = Daemon(tmp_path / "home", list(arguments), cwd=cwd, environment=environment, command=command)
            started.append(one)
            return one.start()

        yield start


@pytest.fixture
def two(project: Callable[..., Path]) -> Path:
    """A project of two code locations, one with a Python of its own."""
    folder = project(
        {
            "one.py": DEFINITIONS.format(name="first"),
            "sub/two.py": DEFINITIONS.format(name="second"),
            "headrace.toml": f"""
                [server]
                port = 1  # no port of ours: the command line goes before it

                [retention]
                max_age = "90d"

                [[code_locations]]
                file = "one.py"

                [[code_locations]]
                name = "two"
                module = "two"
                working_directory = "sub"
                python = "{sys.prefix}/bin/python"
                """,
        }
    )
    return folder


@pytest.mark.parametrize("command", ["dev", "serve"])
def test_the_file_here_is_found(start: Callable[..., Daemon], two: Path, command: str) -> None:
    one = start(two, command=command)
    assert str(two / "headrace.toml") in one.log
    one.loaded("one.py")
    one.loaded("two")
    one.materialize("*")
    assert one.terminate() == 0


def test_variables_go_before_the_file(start: Callable[..., Daemon], two: Path) -> None:
    one = start(
        two, HEADRACE_CODE_LOCATIONS='[{file="sub/two.py", name="only"}]', HEADRACE_DURABILITY="fast"
    )
    assert [x["name"] for x in one.get("/api/v1/code-locations")["items"]] == ["only"]
    one.loaded("only")


def test_variables_alone(start: Callable[..., Daemon], two: Path, tmp_path: Path) -> None:
    one = start(tmp_path, HEADRACE_CODE_LOCATIONS='[{file="project/one.py"}]')
    one.loaded("one.py")


def test_a_path_to_python_counts_from_where_the_command_was_typed(start: Callable[..., Daemon], two: Path) -> None:
    python = two.parent / "tools" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    daemon = start(two.parent, "-f", "one.py", "-d", "project", "--python", "tools/python")
    assert daemon.code_location()["state"] == "loaded", daemon.log


def test_what_is_wrong_is_named_with_its_place(two: Path) -> None:
    file = two / "headrace.toml"
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line.replace("max_age", "max_aeg") for line in lines))
    line = next(i for i, text in enumerate(lines, 1) if "max_age" in text)
    said = refused("serve", cwd=two)
    assert f'headrace.toml:{line}: unknown key "max_aeg" in [retention]. Did you mean "max_age"?' in said
    assert "HEADRACE_PORT" in refused("dev", "-f", "one.py", cwd=two, HEADRACE_PORT="many")


def test_nothing_to_serve_says_what_to_name(tmp_path: Path) -> None:
    assert "-m MODULE" in refused("dev", cwd=tmp_path)
    (tmp_path / "headrace.toml").write_text("[log]\nlevel = 'info'\n")
    assert "names no code location" in refused("serve", cwd=tmp_path)
