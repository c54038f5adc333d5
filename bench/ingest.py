"""Event ingest: two workers write events to their journals as fast as they can; the daemon reads, checks,
numbers and commits them.

From the first write until the run's end is committed (and with it, synchronously, all before it). The floor:
as many rows as long, put into SQLite by one thread in transactions of 1,000, each synced; nothing read,
nothing parsed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import tempfile
from pathlib import Path

from .steps import FLOOR
from .support.daemon import microseconds, running_daemon
from .support.disk import disk_folder
from .support.report import Figure, Report

AT_LEAST = 50_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=200_000, help="that two workers write (default: 200,000)")


def floor_rate(folder: Path, events: int, length: int) -> float:
    command = [str(FLOOR), "--mode", "ingest", "--folder", str(folder), "--steps", str(events), "--length", str(length)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)["rows_per_second"]


def measure(report: Report, arguments: argparse.Namespace) -> None:
    report.heading("event ingest from journals (ratio: how many times slower than bare SQLite)")
    events = 2_000 if arguments.tiny else arguments.events
    rates, floors, cpu, writing = [], [], [], []
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        folder = Path(name)
        environment = {"BENCH_EVENTS": str(events // 2)}
        with running_daemon(folder, "burst_assets", environment=environment) as daemon:
            for _ in range(arguments.rounds):
                before = daemon.cpu_seconds()["daemon"]
                run = daemon.run_to_end("*")
                cpu.append((daemon.cpu_seconds()["daemon"] - before) * 1e6 / events)
                facts = [daemon.metadata(key) for key in ("burst_0", "burst_1")]
                began = min(one["began"] for one in facts)
                rates.append(events / (microseconds(run["ended_at"]) / 1e6 - began))
                writing.append(max(one["wrote"] for one in facts) - began)
                floors.append(floor_rate(folder, events, facts[0]["line"]))
    report.add(
        Figure(
            "events committed from two journals",
            statistics.median(rates),
            "events/s",
            at_least=AT_LEAST,
            floor=statistics.median(floors),
            ratio=statistics.median(f / r for f, r in zip(floors, rates, strict=True)),
            more={
                "daemon's CPU µs an event": statistics.mean(cpu),
                "writing took s": statistics.median(writing),
                "best": max(rates),
            },
        )
    )
