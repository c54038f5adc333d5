"""A gate that user code waits at until the test opens it: how a test holds a step in the middle without any sleep.

The gate is a socket of the test; the asset connects, says its name, and blocks until it gets a byte. An asset
that dies at the gate closes its connection, which the test can wait for too.
"""

from __future__ import annotations

import socket
import uuid
from types import TracebackType

LIMIT = 60.0

# What a project's assets import (`from gate import pass_gate`).
USER_MODULE = '''
import os
import socket


def pass_gate(name):
    """Says `name` to the test and waits until it lets us pass; answers what it sent."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect("\\0" + os.environ["TEST_GATE"])
        connection.sendall(f"{name} {os.getpid()}\\n".encode())
        answer = connection.recv(100)
        if not answer:
            raise RuntimeError("the test closed the gate")
        return answer.decode().strip()
'''


class Visitor:
    """Someone who waits at the gate."""

    def __init__(self, connection: socket.socket):
        connection.settimeout(LIMIT)
        self._connection = connection
        name, pid = connection.makefile().readline().split()
        self.name, self.pid = name, int(pid)

    def let_pass(self, answer: str = "go") -> None:
        self._connection.sendall(answer.encode())
        self._connection.close()

    def wait_gone(self) -> None:
        """Returns when the visitor closed its end: it died, or it was canceled."""
        try:
            assert self._connection.recv(1) == b""
        except ConnectionResetError:
            pass
        self._connection.close()


class Gate:
    def __init__(self) -> None:
        self.name = f"headrace-test-{uuid.uuid4().hex}"
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind("\0" + self.name)
        self._server.listen(64)
        self._server.settimeout(LIMIT)

    def __enter__(self) -> Gate:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    def environment(self) -> dict[str, str]:
        return {"TEST_GATE": self.name}

    def next_visitor(self) -> Visitor:
        """Waits until user code stands at the gate."""
        return Visitor(self._server.accept()[0])

    def is_empty(self) -> bool:
        """Nobody waits at the gate right now."""
        self._server.settimeout(0)
        try:
            self._server.accept()[0].close()
        except BlockingIOError:
            return True
        finally:
            self._server.settimeout(LIMIT)
        return False
