"""One graph in two languages, in one run: Python reads, C++ crunches, Python plots (examples/two_languages)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from locations import REPOSITORY, cpp_program
from tests.integration.support.daemon import Daemon


def test_python_reads_cpp_crunches_python_plots(daemon: Callable[..., Daemon], tmp_path: Path) -> None:
    program = cpp_program("headrace_conformance").parents[1] / "examples" / "two_languages" / "crunch"
    if not program.exists():
        pytest.skip("built without Arrow: there is no headrace::tables")
    folder = shutil.copytree(REPOSITORY / "examples" / "two_languages", tmp_path / "project")
    one = daemon("none", "-f", "report.py", "--exe", str(program), folder=folder)
    one.loaded("report.py")
    one.loaded("crunch")
    run = one.materialize()
    assert [step["step_key"] for step in run["steps"]] == ["measurements", "means", "chart"]
    assert "crunched 150 rows" in one.step_log(run["number"], "means", "log")
    chart = (folder / "chart.svg").read_text()
    assert chart.count("<rect") == 12
    assert "setosa 5.01" in chart and "virginica 6.59" in chart
    assert one.metadata("chart")["bars"] == 12
    means = one.asset("means")["latest_materialization"]
    assert means["stored"]["format"] == "parquet"
    assert means["metadata"]["rows"]["value"] == 12


def test_each_language_previews_what_the_other_stored(daemon: Callable[..., Daemon], tmp_path: Path) -> None:
    program = cpp_program("headrace_conformance").parents[1] / "examples" / "two_languages" / "crunch"
    if not program.exists():
        pytest.skip("built without Arrow: there is no headrace::tables")
    folder = shutil.copytree(REPOSITORY / "examples" / "two_languages", tmp_path / "project")
    one = daemon("none", "-f", "report.py", "--exe", str(program), folder=folder)
    one.loaded("report.py")
    one.materialize("measurements")
    assert len(one.get("/api/v1/assets/measurements/preview")["rows"]) == 20
