"""How much memory this process holds, and the limit of what one step may add to it."""

from __future__ import annotations

import resource

_PAGE = resource.getpagesize()


def resident_bytes() -> int:
    """Resident memory of this process, shared pages included."""
    return _pages(1)


class MemoryLimit:
    """A bound on what a step allocates: an allocation beyond it fails with `MemoryError` (`std::bad_alloc`).

    It is RLIMIT_DATA, which counts private writable memory (heap, anonymous maps); what is left of it at the step's end,
    and what the process may hold anyway, stays as it was.
    """

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._before = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

    def set(self) -> None:
        if self._limit is None:
            return
        self._before = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = _pages(5) + self._limit
        lowest = min((each for each in self._before if each != resource.RLIM_INFINITY), default=wanted)
        resource.setrlimit(resource.RLIMIT_DATA, (min(wanted, lowest), self._before[1]))

    def lift(self) -> None:
        if self._limit is not None:
            resource.setrlimit(resource.RLIMIT_DATA, self._before)

    def explain(self, error: BaseException, message: str) -> str:
        """The message of an error that this limit caused, with the limit in it."""
        if self._limit is None or not isinstance(error, MemoryError):
            return message
        said = f"{message}: " if message else ""
        return f"{said}the step may allocate {_size(self._limit)} (headrace/memory_limit)"


def _pages(field: int) -> int:
    """A field of /proc/self/statm (1: resident, 5: data and stack), in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[field]) * _PAGE


def _size(count: int) -> str:
    for unit, factor in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return f"{count} bytes"
