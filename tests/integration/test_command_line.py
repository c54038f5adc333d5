"""Help, version and shell completion."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .support.command import headrace
from .support.daemon import REPOSITORY

COMMANDS = [
    ["dev"],
    ["serve"],
    ["materialize"],
    ["definitions", "validate"],
    ["asset", "list"],
    ["asset", "show"],
    ["run", "list"],
    ["run", "show"],
    ["run", "cancel"],
    ["code-location", "list"],
    ["code-location", "reload"],
    ["storage", "rebuild"],
    ["storage", "backup"],
    ["storage", "check"],
    ["init"],
    ["completion"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_examples(command: list[str], tmp_path: Path) -> None:
    said = headrace(*command, "--help", cwd=tmp_path)
    assert said.returncode == 0 and said.stderr == ""
    assert f"headrace {' '.join(command)}" in said.stdout.split("Examples:")[1]


def test_the_reference_names_every_command(tmp_path: Path) -> None:
    text = (REPOSITORY / "docs" / "reference" / "cli.md").read_text()
    missing = [c for c in COMMANDS if not re.search(rf"`headrace {'[^`]*'.join(c)}\b", text)]
    assert missing == []


def test_version_and_usage(tmp_path: Path) -> None:
    assert re.fullmatch(r"headrace \d+\.\d+\.\d+\n", headrace("--version", cwd=tmp_path).stdout)
    for arguments in ([], ["nothing"], ["run"], ["dev", "--port", "many"]):
        assert headrace(*arguments, cwd=tmp_path).returncode == 2, arguments


def complete(script: str, line: str) -> list[str]:
    words = line.split(" ")
    commands = f"""{script}
COMP_WORDS=({" ".join(f'"{word}"' for word in words)}); COMP_CWORD={len(words) - 1}
_headrace; printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    return subprocess.run(["bash", "-c", commands], capture_output=True, text=True, check=True).stdout.split()


def test_bash_completes_commands_and_options(tmp_path: Path) -> None:
    script = headrace("completion", "bash", cwd=tmp_path).stdout
    assert complete(script, "headrace mat") == ["materialize"]
    assert complete(script, "headrace code-location rel") == ["reload"]
    assert complete(script, "headrace run list --j") == ["--json"]
    assert "--select" in complete(script, "headrace materialize -m my_package --")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_what_the_shell_takes(shell: str, tmp_path: Path) -> None:
    script = headrace("completion", shell, cwd=tmp_path)
    assert script.returncode == 0 and "materialize" in script.stdout
    if shutil.which(shell):
        file = tmp_path / "script"
        file.write_text(script.stdout)
        subprocess.run([shell, "-n", str(file)], check=True)
