"""The comparison that is public for six engines (Windmill's, windmill.dev/docs/misc/benchmarks): 40 steps of
fib(10) and 10 of fib(33), each after the other, in Python. From the request that starts the run to its end. The
floor: the same calls in one process.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .support.daemon import MeasuredDaemon, microseconds, running_daemon
from .support.disk import disk_folder
from .support.report import Figure, Report
from .support.statistics import median

FLOWS = {10: 40, 33: 10}  # n: steps
TINY_FLOWS = {10: 3}
# Seconds, as published (2025, AWS m4.large, Python): not this machine.
PUBLISHED = {
    10: {"Hatchet": 1.22, "Windmill": 2.09, "Temporal": 2.97, "Prefect": 4.87, "Kestra": 6.04, "Airflow": 116.2},
    33: {"Temporal": 7.25, "Windmill": 7.70, "Hatchet": 7.79, "Prefect": 15.49, "Kestra": 15.79, "Airflow": 54.67},
}
BARE = """
import time
def fib(n):
    return n if n <= 1 else fib(n - 1) + fib(n - 2)
began = time.perf_counter()
for _ in range({steps}):
    fib({n})
print(time.perf_counter() - began)
"""


def bare_seconds(steps: int, n: int) -> float:
    command = [sys.executable, "-c", BARE.format(steps=steps, n=n)]
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def run_seconds(daemon: MeasuredDaemon, selection: str) -> float:
    began = time.time()
    return microseconds(daemon.run_to_end(selection)["ended_at"]) / 1e6 - began


def measure(report: Report, arguments: argparse.Namespace) -> None:
    report.heading("the public comparison (published figures in seconds, of another machine)")
    flows = TINY_FLOWS if arguments.tiny else FLOWS
    environment = {"BENCH_FIB": ",".join(f"{n}:{steps}" for n, steps in flows.items())}
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        with running_daemon(Path(name), "fib_assets", environment=environment) as daemon:
            for n, steps in flows.items():
                ours, bare = [], []
                for _ in range(min(arguments.rounds, 3)):
                    ours.append(run_seconds(daemon, f"group:fib{n}"))
                    bare.append(bare_seconds(steps, n))
                beyond = {"beyond fib, ms a step": (median(ours) - median(bare)) * 1e3 / steps}
                figure = Figure(f"{steps} x fib({n}), chained", median(ours), "s", more=beyond | PUBLISHED[n])
                if n > 20:  # what a small one takes is nearly all overhead: no ratio to 10 µs says anything
                    figure.floor = median(bare)
                    figure.ratio = median(a / b for a, b in zip(ours, bare, strict=True))
                report.add(figure)
