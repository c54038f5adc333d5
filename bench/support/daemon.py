"""The daemon that is measured: the integration tests' own, with what a benchmark asks beside."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.integration.support.daemon import ENDED, Daemon

from . import processes

PROJECTS = Path(__file__).resolve().parents[1] / "projects"
POLL = 0.02  # seconds between looks at a run; what is measured comes from its events, not from these looks


class MeasuredDaemon(Daemon):
    def hosts(self) -> list[int]:
        return [pid for pid in processes.children(self.pid) if processes.role(pid) == "host"]

    def has_workers(self) -> bool:
        """A spawned worker is the daemon's child, a forked one the host's."""
        spawned = [pid for pid in processes.children(self.pid) if processes.role(pid) == "worker"]
        return bool(spawned) or any(processes.children(host) for host in self.hosts())

    def cpu_seconds(self) -> dict[str, float]:
        """Of the daemon itself, and of its hosts and all workers that have ended."""
        own, waited_for = processes.cpu_seconds(self.pid)
        return {"daemon": own, "workers": waited_for + sum(sum(processes.cpu_seconds(x)) for x in self.hosts())}

    def pss_mib(self) -> float:
        return processes.pss_mib(self.pid)

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        one = Connection(self.url)
        try:
            yield one
        finally:
            one.close()

    def run_to_end(self, selection: str, **more: Any) -> dict[str, Any]:
        """The run when it and its workers have ended."""
        number = self.launch(selection, **more)
        with self.connection() as connection:
            while connection.get("/api/v1/runs?limit=1")["items"][0]["status"] not in ENDED:
                time.sleep(POLL)
        while self.has_workers():
            time.sleep(POLL)
        run = self.run(number)
        assert run["status"] == "success", f"run {number}: {run['status']}\n{self.log}"
        return run


class Connection:
    """A kept-alive connection, with less of its own cost than httpx has."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").rstrip("/").partition(":")
        self._http = http.client.HTTPConnection(host, int(port), timeout=120)

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        data = None if body is None else json.dumps(body).encode()
        self._http.request(method, path, data, {"Content-Type": "application/json"})
        response = self._http.getresponse()
        return response.status, response.read()

    def get(self, path: str) -> Any:
        status, body = self.request("GET", path)
        assert status == 200, f"GET {path}: {status} {body!r}"
        return json.loads(body)

    def close(self) -> None:
        self._http.close()


@contextmanager
def running_daemon(
    folder: Path,
    module: str,
    *,
    durability: str = "full",
    environment: dict[str, str] | None = None,
    program: Path | None = None,
) -> Iterator[MeasuredDaemon]:
    """A daemon with its home in `folder` and one code location of bench/projects (or `program`), loaded."""
    home = folder / "home"
    daemon = MeasuredDaemon(
        home,
        [*(["-m", module] if program is None else ["--exe", str(program)]), "-d", str(PROJECTS)],
        cwd=folder,
        environment={"HEADRACE_DURABILITY": durability} | (environment or {}),
    )
    daemon.start()
    try:
        daemon.loaded()
        yield daemon
        daemon.close()
    finally:
        daemon.kill_everything()


def microseconds(timestamp: str) -> int:
    """Since 1970, of a time as the API writes it."""
    return round(datetime.fromisoformat(timestamp.replace("Z", "+00:00")).timestamp() * 1e6)
