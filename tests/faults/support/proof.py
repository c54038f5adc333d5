"""Checks that need no daemon: what the assets of `watched_project.py` wrote down, the values on disk, the derived tables."""

from __future__ import annotations

import pickle
import subprocess
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

from integration.support.daemon import binary


def check_lines(proof: Path, log: list[dict[str, Any]]) -> None:
    """Every attempt that user code saw is one of the log's, and was run once; nobody saw a second living one."""
    started = {(e["run_id"], e["step_key"], e["attempt"]) for e in log if e["type"] == "step_started"}
    stored: set[tuple[str, str]] = set()
    ran: Counter[tuple[str, str, int]] = Counter()
    for line in (proof / "lines").read_text().splitlines():
        what, run_id, step, pid, *more = line.split()
        assert what in ("S", "E"), f"two living attempts, or an input that is not this run's: {line}"
        if what == "S":
            ran[run_id, step, int(more[0])] += 1
        else:
            stored.add((run_id, step))
    double = [attempt for attempt, times in ran.items() if times > 1]
    assert not double, f"attempts that were run twice: {double}"
    unknown = set(ran) - started
    assert not unknown, f"attempts that the log does not know: {sorted(unknown)[:3]}"
    succeeded = {
        (e["run_id"], e["step_key"]) for e in log if e["type"] == "step_ended" and e["data"]["status"] == "success"
    }
    assert succeeded <= stored, f"steps that succeeded without a value: {sorted(succeeded - stored)[:3]}"


def values(home: Path) -> dict[str, dict[str, Any]]:
    """Asset -> what its file holds. Temporary files of killed workers are not values."""
    files = [f for f in (home / "storage").glob("*") if not f.name.startswith(".")]
    return {file.name: pickle.loads(file.read_bytes()) for file in files}


def check_values_whole(home: Path) -> None:
    for name, value in values(home).items():
        assert value["step"] == name and zlib.crc32(value["data"]) == value["crc"], f"the value of {name} is torn"


def check_values_are_of(home: Path, group: str, run_id: str) -> None:
    for name, value in values(home).items():
        is_right = not name.startswith(group) or value["run_id"] == run_id
        assert is_right, f"{name} is of run {value['run_id']} instead of {run_id}"


def check_storage(home: Path) -> None:
    checked = subprocess.run(
        [binary(), "storage", "check", "--home", str(home)], capture_output=True, text=True, timeout=120
    )
    assert checked.returncode == 0, checked.stderr
