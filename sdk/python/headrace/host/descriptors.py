"""The numbered descriptors of hosts and workers, and what becomes of them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable

CONTROL = 3  # host: the line socket to the daemon; worker: its own
FORK = 4  # host: the packet socket for fork_worker
JOURNAL = 4  # worker
LOG = 5  # worker
CLAIMS = 6  # worker

WORKER_TARGETS = (1, 2, CONTROL, JOURNAL, LOG, CLAIMS)


class NotStartedByDaemon(Exception):
    """A descriptor that the daemon hands over is missing."""


def claim_host_descriptors() -> None:
    """Keeps 3 and 4 from programs that user code starts, and 5 and 6 from user code, so that a forked worker's files never
    land on a number that user code uses for something else."""
    for descriptor in (CONTROL, FORK):
        if not _is(descriptor, stat.S_ISSOCK):
            raise NotStartedByDaemon(
                f"descriptor {descriptor} is no socket: the headrace daemon starts this program, use `headrace dev`"
            )
        os.set_inheritable(descriptor, False)
    _open_at(LOG, os.O_RDWR)
    _open_at(CLAIMS, os.O_RDWR)


def claim_worker_descriptors() -> None:
    """For a spawned worker: 3 to 6 must be there and are its own; 0 reads nothing."""
    if not _is(CONTROL, stat.S_ISSOCK) or not _is(JOURNAL, stat.S_ISREG):
        raise NotStartedByDaemon(
            "descriptors 3 and 4 are no socket and file: the headrace daemon starts this program"
        )
    for descriptor in (CONTROL, JOURNAL, LOG, CLAIMS):
        os.set_inheritable(descriptor, False)
    _open_at(0, os.O_RDONLY)


def become_worker_descriptors(received: list[int], close: Iterable[int]) -> None:
    """In a forked child: `received` (all above 6) become 1 to 6; `close` are the host's own."""
    for source, target in zip(received, WORKER_TARGETS, strict=True):
        os.dup2(source, target, inheritable=target <= 2)
    _open_at(0, os.O_RDONLY)
    for descriptor in (*received, *close):
        os.close(descriptor)


def _open_at(target: int, flags: int) -> None:
    """/dev/null at this number, whatever was there."""
    descriptor = os.open(os.devnull, flags)
    if descriptor == target:
        os.set_inheritable(descriptor, target <= 2)
        return
    os.dup2(descriptor, target, inheritable=target <= 2)
    os.close(descriptor)


def _is(descriptor: int, kind: object) -> bool:
    try:
        return kind(os.fstat(descriptor).st_mode)  # type: ignore[operator]
    except OSError:
        return False
