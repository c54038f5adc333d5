"""The benchmarks of the IO managers run, at their smallest sizes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from .support.cpp_location import PROGRAM
from .support.servers import REPOSITORY

LANGUAGES = ["Python", *(["C++"] if PROGRAM.exists() else [])]


@pytest.mark.parametrize(("name", "doings"), [("parquet", ["write", "read"]), ("small_blobs", ["put", "get"])])
def test_a_benchmark_measures(name, doings, tmp_path):
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench", name, "--tiny", "--rounds", "1", "--json", str(file)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(file.read_text())["figures"]
    assert [figure["name"] for figure in figures] == [f"{language}, {doing}" for language in LANGUAGES for doing in doings]
    assert all(figure["value"] > 0 for figure in figures)
