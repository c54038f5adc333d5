"""One graph in two languages, in one run: Python reads, C++ crunches, Python plots (examples/two_languages)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from locations import REPOSITORY, cpp_program
from tests.integration.support.daemon import Daemon


@pytest.fixture
def one(daemon: Callable[..., Daemon], tmp_path: Path) -> Daemon:
    """A daemon with the project's two code locations."""
    program = cpp_program("headrace_conformance").parents[1] / "examples" / "two_languages" / "crunch"
    if not program.exists():
        pytest.skip("built without Arrow: there is no headrace::tables")
    folder = shutil.copytree(REPOSITORY / "examples" / "two_languages", tmp_path / "project")
    one = daemon("none", "-f", "report.py", "--exe", str(program), folder=folder)
    one.loaded("report.py")
    one.loaded("crunch")
    return one


def test_python_reads_cpp_crunches_python_plots(one: Daemon, tmp_path: Path) -> None:
    run = one.materialize()
    assert [step["step_key"] for step in run["steps"]] == ["measurements", "means", "chart"]
    assert "crunched 150 rows" in one.step_log(run["number"], "means", "log")
    chart = (tmp_path / "project" / "chart.svg").read_text()
    assert chart.count("<rect") == 12
    assert "setosa 5.01" in chart and "virginica 6.59" in chart
    assert one.metadata("chart")["bars"] == 12
    means = one.asset("means")["latest_materialization"]
    assert means["stored"]["format"] == "parquet"
    assert means["metadata"]["rows"]["value"] == 12


def test_what_cpp_stored_has_a_preview(one: Daemon) -> None:
    one.materialize("measurements or means")
    found = one.get("/api/v1/assets/means/preview")
    assert [column["name"] for column in found["columns"]] == ["species", "measure", "mean"]
    assert len(found["rows"]) == 12 and found["reason"] is None
