"""The worker's two append-only files: the journal and the log of `context.log`."""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
import zlib
from typing import Any

from headrace.host.lines import text_to_bytes, to_bytes

EXIT_JOURNAL_FAILED = 75
_WAKE_FLAGS = int(
    socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
)  # combining the enum's members takes 6 µs each time


def now() -> int:
    """Microseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1000


def journal_line(text: str) -> bytes:
    """`CRC JSON\\n`, of a JSON object without line breaks."""
    data = text_to_bytes(text)
    return b"%08x %s\n" % (zlib.crc32(data), data)


class Journal:
    """Appends lines and wakes the daemon. Any thread.

    A failed append ends the process: with status 75, which the daemon takes for a full disk, or with 1 where user code
    closed the journal's descriptor.
    """

    def __init__(self, descriptor: int, wake: socket.socket) -> None:
        self._descriptor = descriptor
        self._wake = wake

    def append(self, *lines: str, wake: bool = True) -> None:
        """All of them, JSON objects, in a single write. Without `wake` the daemon reads them when it reads next."""
        data = b"".join(map(journal_line, lines))
        try:
            written = os.write(self._descriptor, data)
        except OSError as error:
            self._fail(error.strerror or str(error), 1 if error.errno == errno.EBADF else EXIT_JOURNAL_FAILED)
        else:
            if written != len(data):
                self._fail("no space left", EXIT_JOURNAL_FAILED)
        if wake:
            self.wake()

    def wake(self) -> None:
        """Tells the daemon that there is something to read."""
        try:
            self._wake.send(b"\n", _WAKE_FLAGS)
        except OSError:
            pass  # the buffer is full of wake-ups, or nobody listens any more: the journal is there to be read

    def _fail(self, reason: str, status: int) -> None:
        try:
            sys.stderr.write(f"headrace: cannot append to this worker's journal: {reason}\n")
            sys.stderr.flush()
        finally:
            os._exit(status)


class LogFile:
    """JSON lines; one that cannot be written is lost (the journal will tell of the full disk). Any thread."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def append(self, message: dict[str, Any]) -> None:
        try:
            os.write(self._descriptor, to_bytes(message) + b"\n")
        except OSError:
            pass
