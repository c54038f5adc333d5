"""The listener under abuse: half-open connections, readers that come and go, and who may reach it at all."""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path

import pytest

MODULE = "my_dagster_code_location"


@pytest.fixture
def one(daemon, guide):
    one = daemon(guide("1_filesystem"), "-m", MODULE)
    one.loaded()
    return one


def address(one) -> tuple[str, int]:
    host, port = one.url.removeprefix("http://").rsplit(":", 1)
    return host, int(port)


def open_files(one) -> int:
    return len(os.listdir(f"/proc/{one.pid}/fd"))


def metric(one, name: str) -> int:
    for line in one.request("GET", "/metrics").text.splitlines():
        if line.startswith(name + " "):
            return int(line.split()[1])
    raise AssertionError(name)


def test_it_listens_on_loopback_and_nowhere_else(one):
    port = address(one)[1]
    inodes = set()
    for fd in os.listdir(f"/proc/{one.pid}/fd"):
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            inodes.add(os.readlink(f"/proc/{one.pid}/fd/{fd}"))
    listening = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            words = line.split()
            if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
                listening.append(words[1])
    assert listening == [f"0100007F:{port:04X}"]


def test_half_open_connections_do_not_keep_others_out(one):
    connections = []
    try:
        for number in range(900):
            connection = socket.create_connection(address(one))
            connection.sendall(
                b"GET /api/v1/status HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: " + b"a" * (number % 7)
            )
            connections.append(connection)
            if number % 100 == 99:
                assert one.request("GET", "/healthz").status_code == 200
        assert one.get("/api/v1/status")["assets"] == 2
        assert metric(one, "headrace_http_connections") < 530  # 512, and those that are just being closed
    finally:
        for connection in connections:
            connection.close()


def test_readers_of_the_stream_that_come_and_go_leave_nothing_behind(one):
    one.request("GET", "/healthz")
    before = open_files(one)
    request = b"GET /api/v1/events?topics=runs,assets&after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    for number in range(1000):
        with socket.create_connection(address(one)) as connection:
            connection.sendall(request)
            if number % 2:
                assert connection.recv(100).startswith(b"HTTP/1.1 200 OK\r\n")
    for _ in range(1000):  # each request is a turn of the daemon's loop, in which it notices ends
        if metric(one, "headrace_http_streams") == 0 and metric(one, "headrace_http_connections") == 1:
            break
    assert metric(one, "headrace_http_streams") == 0
    assert open_files(one) < before + 20  # a connection to the database may have been opened meanwhile


def test_a_reader_that_does_not_read_holds_nobody_up(one):
    with socket.create_connection(address(one)) as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.sendall(b"GET /api/v1/events?topics=runs,assets&after=0 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        for _ in range(5):
            one.materialize("*")
        assert one.get("/api/v1/runs")["items"][0]["status"] == "success"


def test_logs_are_not_reached_by_paths(one):
    one.materialize("*")
    database = f"{one.home}/headrace.db"
    assert Path(database).exists()
    for path in (
        f"/{database}",
        "/api/v1/runs/1/steps/..%2F..%2F/attempts/1/logs/stdout",
        "/api/v1/runs/..%2F1/steps/setosa/attempts/1/logs/stdout",
        "/%2e%2e/%2e%2e/headrace.db",
        "/..%2f..%2fheadrace.db",
        "/static/..%2f..%2fheadrace.db",
    ):
        answer = one.request("GET", path)
        assert b"SQLite format" not in answer.content, path
