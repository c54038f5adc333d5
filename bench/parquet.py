"""A large table as Parquet: the IO managers and plain Arrow with the same options, turn and turn about.

In Python in this process, in C++ in a program of its own (projects/cpp/values.cpp). Durability is fast: plain Arrow
syncs nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .support.disk import disk_folder
from .support.report import REPOSITORY, Figure, Report, say

PROGRAM = REPOSITORY / "build" / "release" / "headrace_bench_values"
SPEED_AT_LEAST = 0.9


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mb", type=int, default=1000, help="of the table in memory (default: 1000)")


def make_table(megabytes: int) -> Any:
    """Rows of 24 bytes and a short text."""
    import numpy as np
    import pyarrow as pa

    rows, random = megabytes * 1_000_000 // 32, np.random.default_rng(7)
    names = pa.DictionaryArray.from_arrays(random.integers(0, 4, rows, dtype="int32"), ["head", "mill", "race", "weir"])
    return pa.table(
        {
            "id": np.arange(rows),
            "part": random.integers(0, 1000, rows),
            "value": random.random(rows),
            "name": names.cast(pa.string()),
        }
    )


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def even(rounds: int) -> int:
    """So that each way comes first as often."""
    return rounds + rounds % 2


def compare(round: int, doing: str, own: Callable[[], Any], plain: Callable[[], Any]) -> dict[str, float]:
    """Seconds of both ways, in another order each round: who comes second finds memory and connections warm."""
    ways = {doing: own, f"plain_{doing}": plain}
    return {name: seconds(ways[name]) for name in (ways if round % 2 == 0 else reversed(ways))}


def in_python(folder: Path, megabytes: int, rounds: int) -> list[dict[str, float]]:
    """Seconds of each round."""
    import pyarrow as pa
    from pyarrow import parquet

    from headrace import ParquetIOManager, build_input_context, build_output_context

    manager, plain, found = ParquetIOManager(base_dir=str(folder)), folder / "plain.parquet", []
    table = make_table(megabytes)

    def write() -> None:
        manager.handle_output(build_output_context(asset_key="managed"), table)

    def read() -> None:
        manager.load_input(build_input_context(asset_key="managed", dagster_type=pa.Table))

    for round in range(-1, rounds):  # one before those that count
        found.append(
            compare(round, "write", write, lambda: parquet.write_table(table, plain, compression="zstd"))
            | compare(round, "read", read, lambda: parquet.ParquetFile(plain).read())
        )
    return found[1:]


def in_cpp(*arguments: object, environment: dict[str, str] | None = None) -> list[dict[str, float]]:
    """Seconds of each round, by the program."""
    command = [str(PROGRAM), *map(str, arguments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env={**os.environ, **(environment or {})})
    return [json.loads(line) for line in done.stdout.splitlines()]


def add_speeds(
    report: Report, name: str, rounds: list[dict[str, float]], doings: list[str], at_least: float, scale: float, unit: str
) -> None:
    """Of each doing how fast it is, as a share of the plain client's speed in the same rounds."""
    for doing in doings:
        # Sums, since those cancel out who came first in a round; a single round's ratio shows nothing else.
        own, plain = (scale * sum(one[key] for one in rounds) / len(rounds) for key in (doing, f"plain_{doing}"))
        more = {unit: own, f"plain {unit}": plain}
        report.add(Figure(f"{name}, {doing}", plain / own, "x of plain speed", at_least=at_least, more=more))


def measure(report: Report, arguments: argparse.Namespace) -> None:
    megabytes, rounds = 5 if arguments.tiny else arguments.mb, even(arguments.rounds)
    report.heading(f"parquet: {megabytes} MB in memory, against plain Arrow")
    os.environ["HEADRACE_DURABILITY"] = "fast"
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        found = in_python(Path(name), megabytes, rounds)
        add_speeds(report, "Python", found, ["write", "read"], SPEED_AT_LEAST, 1, "s")
    if not PROGRAM.exists():
        return say("no C++ program: built without Arrow")
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        found = in_cpp("parquet", name, megabytes, rounds)
        add_speeds(report, "C++", found, ["write", "read"], SPEED_AT_LEAST, 1, "s")
