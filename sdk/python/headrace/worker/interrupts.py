"""Cancellation and time limits: they become exceptions, raised in user code only.

SIGTERM, or a `cancel_step` on the worker's socket, cancels the open step; SIGTERM with no step open ends the worker. The
socket is not read while user code runs: the kernel sends SIGIO when something arrives on it (O_ASYNC), and the handler
looks whether it is a cancellation. The time limit is SIGALRM, with a watchdog behind it for code that never returns to
Python.
"""

from __future__ import annotations

import _signal  # without the enums of the signal module, which cost as much as all else at a worker's birth
import contextlib
import faulthandler
import fcntl
import os
import signal
import struct
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_F_SETOWN_EX = 15
_F_OWNER_TID = 0
_GRACE_SECONDS = 10
_OURS = (signal.SIGTERM, signal.SIGIO, signal.SIGALRM)


class StepCanceled(KeyboardInterrupt):
    """Raised in user code when its step is canceled."""


class StepTimeLimitExceeded(KeyboardInterrupt):
    """Raised in user code when its step runs for longer than it may."""


class Interrupts:
    """One a worker; main thread only. `poll_socket()` reads what has arrived and tells whether it cancels the open step."""

    def __init__(self, socket_descriptor: int, poll_socket: Callable[[], bool]) -> None:
        self.canceled = False
        self.time_limit_exceeded = False
        self._open = self._waiting = self._terminated = False
        self._socket = socket_descriptor
        self._poll_socket = poll_socket
        self._polling = self._poll_again = False
        self._limit: float | None = None
        owner = struct.pack("ii", _F_OWNER_TID, threading.get_native_id())
        fcntl.fcntl(self._socket, _F_SETOWN_EX, owner)
        self._flags = fcntl.fcntl(self._socket, fcntl.F_GETFL)
        _signal.signal(signal.SIGTERM, self._on_terminate)
        _signal.signal(signal.SIGIO, self._on_socket)
        _signal.signal(signal.SIGALRM, self._on_alarm)
        os.register_at_fork(
            before=lambda: signal.pthread_sigmask(signal.SIG_BLOCK, _OURS),
            after_in_parent=lambda: signal.pthread_sigmask(signal.SIG_UNBLOCK, _OURS),
            after_in_child=self._leave_child_alone,
        )

    def open_step(self, limit_seconds: float | None) -> None:
        """From here on interruptions raise. One that has arrived already raises now."""
        self.canceled = self.time_limit_exceeded = False
        self._limit = limit_seconds
        self._open = True
        fcntl.fcntl(self._socket, fcntl.F_SETFL, self._flags | os.O_ASYNC)
        if limit_seconds is not None:
            # Again each second: a signal that comes just before a system call does not interrupt it.
            signal.setitimer(signal.ITIMER_REAL, max(limit_seconds, 0.001), 1.0)
            faulthandler.dump_traceback_later(limit_seconds + _GRACE_SECONDS, exit=True, file=2)
        if self._terminated:
            self._cancel()
        self._on_socket()

    def close_step(self) -> None:
        """From here on nothing raises."""
        self._open = False
        fcntl.fcntl(self._socket, fcntl.F_SETFL, self._flags)
        if self._limit is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            faulthandler.cancel_dump_traceback_later()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Around what may take long outside of steps: SIGTERM, also one that came before, raises `WorkerTerminated`."""
        self._waiting = True
        try:
            if self._terminated:
                self._terminated = False
                raise WorkerTerminated
            yield
        finally:
            self._waiting = False

    def _on_socket(self, number: int = 0, frame: FrameType | None = None) -> None:
        if not self._open:
            return
        if self._polling:
            self._poll_again = True
            return
        self._polling, cancels = True, False
        try:
            self._poll_again = True
            while self._poll_again:
                self._poll_again = False
                cancels = self._poll_socket() or cancels
        finally:
            self._polling = False
        if cancels:
            self._cancel()

    def _on_terminate(self, number: int, frame: FrameType | None) -> None:
        if self._open:
            self._cancel()
            return
        if self._waiting:
            raise WorkerTerminated
        self._terminated = True

    def _cancel(self) -> None:
        """Once a step: what user code does about it is not disturbed by a second signal."""
        if self.canceled:
            return
        self.canceled = True
        raise StepCanceled("the step was canceled")

    def _on_alarm(self, number: int, frame: FrameType | None) -> None:
        if self._open and self._limit is not None and not self.time_limit_exceeded:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.time_limit_exceeded = True
            raise StepTimeLimitExceeded(self.time_limit_message)

    @property
    def time_limit_message(self) -> str:
        return f"the step ran longer than its limit of {self._limit:g} seconds"

    def _leave_child_alone(self) -> None:
        """A process that user code forks is none of the daemon's: signals mean to it what they mean to any program.

        They are blocked around the fork, so that one that comes early is not lost in Python's clean-up of the child.
        """
        self._open = False
        for number in _OURS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _OURS)


class WorkerTerminated(BaseException):
    """SIGTERM while no step was open."""
