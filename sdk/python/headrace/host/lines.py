"""One JSON object a line over a stream socket."""

from __future__ import annotations

import json
import socket
from typing import Any

encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def to_bytes(message: Any) -> bytes:
    """Compact JSON; characters that UTF-8 cannot hold (broken file names) become question marks."""
    return text_to_bytes(encode(message))


def text_to_bytes(text: str) -> bytes:
    """UTF-8, with question marks for what it cannot hold."""
    return text.encode("utf-8", "replace")


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

    def read_some(self) -> list[dict[str, Any]]:
        """Waits, receives once, and returns the whole messages so far; none at the end of the stream."""
        self._receive(0)
        return self._take_messages()

    def read_arrived(self) -> list[dict[str, Any]]:
        """All whole messages that have arrived, without waiting."""
        while self._receive(socket.MSG_DONTWAIT):
            pass
        return self._take_messages()

    def _receive(self, flags: int) -> bool:
        """False when nothing came: not yet, or never again."""
        try:
            data = self.socket.recv(65536, flags)
        except BlockingIOError:
            return False
        except ConnectionError:
            data = b""
        self.at_end = not data
        self._buffer += data
        return not self.at_end

    def _take_messages(self) -> list[dict[str, Any]]:
        if b"\n" not in self._buffer:
            return []
        *lines, self._buffer = self._buffer.split(b"\n")
        return [json.loads(line) for line in lines if line]

    def detach(self) -> None:
        """Forgets the descriptor without closing it."""
        self.socket.detach()
