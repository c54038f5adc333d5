"""Stands between a client and a store, and does to the Nth request what networks and overloaded stores do."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "proxy-connection", "te", "trailer", "upgrade"})

# What is done to a request. `cut_upload`: the store gets half of what the client sends, then all hang up; `cut`: all
# has come, but the store gets nothing; `cut_after`: the store has done it, but its answer is lost; `cut_answer`: half of the
# answer arrives; `hold`: no answer until `release`. A number: this status, and nothing is done.
Fault = str | int


class FaultProxy:
    """An HTTP proxy in front of one store. Requests are counted from 1 since the last `reset`."""

    def __init__(self, certificate: Path | None = None, key: Path | None = None) -> None:
        """With a certificate it speaks HTTPS."""
        self.upstream = ""
        self.requests: list[str] = []
        self._faults: dict[int, Fault] = {}
        self._always: Fault | None = None
        self._lock = threading.Lock()
        self._release = threading.Event()
        # Called just before a connection is cut.
        self.on_cut: Callable[[], None] = lambda: None
        # Requests that the store's client makes besides, at no certain time: neither counted nor harmed.
        self.ignored = ""
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.proxy = self
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self._server.server_address[1]}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def reset(self) -> None:
        """No faults, and counting begins again."""
        with self._lock:
            self.requests.clear()
            self._faults, self._always = {}, None
            self.on_cut = lambda: None
            self._release.set()
            self._release = threading.Event()

    @contextlib.contextmanager
    def faults(self, faults: dict[int, Fault] | None = None, always: Fault | None = None) -> Iterator[FaultProxy]:
        """Request number → what is done to it; `always`: to all."""
        self.reset()
        self._faults, self._always = dict(faults or {}), always
        try:
            yield self
        finally:
            self.reset()

    def count(self, what: str) -> tuple[int, Fault | None, threading.Event]:
        """Counts a request: its number and what is to be done to it."""
        with self._lock:
            if self.ignored and what.startswith(self.ignored):
                return 0, None, self._release
            self.requests.append(what)
            number = len(self.requests)
            return number, self._faults.get(number, self._always), self._release

    def close(self) -> None:
        """Stops serving."""
        self.reset()
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    proxy: FaultProxy

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what this is about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments: Any) -> None:
        """Nothing."""

    def do(self) -> None:
        proxy: FaultProxy = self.server.proxy  # type: ignore[attr-defined]
        _, fault, release = proxy.count(f"{self.command} {self.path}")
        body = self._body(half=fault == "cut_upload")
        if fault == "cut_upload":
            with contextlib.suppress(OSError):
                self._send(proxy.upstream, body, int(self.headers.get("Content-Length", 2 * len(body)))).close()
            return self._cut()
        if fault == "cut":
            return self._cut()
        if fault == "hold":
            release.wait()
            return self._cut()
        if isinstance(fault, int):
            return self._answer(fault, [("Content-Type", "text/plain")], b"")
        status, headers, answer = self._forward(proxy.upstream, body)
        if fault == "cut_after":
            return self._cut()
        self._answer(status, headers, answer, cut=fault == "cut_answer")

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do  # noqa: N815 - as http.server wants them

    def handle_expect_100(self) -> bool:
        """boto3 waits for it before it sends a body."""
        self.send_response_only(100)
        self.end_headers()
        return True

    def _body(self, *, half: bool) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            length = int(self.headers.get("Content-Length", 0))
            return self.rfile.read(length // 2 if half else length)
        body = b""  # in chunks: a client that is cut sends them all, but the store gets half
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return body[: len(body) // 2] if half else body

    def _send(self, upstream: str, body: bytes, length: int) -> http.client.HTTPConnection:
        """Pass the request on, with a body that may be shorter than it says."""
        parts = urlsplit(upstream)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in _HOP_BY_HOP and name.lower() not in ("content-length", "expect"):
                connection.putheader(name, value)
        if length or self.command in ("PUT", "POST"):
            connection.putheader("Content-Length", str(length))
        connection.endheaders(body or None)
        return connection

    def _forward(self, upstream: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        with contextlib.closing(self._send(upstream, body, len(body))) as connection:
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()

    def _answer(
        self, status: int, headers: list[tuple[str, str]], body: bytes, *, cut: bool = False
    ) -> None:
        self.send_response_only(status)
        has_length = False
        for name, value in headers:
            if name.lower() in _HOP_BY_HOP:
                continue
            if name.lower() == "content-length" and self.command != "HEAD":
                continue
            has_length = has_length or name.lower() == "content-length"
            self.send_header(name, value)
        if not has_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self._cut()

    def _cut(self) -> None:
        """The client sees a reset."""
        self.server.proxy.on_cut()  # type: ignore[attr-defined]
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.wfile.flush()
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
