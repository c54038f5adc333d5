"""What a step must not leave behind for the next one: directory, umask, environment, signal handlers, streams."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

_RESTORABLE = [number for number in signal.valid_signals() if number not in (signal.SIGKILL, signal.SIGSTOP)]


class Surroundings:
    """A picture of this process's settings, taken before the first step. Main thread only."""

    def __init__(self) -> None:
        self._directory = os.getcwd()
        self._umask = os.umask(0o077)
        os.umask(self._umask)
        self._environment = dict(os.environ)
        self._environment_bytes = dict(_raw_environment())
        self._handlers = [(number, signal.getsignal(number)) for number in _RESTORABLE]
        self._streams = sys.stdout, sys.stderr

    def restore(self) -> None:
        """Puts back what differs."""
        self._restore_directory()
        os.umask(self._umask)
        if _raw_environment() != self._environment_bytes:
            os.environ.clear()
            os.environ.update(self._environment)
        for number, handler in self._handlers:
            if handler is not None and signal.getsignal(number) is not handler:
                signal.signal(number, handler)
        sys.stdout, sys.stderr = self._streams

    def _restore_directory(self) -> None:
        try:
            if os.getcwd() == self._directory:
                return
        except FileNotFoundError:  # the step went into a folder and removed it
            pass
        os.chdir(self._directory)


def _raw_environment() -> dict[Any, Any]:
    """The environment as bytes, which is quick to compare."""
    return os.environ._data if hasattr(os.environ, "_data") else dict(os.environ)
