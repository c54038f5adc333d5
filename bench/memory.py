"""Memory (PSS): the daemon at rest with the guide's project loaded, its host, and the daemon after many events.

`--long` ingests a million events, which is what the goal is about; without it, as many as a short run allows.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from .start import GUIDE, MODULE
from .support import processes
from .support.daemon import MeasuredDaemon, running_daemon
from .support.disk import disk_folder
from .support.report import Figure, Report

AT_MOST = 40.0
ROUNDS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--long", action="store_true", help="a million events instead of 100,000")


def at_rest(report: Report, folder: Path) -> None:
    shutil.copytree(GUIDE, folder / "guide")
    daemon = MeasuredDaemon(folder / "rest", ["-m", MODULE, "-d", str(folder / "guide")], cwd=folder).start()
    try:
        daemon.loaded()
        host = sum(processes.pss_mib(pid) for pid in daemon.hosts())
        report.add(Figure("daemon at rest, guide loaded", daemon.pss_mib(), "MiB", more={"host": host}))
        daemon.close()
    finally:
        daemon.kill_everything()


def after_events(report: Report, folder: Path, events: int) -> None:
    """Runs of steps would take long: the events come from two assets that write many each."""
    each = events // ROUNDS
    sizes = []
    with running_daemon(folder, "burst_assets", environment={"BENCH_EVENTS": str(each // 2)}) as daemon:
        for _ in range(ROUNDS):
            daemon.run_to_end("*")
            sizes.append(daemon.pss_mib())
    growth = (sizes[-1] - sizes[ROUNDS // 2 - 1]) / (events / 2) * 1e6
    more = {"after a tenth": sizes[0], "after half": sizes[ROUNDS // 2 - 1], "growth, MiB a million events": growth}
    report.add(Figure(f"daemon after {events:,} events", sizes[-1], "MiB", at_most=AT_MOST, more=more))


def measure(report: Report, arguments: argparse.Namespace) -> None:
    report.heading("memory (PSS)")
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        at_rest(report, Path(name))
        after_events(report, Path(name), 1_000 if arguments.tiny else 1_000_000 if arguments.long else 100_000)
