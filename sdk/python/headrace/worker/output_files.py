"""The worker's stdout, stderr and log files: their sizes, and the cap on what one step may keep of them."""

from __future__ import annotations

import ctypes
import io
import os
import sys

from headrace.host.descriptors import LOG
from headrace.host.streams import flush_streams

_HALF_OF_CAP = 50 * 1024 * 1024
_KEEP_SIZE, _PUNCH_HOLE = 1, 2

_libc = ctypes.CDLL(None, use_errno=True)
_libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int64, ctypes.c_int64]
_libc.fflush.argtypes = [ctypes.c_void_p]


class OutputFiles:
    """Descriptors 1, 2 and 5 of this process."""

    def __init__(self) -> None:
        self.sizes = [0, 0, 0]
        self._c_stdout = ctypes.c_void_p.in_dll(_libc, "stdout").value

    def offsets(self) -> list[int]:
        """The three sizes, with all buffers flushed."""
        flush_streams()
        _libc.fflush(self._c_stdout)
        try:
            self.sizes = [os.fstat(1).st_size, os.fstat(2).st_size, os.fstat(LOG).st_size]
        except OSError:  # user code has closed one
            self.sizes = [self._size(index, descriptor) for index, descriptor in enumerate((1, 2, LOG))]
        return self.sizes

    def _size(self, index: int, descriptor: int) -> int:
        try:
            return os.fstat(descriptor).st_size
        except OSError:
            return self.sizes[index]

    def cap(self, start: list[int], end: list[int]) -> None:
        """Frees the middle of what one step wrote, where it is more than 100 MiB: head and tail stay, offsets too.

        The middle reads as zero bytes. A file system that cannot do that keeps everything.
        """
        for descriptor, first, last in zip((1, 2, LOG), start, end, strict=True):
            if last - first > 2 * _HALF_OF_CAP:
                hole = last - first - 2 * _HALF_OF_CAP
                _libc.fallocate(descriptor, _PUNCH_HOLE | _KEEP_SIZE, first + _HALF_OF_CAP, hole)


def prepare_streams() -> None:
    """Prints appear line by line and never fail because of a character."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
