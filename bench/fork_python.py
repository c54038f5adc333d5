"""Is fork right as the default? After `import pandas, pyarrow`, 5,000 forks from a cold and from a hot
parent, each of whose children reads, computes and writes with checked results; and as often the same work
without a fork.

It takes an hour or two, so it adds up: each batch goes into bench/records/fork_python.json, and a later call
goes on there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from .support.disk import disk_folder
from .support.environments import python_of
from .support.report import REPOSITORY, Figure, Report, machine, say

RECORD = REPOSITORY / "bench" / "records" / "fork_python.json"
PROGRAM = REPOSITORY / "bench" / "projects" / "fork_rounds.py"
MODES = ("cold", "hot", "nofork")
BATCH = 250


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--forks", type=int, default=5000, help="of each kind, those on record included (default: 5,000)")


def batch(mode: str, rounds: int, folder: Path) -> dict[str, Any]:
    command = [str(python_of("arrow")), str(PROGRAM), mode, str(rounds), str(folder)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def add_up(record: dict[str, Any], mode: str, new: dict[str, Any]) -> None:
    """Counts are added; times are those of the last batch."""
    old = record["modes"].get(mode, {})
    counts = {kind: old.get(kind, 0) + new[kind] for kind in ("ok", "failed", "hung")}
    record["modes"][mode] = new | counts
    record |= {key: value for key, value in machine().items() if key != "load"}
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def done(record: dict[str, Any], mode: str) -> int:
    return sum(record["modes"].get(mode, {}).get(kind, 0) for kind in ("ok", "failed", "hung"))


def measure(report: Report, arguments: argparse.Namespace) -> None:
    report.heading("fork after `import pandas, pyarrow`")
    record = json.loads(RECORD.read_text()) if RECORD.is_file() else {"modes": {}}
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        while missing := [mode for mode in MODES if done(record, mode) < arguments.forks]:
            for mode in missing:
                rounds = min(BATCH, arguments.forks - done(record, mode))
                add_up(record, mode, batch(mode, rounds, Path(name)))
                say(f"{mode}: {record['modes'][mode]}")
    for mode in MODES:
        facts = record["modes"][mode]
        bad = facts["failed"] + facts["hung"]
        more = {"of": done(record, mode)} | {k: v for k, v in facts.items() if k.endswith("median")}
        report.add(Figure(f"{mode}: failed, hung or wrong", bad, "rounds", at_most=0, more=more))
