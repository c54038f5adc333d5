"""100 browsers watch a run of 1,000 steps: each holds an event stream of the run's events.

Delivery's CPU: what the daemon uses more than for the same run without watchers, for each event and stream.
Lag: from an event's own time (when the worker wrote it) until a watcher has read it, with its commit in
between. Behind: from the run's end until the last watcher knows.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import statistics
import tempfile
import time
from pathlib import Path

from .support.daemon import MeasuredDaemon, microseconds, running_daemon
from .support.disk import disk_folder
from .support.report import Figure, Report
from .support.statistics import median, p99

STEPS = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--streams", type=int, default=100, help="open at a time (default: 100)")


class Watcher:
    """One event stream, read as bytes: a frame ends with an empty line."""

    def __init__(self, url: str, after: int) -> None:
        host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
        self.socket = socket.create_connection((host, int(port)))
        path = f"/api/v1/events?topics=runs,assets&after={after}"
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        self.socket.setblocking(False)
        self.frames, self.tail, self.has_ended = 0, b"", False

    def read(self) -> bytes:
        data = self.socket.recv(1 << 20)
        assert data, "the daemon closed an event stream"
        self.frames += data.count(b"\nid: ") + data.startswith(b"id: ")
        self.has_ended |= b"event: run_ended" in self.tail + data
        self.tail = data[-32:]
        return data


def watch(daemon: MeasuredDaemon, count: int) -> dict[str, float]:
    """A run under `count` watchers, of which the first also looks at each event's time."""
    selector, lags, buffer = selectors.DefaultSelector(), [], b""
    after = daemon.get("/api/v1/status")["as_of"]
    watchers = [Watcher(daemon.url, after) for _ in range(count)]
    for watcher in watchers:
        selector.register(watcher.socket, selectors.EVENT_READ, watcher)
    number = daemon.launch("group:wide")
    waiting = count
    while waiting:
        for key, _ in selector.select():
            watcher = key.data
            data = watcher.read()
            if watcher is watchers[0]:
                received = time.time()
                *frames, buffer = (buffer + data).split(b"\n\n")
                lags += [received * 1e3 - time_of(frame) for frame in frames if b"event: step_" in frame]
            if watcher.has_ended:
                selector.unregister(watcher.socket)
                waiting -= 1
    ended = time.time()
    while daemon.has_workers():
        time.sleep(0.02)
    run = daemon.run(number)
    for watcher in watchers:
        watcher.socket.close()
    return {
        "frames": sum(watcher.frames for watcher in watchers),
        "lag": median(lags),
        "lag_p99": p99(lags),
        "behind": ended * 1e3 - microseconds(run["ended_at"]) / 1e3,
    }


def time_of(frame: bytes) -> float:
    """Milliseconds since 1970 of the event in a frame."""
    data = next(line for line in frame.split(b"\n") if line.startswith(b"data: "))
    return microseconds(json.loads(data[6:])["timestamp"]) / 1e3


def measure(report: Report, arguments: argparse.Namespace) -> None:
    steps, streams = (5, 3) if arguments.tiny else (STEPS, arguments.streams)
    report.heading(f"{streams} event streams of a run of {steps:,} steps")
    with tempfile.TemporaryDirectory(dir=disk_folder()) as name:
        with running_daemon(Path(name), "int_assets", environment={"BENCH_STEPS": str(steps)}) as daemon:
            daemon.run_to_end("group:wide")
            results, alone, watched = [], [], []
            for _ in range(arguments.rounds):
                before = daemon.cpu_seconds()["daemon"]
                daemon.run_to_end("group:wide")
                between = daemon.cpu_seconds()["daemon"]
                results.append(watch(daemon, streams))
                alone.append(between - before)
                watched.append(daemon.cpu_seconds()["daemon"] - between)
    frames = statistics.mean(one["frames"] for one in results)
    cpu = (statistics.mean(watched) - statistics.mean(alone)) * 1e6 / frames
    more = {"frames": int(frames), "daemon's CPU s": statistics.mean(watched), "alone": statistics.mean(alone)}
    report.add(Figure("delivery, daemon's CPU µs a frame", cpu, "µs", more=more))
    report.add(Figure("lag, median", median(one["lag"] for one in results), "ms"))
    report.add(Figure("lag, p99", median(one["lag_p99"] for one in results), "ms"))
    report.add(Figure("last watcher behind the run's end", median(one["behind"] for one in results), "ms"))
