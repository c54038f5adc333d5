"""Launch latency: from the request that starts a run to the moment its first step runs, with the host loaded.

The floor: what a fork of a process with the same modules costs, until the child says a byte.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .support.daemon import MeasuredDaemon, microseconds, running_daemon
from .support.disk import disk_folder
from .support.report import REPOSITORY, Figure, Report
from .support.statistics import median, p99

MEDIAN_AT_MOST, P99_AT_MOST = 10.0, 50.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--launches", type=int, default=100, help="of one step (default: 100)")


def latency_ms(daemon: MeasuredDaemon, selection: str) -> float:
    began = time.time()
    run = daemon.run_to_end(selection)
    return min(microseconds(step["started_at"]) for step in run["steps"]) / 1e3 - began * 1e3


def fork_ms(count: int) -> list[float]:
    command = [sys.executable, str(REPOSITORY / "bench/floor/fork.py"), str(count)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def measure(report: Report, arguments: argparse.Namespace) -> None:
    report.heading("launch: from POST /api/v1/runs to the first step running")
    steps, launches = (5, 2) if arguments.tiny else (1000, arguments.launches)
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        with running_daemon(Path(name), "int_assets", environment={"BENCH_STEPS": str(steps)}) as daemon:
            latency_ms(daemon, "chain_0")
            one, forks = [], []
            for _ in range(launches):
                one.append(latency_ms(daemon, "chain_0"))
                if len(one) % 10 == 0 or arguments.tiny:
                    forks += fork_ms(10)
            all_of_it = [latency_ms(daemon, "group:wide") for _ in range(arguments.rounds)]
    floor = median(forks)
    report.add(
        Figure("one step, median", median(one), "ms", at_most=MEDIAN_AT_MOST, floor=floor, ratio=median(one) / floor)
    )
    report.add(Figure("one step, p99", p99(one), "ms", at_most=P99_AT_MOST, floor=p99(forks)))
    report.add(Figure(f"{steps:,} steps, median", median(all_of_it), "ms"))
