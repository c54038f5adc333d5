"""The benchmarks run, at their smallest sizes, and say what they found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from bench.__main__ import NAMES
from bench.support import records
from bench.support.report import Figure, Report

from .support.daemon import REPOSITORY


def figures_of(tmp_path: Path, *arguments: str) -> list[dict[str, Any]]:
    """What a benchmark found, which is also what it printed."""
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench", *arguments, "--tiny", "--rounds", "1", "--json", str(file)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(file.read_text())["figures"]
    assert figures and all(f"  {figure['name']} " in done.stdout for figure in figures)
    return figures


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_measures(name: str, tmp_path: Path) -> None:
    for figure in figures_of(tmp_path, name):
        assert figure["value"] > 0 or name == "streams", figure  # a few frames' CPU is below the clock's tick


def test_a_peer_runs_the_same_flows(tmp_path: Path) -> None:
    """The peer that needs no installation: a plain loop."""
    compared = [figure for figure in figures_of(tmp_path, "--peer", "plain") if "ratio" in figure]
    assert {figure["name"].split(",")[1] for figure in compared} == {" chain of 3", " wide of 3", " 2 x fib(10)"}
    assert all(figure["floor_name"] == "Headrace" and figure["ratio"] < 1 for figure in compared)


def test_a_figure_over_its_goal_is_named() -> None:
    report = Report()
    report.add(Figure("quick enough", 1.0, "ms", at_most=2.0, floor=0.9, ratio=1.1, ratio_at_most=1.5))
    report.add(Figure("far from its floor", 1.0, "ms", at_most=2.0, floor=0.5, ratio=2.0, ratio_at_most=1.5))
    report.add(Figure("too few", 10.0, "events/s", at_least=11.0))
    report.add(Figure("without a goal", 5.0, "ms"))
    assert [figure.is_ok for figure in report.figures] == [True, False, False, None]
    assert report.summary() == "1 of 3 goals met: not far from its floor; too few"


def test_a_record_becomes_a_table_between_the_marks_of_the_readme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{records.BEGIN}\nold\n{records.END}\nafter\n")
    monkeypatch.setattr(records, "README", readme)
    monkeypatch.setattr(records, "RECORDS", tmp_path / "records")
    report = Report()
    report.add(Figure("chain", 2.0, "ms", at_most=1.0, floor=1.5, ratio=1.3, ratio_at_most=1.5))
    records.keep(report, "bench")
    lines = readme.read_text().splitlines()
    assert "| chain | 2 ms | floor 1.5 | 1.30 | ≤ 1, ratio ≤ 1.5 | **over** |" in lines
    assert "old" not in lines and lines[0] == "before" and lines[-1] == "after"


def test_an_unknown_benchmark_is_refused_by_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "stepz"], cwd=REPOSITORY, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "no benchmark stepz" in done.stderr and "steps" in done.stderr
