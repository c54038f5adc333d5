"""Database bytes a trivial step: how much headrace.db grows by runs of 1,000 steps, divided by the steps.
Measured between two stops of the daemon, so that nothing is left in the write-ahead log.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from .support.daemon import running_daemon
from .support.disk import disk_folder
from .support.report import Figure, Report

STEPS, RUNS, AT_MOST = 1000, 3, 1500.0


def size_after(folder: Path, steps: int, runs: int) -> int:
    environment = {"BENCH_STEPS": str(steps), "BENCH_SHAPES": "wide"}
    with running_daemon(folder, "int_assets", durability="fast", environment=environment) as daemon:
        for _ in range(runs):
            daemon.run_to_end("*")
    return sum(file.stat().st_size for file in (folder / "home").glob("headrace.db*"))


def measure(report: Report, arguments: argparse.Namespace) -> None:
    report.heading("database")
    steps = 10 if arguments.tiny else STEPS
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        first = size_after(Path(name), steps, 1)
        grown = size_after(Path(name), steps, RUNS) - first
    more = {"after the first run, bytes": first}
    report.add(Figure("bytes a trivial step", grown / steps / RUNS, "bytes", at_most=AT_MOST, more=more))
