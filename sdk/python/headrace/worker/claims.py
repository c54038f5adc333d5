"""The pipe that decides who has a step which this worker was given and has not begun: the worker, or the daemon again."""

from __future__ import annotations

import os
import select
import sys


class ClaimsLost(Exception):
    """User code closed the pipe's descriptor."""


class Claims:
    """One number for each step given, in order. Whoever reads it has the step: this worker, to begin it, or the daemon."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)
        self._newest = 0

    def take(self, claim: int) -> bool:
        """False: the daemon took the step back, or it is gone, and the next one gives the step to somebody."""
        while self._newest < claim:
            ready = self._poll.poll(0)
            if ready and ready[0][1] & select.POLLNVAL:
                raise ClaimsLost(f"the code of a step closed descriptor {self._descriptor}, which is the worker's")
            if not ready or ready[0][1] != select.POLLIN:
                return False
            try:
                self._newest = int.from_bytes(os.read(self._descriptor, 8), sys.byteorder)
            except BlockingIOError:  # the daemon was quicker
                return False
        return self._newest == claim
