"""Prefect, Dask, Ray and a plain loop: a program in the peer's own environment (NAME_flows.py) runs the flows."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.support.daemon import MeasuredDaemon
from bench.support.environments import python_of
from bench.support.report import Figure, Report, say

from . import Flow

PROGRAMS = Path(__file__).resolve().parent
FLOWS = [Flow(shape, 100, durability=durability) for shape in ("chain", "wide") for durability in ("full", "fast")]
FLOWS += [Flow("fib", 40, 10), Flow("fib", 10, 33)]
TINY_FLOWS = [Flow("chain", 3), Flow("wide", 3), Flow("fib", 2, 10)]
# No telemetry, no history of others, one place for all that they write.
ENVIRONMENT = {
    "PREFECT_LOGGING_LEVEL": "ERROR",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
    "DO_NOT_TRACK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "OMP_NUM_THREADS": "1",
}


class Library:
    def __init__(self, process: subprocess.Popen[str], flows: list[Flow]) -> None:
        self.process, self.flows = process, flows
        self.version = self._answer()["version"]

    def _answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the peer's program ended with status {self.process.wait()}: see its log")
        return json.loads(line)

    def seconds(self, flow: Flow) -> float:
        request = {"shape": flow.shape, "steps": flow.steps, "n": flow.n}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return self._answer()["seconds"]

    def more(self, report: Report, daemon: MeasuredDaemon) -> None:
        """The first flow of all starts what the peer starts late: it does not count."""
        first = self.flows[0]
        report.add(Figure(f"first flow of all, {first.name}", self.seconds(first), "s"))


@contextmanager
def running(name: str, folder: Path, is_tiny: bool) -> Iterator[Library]:
    python, values = python_of(name), folder / "values"
    values.mkdir()
    own = {"BENCH_VALUES": str(values), "PREFECT_HOME": str(folder / "prefect"), "PYTHONPATH": str(PROGRAMS)}
    log_file = folder.parent / f"{name}.log"
    with open(log_file, "w") as log:
        process = subprocess.Popen(
            [str(python), str(PROGRAMS / f"{name}_flows.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=folder,
            env=os.environ | ENVIRONMENT | own,
        )
        try:
            yield Library(process, TINY_FLOWS if is_tiny else FLOWS)
        except Exception:
            say("the end of the peer's log:\n" + "\n".join(log_file.read_text().splitlines()[-30:]))
            raise
        finally:
            process.stdin.close()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
