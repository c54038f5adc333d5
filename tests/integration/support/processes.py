"""Finds the processes that a test's daemon started, by a mark in their environment."""

from __future__ import annotations

import os
import select
import time
from pathlib import Path

MARK = "HR_TEST_MARK"


def marked_processes(mark: str) -> dict[int, str]:
    """pid -> command line of each living process (no zombies) that carries the mark."""
    needle, found = f"{MARK}={mark}".encode(), {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            if needle in (folder / "environ").read_bytes().split(b"\0"):
                found[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                )
        except OSError:
            continue
    return found


def wait_gone(pid: int, limit: float = 60.0) -> bool:
    """Waits, by its pidfd, until a process has ended; False when it still lives after `limit` seconds."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], limit)[0])
    finally:
        os.close(descriptor)


def wait_until_gone(mark: str, limit: float) -> dict[int, str]:
    """Waits until no process with the mark lives; what still does after `limit` seconds."""
    deadline = time.monotonic() + limit
    while left := marked_processes(mark):
        for pid in left:
            if not wait_gone(pid, max(0.0, deadline - time.monotonic())):
                return marked_processes(mark)
    return {}
