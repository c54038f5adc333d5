"""bench/records/faults.json: what the campaigns have done in all. One record a campaign; sittings of one commit are
one line of its history, and the oldest lines are folded into one, so that the file stays small."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from integration.support.daemon import REPOSITORY

from .campaign import Campaign, Work

FILE = REPOSITORY / "bench" / "records" / "faults.json"
MOST_LINES = 12


def commit() -> str:
    """The short hash of the commit, with a + where files differ from it."""
    try:
        git = ["git", "-C", str(REPOSITORY)]
        name = subprocess.run([*git, "rev-parse", "--short=10", "HEAD"], capture_output=True, text=True, check=True)
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", ":!bench/records"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name.stdout.strip() + ("+" if changed.stdout.strip() else "")


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    python, kernel = platform.python_version(), platform.release().split("-")[0]
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, Linux {kernel}, {platform.machine()}, Python {python}"


def add_counts(into: dict[str, int], more: dict[str, int]) -> dict[str, int]:
    for name, number in more.items():
        into[name] = max(into.get(name, 0), number) if name.startswith("most_") else into.get(name, 0) + number
    return into


def merge(older: dict[str, Any], newer: dict[str, Any]) -> dict[str, Any]:
    merged = {**newer}
    for name in ("rounds", "seconds"):
        merged[name] = round(older[name] + newer[name], 1)
    merged["counts"] = add_counts(dict(older["counts"]), newer["counts"])
    merged["failures"] = older["failures"] + newer["failures"]
    return merged


def with_line(record: dict[str, Any], campaign: Campaign, line: dict[str, Any]) -> dict[str, Any]:
    """The record with one more sitting."""
    history = list(record.get("history", []))
    if history and all(history[-1][key] == line[key] for key in ("commit", "machine")):
        line = merge(history.pop(), line)
    history.append(line)
    while len(history) > MOST_LINES:
        history[:2] = [merge(history[0], {**history[1], "commit": f"up to {history[1]['commit']}"})]
    counts: dict[str, int] = {}
    for each in history:
        add_counts(counts, each["counts"])
    return {
        "fault": campaign.fault,
        "checks": campaign.checks,
        "unit": campaign.unit,
        "rounds": sum(each["rounds"] for each in history),
        "failures": sum(len(each["failures"]) for each in history),
        "counts": counts,
        "history": history,
    }


def read(file: Path = FILE) -> dict[str, Any]:
    return json.loads(file.read_text()) if file.exists() else {}


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """One writer at a time: campaigns may run side by side."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Recorder:
    """Adds what a sitting has done to the file, in portions, so that a stop loses little."""

    def __init__(self, campaign: Campaign, work: Work, file: Path = FILE):
        self._campaign, self._work, self._file = campaign, work, file
        self._commit, self._machine = commit(), machine()
        self._rounds, self._seconds, self._counts = 0, 0.0, dict[str, int]()

    def save(self, failure: str | None = None) -> None:
        work = self._work
        new = {
            name: number if name.startswith("most_") else number - self._counts.get(name, 0)
            for name, number in work.counts.items()
        }
        failures = []
        if failure is not None:
            failures.append({"seed": work.seed, "round": work.rounds, "what": failure})
        line = {
            "commit": self._commit,
            "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
            "machine": self._machine,
            "rounds": work.rounds - self._rounds,
            "seconds": round(work.seconds - self._seconds, 1),
            "counts": new,
            "failures": failures,
        }
        self._rounds, self._seconds, self._counts = work.rounds, work.seconds, dict(work.counts)
        with locked(self._file):
            records = read(self._file)
            records[self._campaign.name] = with_line(records.get(self._campaign.name, {}), self._campaign, line)
            temporary = self._file.with_suffix(".tmp")
            temporary.write_text(json.dumps(dict(sorted(records.items())), indent=2, ensure_ascii=False) + "\n")
            temporary.replace(self._file)
