"""What systemd is to a service: a socket at $NOTIFY_SOCKET that takes what the service says of itself."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

LIMIT = 60.0


class NotifySocket:
    def __init__(self, path: Path | None = None, watchdog: float = 0.0):
        """At `path`, else an abstract one; `watchdog` seconds without a sign of life would be too many."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.settimeout(LIMIT)
        self.name = str(path) if path else f"@headrace-notify-{uuid.uuid4().hex}"
        self._socket.bind(self.name.replace("@", "\0", 1) if not path else self.name)
        self._watchdog = watchdog

    def environment(self) -> dict[str, str]:
        watchdog = {"WATCHDOG_USEC": str(round(self._watchdog * 1e6))} if self._watchdog else {}
        return {"NOTIFY_SOCKET": self.name} | watchdog

    def next(self) -> dict[str, str]:
        """The next message's assignments."""
        return dict(line.split("=", 1) for line in self._socket.recv(65536).decode().splitlines())

    def until(self, is_wanted: Callable[[dict[str, str]], bool]) -> list[dict[str, str]]:
        """All messages up to the wanted one, which is the last."""
        messages = [self.next()]
        while not is_wanted(messages[-1]):
            messages.append(self.next())
        return messages

    def __enter__(self) -> NotifySocket:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        if self.name.startswith("/"):
            os.unlink(self.name)
