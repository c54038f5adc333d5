"""Reads the daemon's server-sent events. Each wait has a limit; nothing polls."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import httpx

LIMIT = 120.0


class EventStream:
    """Iterates over the events of some topics after a cursor; pings are left out, `reset` is an error.

    Gives up `limit` seconds after it was made, at the next frame (pings come every 15 s)."""

    def __init__(
        self,
        url: str,
        topics: str,
        after: int,
        limit: float = LIMIT,
        cookies: httpx.Cookies | None = None,
    ):
        timeout = httpx.Timeout(limit, read=limit)
        self._client = httpx.Client(base_url=url, timeout=timeout, cookies=cookies, verify=False)
        self._context = self._client.stream(
            "GET",
            "/api/v1/events",
            params={"topics": topics, "after": after},
            headers={"Accept": "text/event-stream"},
        )
        self.last_id = after
        self._deadline = time.monotonic() + limit

    def __enter__(self) -> EventStream:
        self._response = self._context.__enter__()
        assert self._response.status_code == 200, self._response.read()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._context.__exit__(kind, error, trace)
        self._client.close()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        kind, data = "message", []
        for line in self._response.iter_lines():
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "id":
                self.last_id = int(value)
            elif field == "event":
                kind = value
            elif field == "data":
                data.append(value)
            elif line == "" and (data or kind != "message"):
                assert kind != "reset", "the stream was reset"
                assert time.monotonic() < self._deadline, (
                    "nothing awaited came in time (a ping or an event did)"
                )
                if kind != "ping":
                    yield json.loads("\n".join(data))
                kind, data = "message", []

    def next(self, kind: str) -> dict[str, Any]:
        """The next event of this type; those before it are skipped."""
        for event in self:
            if event["type"] == kind:
                return event
        raise AssertionError(f"the stream ended before {kind}")
