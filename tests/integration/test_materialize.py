"""`headrace materialize`: one run in the foreground, in a pipe and on a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from .support.command import Terminal, headrace
from .support.gate import Gate

GOOD = """
    from headrace import Definitions, MaterializeResult, asset

    @asset
    def numbers():
        return [1, 2, 3]

    @asset
    def table(numbers):
        return MaterializeResult(metadata={"rows": 3, "uri": "s3://bucket/table"})

    defs = Definitions(assets=[numbers, table])
"""
BAD = """
    from headrace import Definitions, asset

    @asset
    def prices():
        raise ValueError("no such column: price")

    @asset
    def report(prices):
        return prices

    defs = Definitions(assets=[prices, report])
"""
WAITS = """
    from gate import pass_gate
    from headrace import Definitions, asset

    @asset
    def slow():
        return pass_gate("slow")

    defs = Definitions(assets=[slow])
"""


def test_it_ends_with_what_was_stored_where(project: Callable[..., Path]) -> None:
    folder = project({"defs.py": GOOD})
    ended = headrace("materialize", "-f", "defs.py", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0].startswith("Run 1 succeeded") and "2 of 2 steps" in lines[0]
    assert lines[1].split() == ["numbers", ".headrace/storage/numbers", "22", "B"]
    assert lines[2].split() == ["table", "s3://bucket/table", "3", "rows"]
    assert "numbers: started" in ended.stderr
    assert "\x1b" not in ended.stdout + ended.stderr  # no terminal: no colors, nothing moves
    again = headrace("materialize", "-f", "defs.py", "--select", "numbers", cwd=folder)
    assert again.stdout.startswith("Run 2 succeeded") and "1 of 1 step" in again.stdout


def test_json_is_the_whole_of_stdout(project: Callable[..., Path]) -> None:
    folder = project({"defs.py": GOOD})
    ended = headrace("materialize", "-f", "defs.py", "--json", "--tag", "team=ml", cwd=folder)
    assert ended.returncode == 0
    run = json.loads(ended.stdout)
    assert run["status"] == "success" and run["number"] == 1
    assert [step["status"] for step in run["steps"]] == ["success", "success"]
    assert run["stored"][0]["place"] == str(folder / ".headrace" / "storage" / "numbers")
    assert run["stored"][0]["bytes"] == 22
    assert run["stored"][1]["rows"] == 3


def test_the_headline_of_a_failure_is_the_users_exception(project: Callable[..., Path]) -> None:
    ended = headrace("materialize", "-f", "defs.py", cwd=project({"defs.py": BAD}))
    assert ended.returncode == 1
    said = ended.stdout.splitlines()
    assert said[0].startswith("Run 1 failed") and "1 failed, 1 skipped" in said[0]
    headline = said.index("ValueError: no such column: price")
    assert said[headline - 1] == "" and said[headline + 1] == "  asset prices, defs.py:6"
    assert ended.stderr.count("no such column") == 1  # told once while it runs


def test_definitions_that_do_not_load_start_nothing(project: Callable[..., Path]) -> None:
    folder = project({"defs.py": GOOD, "broken.py": "import nowhere\n"})
    ended = headrace("materialize", "-f", "defs.py", "-f", "broken.py", cwd=folder)
    assert ended.returncode == 1 and ended.stdout == ""
    assert "broken.py:1: error: ModuleNotFoundError" in ended.stderr


@pytest.mark.parametrize(
    "arguments, status, said",
    [
        (["--select", "nubmers"], 1, "nubmers"),
        (["--select", "and and"], 2, "and"),
        (["--tag", "team"], 2, "key=value"),
        (["--config-json", "[]"], 2, "JSON object"),
        (["--no-such-option"], 2, "--no-such-option"),
    ],
)
def test_what_cannot_be_run_is_said(
    project: Callable[..., Path], arguments: list[str], status: int, said: str
) -> None:
    ended = headrace("materialize", "-f", "defs.py", *arguments, cwd=project({"defs.py": GOOD}))
    assert ended.returncode == status, ended
    assert said in ended.stderr


def test_a_home_in_use_names_who_has_it(daemon, project: Callable[..., Path]) -> None:
    folder = project({"defs.py": GOOD})
    one = daemon(folder, "-f", "defs.py")
    ended = headrace("materialize", "-f", "defs.py", "--home", str(one.home), cwd=folder)
    assert ended.returncode == 1
    assert str(one.pid) in ended.stderr


def test_a_terminal_shows_a_bar_with_the_running_steps(project: Callable[..., Path], gate: Gate) -> None:
    folder = project({"defs.py": WAITS})
    shown = Terminal("materialize", "-f", "defs.py", cwd=folder, **gate.environment())
    visitor = gate.next_visitor()
    shown.read_until("  slow ")
    assert "0/1 steps" in shown.text and "░" in shown.text
    visitor.let_pass()
    assert shown.end() == 0
    assert "\x1b[32m" in shown.text
    last = shown.text.rsplit("\x1b[J", 1)[1]  # what stands on the screen behind the bar's place
    assert last.startswith("Run 1 \x1b[32msucceeded")
    assert "░" not in last


def test_no_color_takes_the_colors_and_leaves_the_bar(project: Callable[..., Path], gate: Gate) -> None:
    folder = project({"defs.py": WAITS})
    shown = Terminal("materialize", "-f", "defs.py", cwd=folder, NO_COLOR="1", columns=30, **gate.environment())
    visitor = gate.next_visitor()
    shown.read_until("  slow ")
    visitor.let_pass()
    assert shown.end() == 0
    assert "\x1b[32m" not in shown.text and "\x1b[J" in shown.text
    bars = [line for line in shown.text.splitlines() if "░" in line]
    assert bars and all(len(line.replace("\x1b[1A", "").replace("\x1b[J", "")) < 30 for line in bars)


def test_an_interrupt_cancels_and_leaves_nothing(project: Callable[..., Path], gate: Gate) -> None:
    shown = Terminal("materialize", "-f", "defs.py", cwd=project({"defs.py": WAITS}), **gate.environment())
    visitor = gate.next_visitor()
    shown.interrupt()
    visitor.wait_gone()
    assert shown.end() == 130
    assert "Canceling" in shown.text
    assert "canceled" in shown.text.rsplit("\x1b[J", 1)[1]


def test_a_second_interrupt_kills(project: Callable[..., Path], gate: Gate) -> None:
    stubborn = """
        from gate import pass_gate
        from headrace import Definitions, asset

        @asset
        def slow():
            try:
                return pass_gate("first")
            except BaseException:
                return pass_gate("stubborn")

        defs = Definitions(assets=[slow])
    """
    shown = Terminal("materialize", "-f", "defs.py", cwd=project({"defs.py": stubborn}), **gate.environment())
    gate.next_visitor()
    shown.interrupt()
    visitor = gate.next_visitor()
    assert visitor.name == "stubborn"
    shown.interrupt()
    visitor.wait_gone()
    assert shown.end() == 130
