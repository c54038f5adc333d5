"""Dagster's workspace.yaml and pyproject.toml, read as they are; `headrace dev` without arguments finds them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .support.command import headrace

DEFINITIONS = """
from dagster import Definitions, asset

@asset
def {name}():
    return 1

defs = Definitions(assets=[{name}])
"""


def locations(folder: Path, *arguments: str, **environment: str) -> list[str]:
    ended = headrace("definitions", "validate", "--json", *arguments, cwd=folder, **environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return [x["name"] for x in json.loads(ended.stdout)["code_locations"]]


@pytest.fixture
def folder(project: Callable[..., Path]) -> Path:
    return project(
        {
            "one.py": DEFINITIONS.format(name="first"),
            "src/two.py": DEFINITIONS.format(name="second"),
            "src/three/__init__.py": DEFINITIONS.format(name="third"),
            "workspace.yaml": f"""
                load_from:
                  - python_file: one.py
                  - python_module:
                      module_name: two
                      attribute: defs
                      working_directory: src
                      executable_path: {sys.prefix}/bin/python
                  - python_package:
                      package_name: {{env: PACKAGE}}
                      location_name: named
                      working_directory: src
                """,
        }
    )


def test_workspace_yaml(folder: Path) -> None:
    assert locations(folder, PACKAGE="three") == ["one.py", "two:defs", "named"]


def test_pyproject_goes_before_workspace_yaml_and_headrace_toml_before_both(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.ruff]\nline-length = 80\n")
    assert "named" in locations(folder, PACKAGE="three")  # says nothing of code locations
    (folder / "pyproject.toml").write_text("[tool.dagster]\nmodule_name = 'one'\n")
    assert locations(folder) == ["one"]
    (folder / "headrace.toml").write_text("[[code_locations]]\nfile = 'one.py'\nname = 'toml'\n")
    assert locations(folder) == ["toml"]
    assert locations(folder, "-w", "pyproject.toml") == ["one"]


@pytest.mark.parametrize(
    "text, said",
    [
        ("load_from:\n  - python_fil: a.py\n", 'workspace.yaml:2: unknown key "python_fil" in load_from. Did you mean'),
        ("load_from:\n  - python_file: {relative_path: a.py, atribute: x}\n", 'Did you mean "attribute"?'),
        ("load_from:\n  - grpc_server: {port: 4266}\n", 'workspace.yaml:2: "grpc_server" is not there'),
        ("load_from:\n  - python_module: {env: NO_SUCH}\n", "workspace.yaml:2: the variable NO_SUCH is not set"),
        (
            "load_from:\n  - python_file: a.py\n  - python_file: b/a.py\n",
            'workspace.yaml:3: two code locations are called "a.py"',
        ),
        ("load_from: [\n", "workspace.yaml:2: "),
        ("locations: []\n", '"load_from"'),
    ],
)
def test_what_is_wrong_in_the_yaml_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "workspace.yaml").write_text(text)
    ended = headrace("definitions", "validate", cwd=tmp_path)
    assert ended.returncode == 2 and said in ended.stderr, ended.stderr
