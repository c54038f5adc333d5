"""Runs `headrace COMMAND …` as a user's shell would: in pipes, or on a pseudo terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import uuid
from pathlib import Path

from .daemon import binary, clean_environment
from .processes import MARK, wait_until_gone

LIMIT = 120.0


def headrace(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """In pipes; nothing that it started may be left at its end."""
    mark = uuid.uuid4().hex
    ended = subprocess.run(
        [binary(), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=clean_environment({MARK: mark} | environment),
        timeout=LIMIT,
    )
    left = wait_until_gone(mark, 20.0)
    assert not left, f"processes that outlived headrace {arguments}: {left}"
    return ended


class Terminal:
    """The command on a pseudo terminal of `columns` columns, a process group of its own."""

    def __init__(self, *arguments: str, cwd: Path, columns: int = 80, **environment: str):
        self.mark = uuid.uuid4().hex
        self._screen, inner = pty.openpty()
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        given = {MARK: self.mark, "TERM": "xterm"} | environment
        self.process = subprocess.Popen(
            [binary(), *arguments],
            stdin=inner,
            stdout=inner,
            stderr=inner,
            cwd=cwd,
            env=clean_environment(given),
            start_new_session=True,
        )
        os.close(inner)
        self.text = ""

    def read_until(self, wanted: str) -> None:
        """Reads on until `wanted` was written."""
        while wanted not in self.text:
            assert self._read(), f"ended without {wanted!r}:\n{self.text}"

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Reads to the end; the exit status. Nothing that it started may be left."""
        while self._read():
            pass
        os.close(self._screen)
        status = self.process.wait(LIMIT)
        left = wait_until_gone(self.mark, 20.0)
        assert not left, f"processes that outlived it: {left}"
        return status

    def _read(self) -> bool:
        try:
            data = os.read(self._screen, 65536)
        except OSError:  # all ends of the terminal are closed
            return False
        self.text += data.decode(errors="replace")
        return bool(data)
