"""Finds the processes of one daemon by the mark that all of them inherit, tells them apart, and signals them safely: through
a pidfd that is checked against the mark, so that no other process ever gets the signal."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable

from integration.support.processes import MARK, marked_processes, wait_gone


def send(pid: int, mark: str, number: int = signal.SIGKILL) -> bool:
    """False when the process has ended already."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            if f"{MARK}={mark}".encode() not in file.read().split(b"\0"):
                return False
        signal.pidfd_send_signal(descriptor, number)
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)


def role(pid: int) -> str:
    """What a code location's process is: a worker has its journal as descriptor 4, a host a socket."""
    try:
        descriptor = os.readlink(f"/proc/{pid}/fd/4")
    except OSError:
        return "unborn"
    return "host" if descriptor.startswith("socket:") else "worker" if descriptor.startswith("/") else "unborn"


def with_role(wanted: str, mark: str, daemon: int) -> list[int]:
    return [pid for pid in marked_processes(mark) if pid != daemon and role(pid) == wanted]


def kill_all(mark: str) -> None:
    """Everything that carries the mark, until nothing does."""
    while living := marked_processes(mark):
        for pid in living:
            send(pid, mark)
        for pid in living:
            wait_gone(pid)


def wait_for_at_most(count: int, mark: str, limit: float) -> dict[int, str]:
    """Waits until no more than so many processes carry the mark; those that still do."""
    deadline = time.monotonic() + limit
    while len(living := marked_processes(mark)) > count and time.monotonic() < deadline:
        _wait_for_any(living, max(0.0, deadline - time.monotonic()))
    return living


def _wait_for_any(pids: Iterable[int], limit: float) -> None:
    """Until one of them has ended: which one will, nobody knows (a host that dies has a successor already)."""
    poll, descriptors = select.poll(), []
    try:
        for pid in pids:
            descriptors.append(os.pidfd_open(pid))
            poll.register(descriptors[-1], select.POLLIN)
        poll.poll(limit * 1000)
    except ProcessLookupError:
        pass  # that one has
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def states(mark: str) -> dict[int, tuple[str, float]]:
    """pid -> its state (R: it runs, or would if it could) and the seconds of a processor that it had."""
    found = {}
    for pid in marked_processes(mark):
        try:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        found[pid] = fields[0], (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return found
