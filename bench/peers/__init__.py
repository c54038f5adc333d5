"""`./run bench --peer NAME`: the same flows in another engine, in an environment of its own, turn and turn
about with Headrace.

Both in their defaults unless a figure says otherwise. Headrace's default syncs each value and each step's end
to the disk; none of the peers syncs anything, so they are compared with durability `fast` too, which syncs
nothing either.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

from bench.six_engines import run_seconds
from bench.support.daemon import MeasuredDaemon, microseconds, running_daemon
from bench.support.disk import disk_folder
from bench.support.report import Figure, Report, say
from bench.support.statistics import median

NAMES = ("dagster", "prefect", "dask", "ray", "plain")


@dataclasses.dataclass(frozen=True)
class Flow:
    """What both engines run: a chain, a wide graph, or (fib) a chain of fib(n). `preset` is Headrace's `executor`."""

    shape: str
    steps: int
    n: int = 0
    executor: str = ""
    preset: str = "worker"
    durability: str = "full"  # Headrace's

    @property
    def name(self) -> str:
        what = f"{self.steps} x fib({self.n}), chained" if self.shape == "fib" else f"{self.shape} of {self.steps}"
        return what + (f", {self.executor} / {self.preset}" if self.executor else f", Headrace {self.durability}")

    @property
    def group(self) -> str:
        return f"fib{self.n}" if self.shape == "fib" else self.shape


class Peer(Protocol):
    """One that runs. `flows` are what it can be asked for; `more` measures what only it has an equivalent of."""

    version: str
    flows: list[Flow]

    def seconds(self, flow: Flow) -> float: ...
    def more(self, report: Report, daemon: MeasuredDaemon) -> None: ...


def ours(daemons: Callable[[Flow], MeasuredDaemon], flow: Flow) -> float:
    """Seconds of the run, or for fib, as published, from the request to the run's end."""
    daemon = daemons(flow)
    if flow.shape == "fib":
        return run_seconds(daemon, f"group:{flow.group}")
    run = daemon.run_to_end(f"group:{flow.group}", tags={"headrace/isolation": flow.preset})
    return (microseconds(run["ended_at"]) - microseconds(run["started_at"])) / 1e6


def compare(report: Report, name: str, peer: Peer, daemons: Callable[[Flow], MeasuredDaemon], rounds: int) -> None:
    for flow in peer.flows:
        takes_long = flow.n > 20 or flow.executor  # seconds a step, or nearly
        pairs = [(peer.seconds(flow), ours(daemons, flow)) for _ in range(1 if takes_long else rounds)]
        theirs, mine = (median(values) for values in zip(*pairs, strict=True))
        report.add(
            Figure(
                f"{name}, {flow.name}",
                theirs * 1e3 / flow.steps,
                "ms a step",
                floor=mine * 1e3 / flow.steps,
                floor_name="Headrace",
                ratio=median(a / b for a, b in pairs),
                more={"seconds": theirs, "Headrace's": mine},
            )
        )


def measure(report: Report, name: str, arguments: argparse.Namespace) -> None:
    module = importlib.import_module(f"bench.peers.{'real_dagster' if name == 'dagster' else 'libraries'}")
    rounds = min(arguments.rounds, 3)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=disk_folder())))
        say(f"starting {name}")
        peer: Any = stack.enter_context(module.running(name, folder, arguments.tiny))
        report.heading(f"{name} {peer.version} (ratio: how many times Headrace's time)")
        started: dict[str, MeasuredDaemon] = {}

        def daemons(flow: Flow) -> MeasuredDaemon:
            """A daemon with as many assets as the flow has steps."""
            module = "fib_assets" if flow.shape == "fib" else "int_assets"
            environment = {"BENCH_STEPS": str(flow.steps), "BENCH_FIB": f"{flow.n or 1}:{flow.steps}"}
            key = f"{module}_{flow.steps}_{flow.n}_{flow.durability}"
            if key not in started:
                (folder / key).mkdir()
                one = running_daemon(folder / key, module, durability=flow.durability, environment=environment)
                started[key] = stack.enter_context(one)
            return started[key]

        peer.more(report, daemons(peer.flows[0]))
        compare(report, name, peer, daemons, rounds)
