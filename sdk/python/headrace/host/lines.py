"""One JSON object a line over a stream socket."""

from __future__ import annotations

import json
import socket
from typing import Any

encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def to_bytes(message: Any) -> bytes:
    """Compact JSON; characters that UTF-8 cannot hold (broken file names) become question marks."""
    return encode(message).encode("utf-8", "replace")


class LineSocket:
    """Messages of a connected stream socket. Owns the descriptor. One thread.

    The end of the stream, and a peer that died, both count as the end.
    """

    def __init__(self, descriptor: int) -> None:
        self.socket = socket.socket(fileno=descriptor)
        self.at_end = False
        self._buffer = b""

    def send(self, message: dict[str, Any]) -> None:
        """Blocks until it is written; raises OSError when nobody reads any more."""
        self.socket.sendall(to_bytes(message) + b"\n")

    def read_some(self, flags: int = 0) -> list[dict[str, Any]]:
        """Receives once and returns the whole messages so far; nothing at the end of the stream."""
        try:
            data = self.socket.recv(65536, flags)
        except BlockingIOError:
            return []
        except ConnectionError:
            data = b""
        if not data:
            self.at_end = True
            return []
        *lines, self._buffer = (self._buffer + data).split(b"\n")
        return [json.loads(line) for line in lines if line]

    def detach(self) -> None:
        """Forgets the descriptor without closing it."""
        self.socket.detach()
