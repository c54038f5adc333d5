"""Step overhead: what a step costs beyond the user's code, against the floor program on the same disk, turn
and turn about.

ms per step: from the first step's start to the run's end, divided by the steps. The start of the first
workers is left out, as the floor leaves out its workers'; `with start` is from the run's start, with it.
Where a worker takes one step, starting it is part of each step. CPU: of daemon, host and workers, less that
of a run of one step, divided by the other steps.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .support.daemon import MeasuredDaemon, microseconds, running_daemon
from .support.disk import disk_folder
from .support.report import REPOSITORY, Figure, Report, say

PRESETS = ("worker", "step", "in_process", "spawn")
SHAPES, DURABILITIES = ("chain", "wide"), ("fast", "full")
FLOOR = REPOSITORY / "build" / "release" / "headrace_floor"
CPP_LOCATION = REPOSITORY / "build" / "release" / "headrace_bench_location"
RATIO_AT_MOST = 1.5
LARGE_AT_MOST = 1.2
Measured = dict[str, float]


@dataclasses.dataclass(frozen=True)
class Case:
    shape: str
    durability: str
    preset: str = "worker"
    steps: int = 1000
    pandas: bool = False
    cpp: bool = False

    @property
    def name(self) -> str:
        language = "C++, " if self.cpp else ""
        kind = f"{self.shape}, {self.durability}, {self.preset}{', pandas' if self.pandas else ''}"
        return f"{language}{kind}, {self.steps} steps"

    @property
    def goal(self) -> float | None:
        """Milliseconds a step."""
        if self.cpp:
            by_durability = {"chain": {"fast": 0.5, "full": 0.9}, "wide": {"fast": 0.3, "full": 0.5}}
            return by_durability[self.shape][self.durability] if self.preset == "worker" else None
        if self.preset == "worker" and not self.pandas:
            by_durability = {"chain": {"fast": 0.6, "full": 1.2}, "wide": {"fast": 0.4, "full": 0.6}}
            return by_durability[self.shape][self.durability]
        if self.preset == "step" and self.shape == "chain" and self.durability == "full":
            return 7.0 if self.pandas else 2.5
        return None


# The goals' own cases. A fork of a process with pandas is slow: fewer steps do.
GOAL_CASES = [Case(shape, durability) for shape in SHAPES for durability in DURABILITIES] + [
    Case("chain", "full", "step", 200),
    Case("chain", "full", "step", 100, pandas=True),
]
# The floor's workers are Python's: no ratio to them is asked of C++.
CPP_CASES = [Case(shape, durability, cpp=True) for shape in SHAPES for durability in DURABILITIES]
LARGE_CASES = [Case("wide", "full", steps=100), Case("wide", "full", steps=10_000)]
OTHER_PRESETS = [Case("chain", "full", "in_process"), Case("chain", "full", "spawn")]


def all_cases() -> list[Case]:
    """Every combination; where each step starts a process, 10,000 of them would tell nothing new."""
    combinations = itertools.product(SHAPES, DURABILITIES, PRESETS, (100, 1_000, 10_000), (False, True))
    return [Case(*one) for one in combinations if not (one[2] == "step" and one[3] > 1000)]


def measure_floor(case: Case, folder: Path) -> Measured:
    workers = 1 if case.preset == "in_process" else 2
    command = [str(FLOOR), "--python", sys.executable, "--worker", str(REPOSITORY / "bench/floor/worker.py")]
    command += ["--mode", "fork" if case.preset == "step" else "worker", "--shape", case.shape]
    command += ["--durability", case.durability, "--steps", str(case.steps), "--workers", str(workers)]
    command += ["--folder", str(folder)] + (["--import", "pandas"] if case.pandas else [])
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def measure_ours(daemon: MeasuredDaemon, case: Case, selection: str) -> Measured:
    before = daemon.cpu_seconds()
    run = daemon.run_to_end(selection, tags={"headrace/isolation": case.preset})
    cpu = {whose: seconds - before[whose] for whose, seconds in daemon.cpu_seconds().items()}
    started, ended = microseconds(run["started_at"]), microseconds(run["ended_at"])
    first = min(microseconds(step["started_at"]) for step in run["steps"])
    count = len(run["steps"])
    return {
        "ms_per_step": (ended - first) / 1e3 / count,
        "with_start": (ended - started) / 1e3 / count,
        "first_step_ms": (first - started) / 1e3,
        **{f"cpu_{whose}": seconds for whose, seconds in cpu.items()},
    }


class Bench:
    """Keeps a daemon for each kind of code location that the cases need."""

    def __init__(self, report: Report, rounds: int, stack: ExitStack) -> None:
        self.report, self.rounds, self.stack = report, rounds, stack
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=disk_folder())))
        self.daemons: dict[Any, MeasuredDaemon] = {}

    def daemon(self, case: Case) -> MeasuredDaemon:
        key = (case.durability, case.pandas, case.cpp, case.steps, case.shape if case.steps > 1000 else "")
        if key not in self.daemons:
            say(f"starting a daemon with {case.steps} assets")
            folder = self.folder / f"daemon_{len(self.daemons)}"
            folder.mkdir()
            environment = {"BENCH_STEPS": str(case.steps), "BENCH_IMPORT": "pandas" if case.pandas else ""}
            environment |= {"BENCH_SHAPES": key[4] or "chain,wide"}
            self.daemons[key] = self.stack.enter_context(
                running_daemon(
                    folder,
                    "int_assets",
                    durability=case.durability,
                    environment=environment,
                    program=CPP_LOCATION if case.cpp else None,
                )
            )
        return self.daemons[key]

    def measure(self, case: Case) -> Figure:
        """Values are replaced in each round but a first one that does not count: both sides write over the last value."""
        daemon, floor_folder = self.daemon(case), self.folder / f"floor_{case.shape}_{case.steps}"
        floor_folder.mkdir(exist_ok=True)
        measure_floor(case, floor_folder)
        measure_ours(daemon, case, f"group:{case.shape}")
        ours, floors = [], []
        for _ in range(self.rounds):
            floors.append(measure_floor(case, floor_folder))
            ours.append(measure_ours(daemon, case, f"group:{case.shape}"))
        alone = [measure_ours(daemon, case, f"{case.shape}_0") for _ in range(3)]
        return self.report.add(figure(case, ours, floors, alone))


def figure(case: Case, ours: list[Measured], floors: list[Measured], alone: list[Measured]) -> Figure:
    """`alone`: runs of one step, whose CPU is what a run costs apart from its steps."""
    rounds = list(zip(ours, floors, strict=True))

    def median(name: str, of: list[Measured] = ours) -> float:
        return statistics.median(one[name] for one in of)

    def cpu(whose: str) -> float:
        seconds = [statistics.mean(one[f"cpu_{whose}"] for one in runs) for runs in (ours, alone)]
        return (seconds[0] - seconds[1]) * 1e3 / max(1, case.steps - 1)

    cpu_floor = median("cpu_ms_per_step", floors)
    return Figure(
        case.name,
        median("ms_per_step"),
        "ms",
        at_most=case.goal,
        floor=median("ms_per_step", floors),
        ratio=statistics.median(a["ms_per_step"] / b["ms_per_step"] for a, b in rounds),
        ratio_at_most=RATIO_AT_MOST if case.goal is not None and not case.cpp else None,
        more={
            "CPU ratio": (cpu("daemon") + cpu("workers")) / cpu_floor,
            "CPU daemon": cpu("daemon"),
            "CPU workers": cpu("workers"),
            "CPU floor": cpu_floor,
            "best": min(one["ms_per_step"] for one in ours),
            "with start": median("with_start"),
            "first step after": median("first_step_ms"),
        },
    )


def chosen(arguments: argparse.Namespace) -> Iterator[Case]:
    if arguments.tiny:
        yield Case("chain", "full", steps=5)
        yield Case("wide", "fast", "step", steps=3)
        return
    cases = all_cases() if arguments.all else GOAL_CASES + CPP_CASES + OTHER_PRESETS
    for case in cases:
        if arguments.steps:
            case = dataclasses.replace(case, steps=arguments.steps)
        if arguments.cpp and not case.cpp:
            continue
        wanted = ((arguments.shape, case.shape), (arguments.durability, case.durability), (arguments.preset, case.preset))
        if all(want in (None, has) for want, has in wanted):
            yield case


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="every shape, durability, preset and size (an hour)")
    parser.add_argument("--cpp", action="store_true", help="only the cases in C++")
    parser.add_argument("--shape", choices=SHAPES)
    parser.add_argument("--durability", choices=DURABILITIES)
    parser.add_argument("--preset", choices=PRESETS)
    parser.add_argument("--steps", type=int, help="instead of each case's own number")
    parser.add_argument("--no-large", action="store_true", help="leave out 10,000 assets against 100")


def measure(report: Report, arguments: argparse.Namespace) -> None:
    report.heading("step overhead (ratio to the floor first; ms and CPU ms a step)")
    filtered = any((arguments.cpp, arguments.shape, arguments.durability, arguments.preset, arguments.steps))
    for case in chosen(arguments):
        with ExitStack() as stack:  # a daemon that waits costs nothing, but one less is one less
            Bench(report, arguments.rounds, stack).measure(case)
    if filtered or arguments.no_large or arguments.tiny:
        return
    with ExitStack() as stack:
        few, many = (Bench(report, min(arguments.rounds, 3), stack).measure(case) for case in LARGE_CASES)
    name = "wide, 10,000 assets against 100: cost per step"
    report.add(Figure(name, many.value / few.value, "x", at_most=LARGE_AT_MOST))
