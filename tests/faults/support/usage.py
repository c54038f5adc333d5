"""What a daemon holds: memory (PSS: its share of every page), descriptors, threads, and the processor's time it took."""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Usage:
    pss_kib: int
    descriptors: int
    threads: int


def usage(pid: int) -> Usage:
    folder = Path(f"/proc/{pid}")
    rollup = (folder / "smaps_rollup").read_text().splitlines()
    pss = next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
    return Usage(pss, len(list((folder / "fd").iterdir())), len(list((folder / "task").iterdir())))


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def check_flat(samples: list[Usage], most_kib: int) -> dict[str, int]:
    """The first third is warm-up; the last third holds no more than the second one."""
    third = len(samples) // 3
    assert third >= 3, f"{len(samples)} samples are too few"
    middle, last = samples[third : 2 * third], samples[2 * third :]
    grown = statistics.median(s.pss_kib for s in last) - statistics.median(s.pss_kib for s in middle)
    some = samples[:: max(1, third // 4)]
    assert grown <= most_kib, f"memory grows: {grown:.0f} KiB from the second third to the last; {some}"
    before, after = (max(s.threads for s in part) for part in (middle, last))
    assert after <= before, f"threads grow from {before} to {after}"
    return {
        "most_pss_kib": max(s.pss_kib for s in samples),
        "most_descriptors": max(s.descriptors for s in samples),
        "most_threads": max(s.threads for s in samples),
    }
