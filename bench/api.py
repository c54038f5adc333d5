"""API latency: the requests of an asset's page, while a run of 1,000 steps is going. The floor: the same
requests of a daemon at rest.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from .support.daemon import ENDED, Connection, MeasuredDaemon, running_daemon
from .support.disk import disk_folder
from .support.report import Figure, Report
from .support.statistics import median, p99

STEPS, P99_AT_MOST = 1000, 20.0
# What the page of an asset asks for.
REQUESTS = ("/api/v1/assets/chain_3", "/api/v1/assets/chain_3/materializations?limit=25", "/api/v1/graph/status")
PAUSE = 0.005  # between two loads of the page: a visitor, not a load test


def load_page(connection: Connection) -> list[float]:
    taken = []
    for path in REQUESTS:
        began = time.perf_counter()
        status, _ = connection.request("GET", path)
        taken.append((time.perf_counter() - began) * 1e3)
        assert status == 200, path
    time.sleep(PAUSE)
    return taken


def during_a_run(daemon: MeasuredDaemon, connection: Connection) -> list[float]:
    number, taken = daemon.launch("group:chain"), []
    while True:
        for _ in range(5):
            taken += load_page(connection)
        if connection.get("/api/v1/runs?limit=1")["items"][0]["status"] in ENDED:
            break
    while daemon.has_workers():
        time.sleep(PAUSE)
    assert daemon.run(number)["status"] == "success"
    return taken


def measure(report: Report, arguments: argparse.Namespace) -> None:
    steps, loads = (5, 2) if arguments.tiny else (STEPS, 100)
    report.heading(f"API: an asset's page while a run of {steps:,} steps is going (each request)")
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        with running_daemon(Path(name), "int_assets", environment={"BENCH_STEPS": str(steps)}) as daemon:
            with daemon.connection() as connection:
                daemon.run_to_end("group:chain")
                busy, idle = [], []
                for _ in range(arguments.rounds):
                    busy += during_a_run(daemon, connection)
                    for _ in range(loads):
                        idle += load_page(connection)
    ratio = median(busy) / median(idle)
    report.add(Figure("median", median(busy), "ms", floor=median(idle), ratio=ratio))
    report.add(Figure("p99", p99(busy), "ms", at_most=P99_AT_MOST, floor=p99(idle), more={"requests": len(busy)}))
