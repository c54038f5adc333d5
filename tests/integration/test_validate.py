"""`headrace definitions validate`: what people put into their CI."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from .support.command import headrace

GOOD = """
    from headrace import Definitions, asset

    @asset
    def one():
        return 1

    defs = Definitions(assets=[one])
"""
MISSING_UPSTREAM = """
    from headrace import Definitions, asset

    @asset
    def two(oen):
        return 1

    defs = Definitions(assets=[two])
"""


def test_good_definitions(project: Callable[..., Path]) -> None:
    folder = project({"defs.py": GOOD})
    ended = headrace("definitions", "validate", "-f", "defs.py", cwd=folder)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "✓ defs.py: 1 asset\n", "")
    assert not (folder / ".headrace").exists()


def test_an_error_names_file_and_line(project: Callable[..., Path]) -> None:
    folder = project({"defs.py": GOOD, "broken.py": "x = 1\ndef f(:\n"})
    ended = headrace("definitions", "validate", "-f", "defs.py", "-f", "broken.py", cwd=folder)
    assert ended.returncode == 1
    assert ended.stdout.splitlines() == ["✓ defs.py: 1 asset", "✗ broken.py"]
    assert ended.stderr.startswith("broken.py:2: error: SyntaxError: ")


def test_an_upstream_that_nobody_defines_names_the_asset(project: Callable[..., Path]) -> None:
    folder = project({"defs.py": GOOD, "other.py": MISSING_UPSTREAM})
    arguments = ("definitions", "validate", "-f", "defs.py", "-f", "other.py")
    ended = headrace(*arguments, cwd=folder)
    assert ended.returncode == 1
    assert "other.py:4: asset two: error: " in ended.stderr
    assert 'takes "oen", which no asset defines. Did you mean "one"?' in ended.stderr
    as_json = headrace(*arguments, "--json", cwd=folder)
    assert as_json.returncode == 1 and as_json.stderr == ""
    said = json.loads(as_json.stdout)
    assert said["valid"] is False
    problem = said["problems"][0]
    assert (problem["file"], problem["line"], problem["asset_key"]) == ("other.py", 4, "two")
    assert problem["code_location"] == "other.py"


def test_a_daemon_may_be_running(daemon, project: Callable[..., Path]) -> None:
    folder = project({"defs.py": GOOD})
    one = daemon(folder, "-f", "defs.py")
    ended = headrace("definitions", "validate", "-f", "defs.py", cwd=folder, HEADRACE_HOME=str(one.home))
    assert ended.returncode == 0, ended.stderr


def test_wrong_settings_are_usage_errors(tmp_path: Path) -> None:
    ended = headrace("definitions", "validate", cwd=tmp_path)
    assert ended.returncode == 2 and "-m MODULE" in ended.stderr
