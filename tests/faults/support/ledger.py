"""A client that remembers every event it was told of, whatever happens to the daemon: what a POST answered, what the event
stream sent, what a page of events held. What it remembers is acknowledged: it must never be missing, doubled or changed.
"""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

Event = dict[str, Any]
ONCE_A_RUN = ("run_created", "run_started", "run_ended")
ONCE_AN_ATTEMPT = ("step_started", "inputs_loaded", "materialized", "step_ended")


class Ledger:
    """Acknowledged events by id. The threads of the streams write to it, the campaign waits on it."""

    def __init__(self) -> None:
        self.events: dict[int, Event] = {}
        self.cursor = 0  # the last id that a stream sent: where the next one goes on
        self.ended: set[str] = set()  # runs whose end is acknowledged
        self.wrong: list[str] = []
        self.changed = threading.Condition()

    def take(self, event: Event) -> None:
        with self.changed:
            known = self.events.setdefault(event["id"], event)
            if event["type"] == "run_ended":
                self.ended.add(event["run_id"])
            if known != event:
                self.wrong.append(f"event {event['id']} was {known}, now it is {event}")
            self.changed.notify_all()

    def wait(self, condition: Callable[[], Any], limit: float) -> bool:
        """Waits until the condition holds; asked again after each event."""
        with self.changed:
            return bool(self.changed.wait_for(condition, limit))


class Listener(threading.Thread):
    """Reads one event stream into a ledger until the daemon is gone or `close` is called."""

    def __init__(self, url: str, topics: str, ledger: Ledger, until: int | None = None):
        super().__init__(daemon=True)
        self._ledger, self._until = ledger, until
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname, address.port), 30.0)
        self._socket.settimeout(60.0)  # pings come every 15 s
        self._socket.sendall(
            f"GET /api/v1/events?topics={topics}&after={ledger.cursor} HTTP/1.1\r\nHost: {address.netloc}\r\n"
            "Accept: text/event-stream\r\n\r\n".encode()
        )
        self.start()

    def run(self) -> None:
        try:
            with self._socket, self._socket.makefile("rb") as lines:
                self._read(lines)
        except (OSError, ValueError):
            pass  # the daemon was killed; a torn frame was not acknowledged

    def _read(self, lines: Any) -> None:
        kind, frame_id = "", 0
        for line in lines:
            if line.startswith(b"event: "):
                kind = line[7:].strip().decode()
            elif line.startswith(b"id: "):
                frame_id = int(line[4:])
            elif line.startswith(b"data: ") and line.endswith(b"\n") and kind not in ("ping", "reset"):
                event = json.loads(line[6:])
                if event["id"] != frame_id or frame_id <= self._ledger.cursor:
                    self._ledger.wrong.append(
                        f"the stream sent {frame_id} after {self._ledger.cursor} with event {event['id']}"
                    )
                self._ledger.cursor = frame_id
                self._ledger.take(event)
                if self._until is not None and frame_id >= self._until:
                    return
            elif kind == "reset":
                self._ledger.wrong.append(f"the stream was reset after {self._ledger.cursor}")
                kind = ""

    def close(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.join()


def complete_log(url: str, run_numbers: list[int], as_of: int) -> list[Event]:
    """Every event of the log, in order, as a new reader gets it."""
    whole = Ledger()
    topics = ",".join(["runs", "assets", "code-locations", *(f"run:{n}" for n in run_numbers)])
    listener = Listener(url, topics, whole, until=as_of)
    listener.join(120.0)
    listener.close()
    assert not whole.wrong, whole.wrong[0]
    return list(whole.events.values())


def check_acknowledged(ledger: Ledger, log: list[Event]) -> None:
    """Every acknowledged event is there exactly once, in order, unchanged; ids are dense."""
    assert not ledger.wrong, f"{len(ledger.wrong)} wrong: {ledger.wrong[0]}"
    ids = [event["id"] for event in log]
    assert ids == list(range(1, len(ids) + 1)), f"ids are not 1, 2, 3 …: {_first_gap(ids)}"
    present = {event["id"]: event for event in log}
    for number, event in ledger.events.items():
        assert number in present, f"acknowledged event {number} is lost: {event}"
        assert present[number] == event, f"acknowledged event {number} was {event}, it is {present[number]}"


def _first_gap(ids: list[int]) -> str:
    for expected, found in enumerate(ids, 1):
        if expected != found:
            return f"{found} where {expected} belongs"
    return "none"


def check_story(log: list[Event], run_id: str) -> None:
    """What the log tells of a run makes sense: nothing twice, nothing after an end, no finished step again."""
    events = [e for e in log if e.get("run_id") == run_id]
    once = Counter(e["type"] for e in events if e["type"] in ONCE_A_RUN)
    assert all(once[kind] == 1 for kind in ONCE_A_RUN), f"run {run_id}: {once}"
    assert events[-1]["type"] == "run_ended", f"run {run_id}: {events[-1]} comes after its end"
    attempts = Counter(
        (e["type"], e["step_key"], e["attempt"]) for e in events if e["type"] in ONCE_AN_ATTEMPT
    )
    double = [key for key, count in attempts.items() if count > 1]
    assert not double, f"run {run_id}: twice in the log: {double[:3]}"
    finished: set[str] = set()
    ended: set[tuple[str, int]] = set()
    for event in (e for e in events if e.get("step_key")):
        step, attempt = event["step_key"], event["attempt"]
        assert step not in finished, f"run {run_id}: finished step {step} goes on: {event}"
        assert (step, attempt) not in ended, f"run {run_id}: {event} comes after its attempt's end"
        if event["type"] == "step_ended":
            ended.add((step, attempt))
            if event["data"]["status"] == "success":
                finished.add(step)


