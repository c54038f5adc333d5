"""Cold start: from the start of the process to HTTP, and to the guide's project loaded. The floor: a Python
that imports the same libraries and ends.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .support.daemon import MeasuredDaemon
from .support.disk import disk_folder
from .support.report import REPOSITORY, Figure, Report
from .support.statistics import median

GUIDE = REPOSITORY / "examples" / "guide" / "5_metadata"
MODULE = "my_dagster_code_location"


def start(folder: Path) -> tuple[float, float]:
    """Milliseconds to the first line on standard output, which comes when HTTP is up, and to the location loaded."""
    daemon = MeasuredDaemon(folder / "home", ["-m", MODULE, "-d", str(folder / "guide")], cwd=folder)
    began = time.perf_counter()
    daemon.start()
    up = time.perf_counter()
    daemon.loaded()
    loaded = time.perf_counter()
    try:
        daemon.close()
    finally:
        daemon.kill_everything()
    return (up - began) * 1e3, (loaded - began) * 1e3


def python_ms(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - began) * 1e3


def measure(report: Report, arguments: argparse.Namespace) -> None:
    report.heading("cold start, with the guide's project (files in the system's cache)")
    ups, loads, imports, bare = [], [], [], []
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        shutil.copytree(GUIDE, Path(name) / "guide")
        for _ in range(arguments.rounds):
            up, loaded = start(Path(name))
            ups.append(up)
            loads.append(loaded)
            imports.append(python_ms("import pandas, pydantic"))
            bare.append(python_ms("pass"))
    report.add(Figure("HTTP is up", median(ups), "ms", more={"python -c pass": median(bare)}))
    ratio = median(a / b for a, b in zip(loads, imports, strict=True))
    report.add(Figure("location loaded", median(loads), "ms", floor=median(imports), ratio=ratio))
