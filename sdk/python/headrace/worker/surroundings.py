"""What a step must not leave behind for the next one: directory, umask, environment, signal handlers, streams."""

from __future__ import annotations

import _signal  # the signal module's own base: it makes no enum of each answer, 100 µs a step
import fcntl
import os
import signal
import sys
from typing import Any, TextIO

_RESTORABLE = [
    int(number) for number in signal.valid_signals() if number not in (signal.SIGKILL, signal.SIGSTOP)
]


class Surroundings:
    """A picture of this process's settings, taken before the first step. Main thread only."""

    def __init__(self) -> None:
        self._directory = os.getcwd()
        self._umask = os.umask(0o077)
        os.umask(self._umask)
        self._environment = dict(os.environ)
        self._environment_bytes = dict(_raw_environment())
        self._handlers = _handlers()
        self._streams = sys.stdout, sys.stderr
        self._outputs = [_Output(1), _Output(2)]

    def restore(self) -> None:
        """Puts back what differs."""
        self._restore_directory()
        os.umask(self._umask)
        if _raw_environment() != self._environment_bytes:
            os.environ.clear()
            os.environ.update(self._environment)
        if (handlers := _handlers()) != self._handlers:
            self._restore_handlers(handlers)

    def restore_outputs(self) -> None:
        """Standard output and standard error: also what the step's own end is written with."""
        for output in self._outputs:
            output.restore()
        if any(getattr(stream, "closed", False) for stream in self._streams):
            self._streams = open_stream(1), open_stream(2)
        sys.stdout, sys.stderr = self._streams

    def close(self) -> None:
        """For a process that takes no steps: its copies of standard output and error are not left to its children."""
        for output in self._outputs:
            output.close()

    def _restore_handlers(self, handlers: list[Any]) -> None:
        for number, found, handler in zip(_RESTORABLE, handlers, self._handlers, strict=True):
            if handler is not None and found is not handler:
                signal.signal(number, handler)

    def _restore_directory(self) -> None:
        try:
            if os.getcwd() == self._directory:
                return
        except FileNotFoundError:  # the step went into a folder and removed it
            pass
        os.chdir(self._directory)


_OUT_OF_THE_WAY = 20  # above the descriptors that user code may count on, below any limit


class _Output:
    """Descriptor 1 or 2, which user code may close or point elsewhere."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._copy = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
        self._file = _identity(descriptor)

    def restore(self) -> None:
        if _identity(self._descriptor) != self._file:
            os.dup2(self._copy, self._descriptor)

    def close(self) -> None:
        os.close(self._copy)


def _handlers() -> list[Any]:
    return list(map(_signal.getsignal, _RESTORABLE))


def _identity(descriptor: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def open_stream(descriptor: int) -> TextIO:
    """A text stream as a worker's `sys.stdout` and `sys.stderr` are."""
    return open(descriptor, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115


def _raw_environment() -> dict[Any, Any]:
    """The environment as bytes, which is quick to compare."""
    return os.environ._data if hasattr(os.environ, "_data") else dict(os.environ)
