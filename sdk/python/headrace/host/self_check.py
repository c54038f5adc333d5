"""What the import left behind that a fork would break: threads and sockets."""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import socket
import stat
import threading
import time

# By the name in /proc/self/task/TID/comm: threads whose library gets over a fork by itself.
# polars starts one (its name is cut) when it is imported, before it is used: 20 of 20 forked workers then grouped,
# sorted, streamed and wrote files with polars 2.1; its pool, which starts with the first use, is none of these.
_SAFE_THREAD_NAMES = re.compile(r"jemalloc_bg_thd|mimalloc.*|OpenBLAS.*|polars-ooc-clea.*")
_CHANCES_TO_END = 5
_CHANCE_SECONDS = 0.004
_OPENBLAS = re.compile(r"/[^\s]*openblas[^\s]*\.so[^\s]*")


def find_reason_to_spawn(code: str, sockets_before: set[int]) -> str | None:
    """A sentence for the page that says why workers of this process cannot be forked; None when they can."""
    threads = _unsafe_threads()
    for _ in range(_CHANCES_TO_END):
        if not threads:
            break
        time.sleep(_CHANCE_SECONDS)  # a thread that was joined takes a moment to leave the system's list
        threads = _unsafe_threads()
    sockets = sorted(open_sockets() - sockets_before)
    found = []
    if threads:
        found.append(f"{_count(len(threads), 'thread')} running ({', '.join(threads)})")
    if sockets:
        found.append(f"{_count(len(sockets), 'socket')} open ({', '.join(map(_describe_socket, sockets))})")
    if not found:
        return None
    left = f"Importing {code} left {' and '.join(found)}"
    return f"{left}: a forked worker could hang or share them, so each worker starts afresh."


def open_sockets() -> set[int]:
    """The descriptors of this process that are sockets."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                found.add(int(name))
    return found


def _unsafe_threads() -> list[str]:
    """Names of the threads that no fork gets over."""
    main = os.getpid()
    python = {t.native_id: t.name for t in threading.enumerate() if t.native_id not in (None, main)}
    main_name = _comm(main)
    named, nameless = [], 0
    for task in map(int, os.listdir("/proc/self/task")):
        if task == main or task in python:
            continue
        name = _comm(task)
        if name is None or _SAFE_THREAD_NAMES.fullmatch(name):
            continue
        if name == main_name:
            nameless += 1
        else:
            named.append(name)
    # OpenBLAS does not name its threads, but says how many it has.
    nameless = max(0, nameless - _openblas_threads()) if nameless else 0
    return sorted(python.values()) + sorted(named) + ["unnamed"] * nameless


def _openblas_threads() -> int:
    """The threads that the loaded OpenBLAS libraries started."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        libraries = {match.group() for match in map(_OPENBLAS.search, maps) if match}
    total = 0
    for library in libraries:
        with contextlib.suppress(OSError):
            total += _openblas_size(ctypes.CDLL(library)) - 1
    return total


def _openblas_size(library: ctypes.CDLL) -> int:
    for name in (
        "openblas_get_num_threads",
        "openblas_get_num_threads64_",
        "scipy_openblas_get_num_threads",
        "scipy_openblas_get_num_threads64_",
    ):
        function = getattr(library, name, None)
        if function is not None:
            return int(function())
    return 1


def _comm(task: int) -> str | None:
    try:
        with open(f"/proc/self/task/{task}/comm", encoding="utf-8", errors="replace") as file:
            return file.read().strip()
    except OSError:  # it ended meanwhile
        return None


def _describe_socket(descriptor: int) -> str:
    with socket.socket(fileno=os.dup(descriptor)) as copy:
        try:
            if copy.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return f"listening on {_address(copy.getsockname())}"
            return f"to {_address(copy.getpeername())}"
        except OSError:
            return f"descriptor {descriptor}"


def _address(address: object) -> str:
    if isinstance(address, tuple):
        return f"{address[0]} port {address[1]}"
    return os.fsdecode(address) if address else "another process"  # type: ignore[arg-type]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
