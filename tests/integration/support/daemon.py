"""A real daemon in its own home: started, talked to, killed and started again by a test."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from .events import EventStream
from .processes import MARK, marked_processes, wait_until_gone

REPOSITORY = Path(__file__).resolve().parents[3]
SERVING = "Serving Headrace on "
ENDED = ("success", "failure", "canceled")
START_LIMIT = 60.0
LIMIT = 120.0


def binary() -> str:
    return os.environ.get("HEADRACE_BIN") or str(REPOSITORY / ".venv" / "bin" / "headrace")


def clean_environment(extra: dict[str, str]) -> dict[str, str]:
    """The tests' environment less what would change a daemon, with this Python as the code locations' own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HEADRACE_", "DAGSTER_", "PYTEST_"))}
    kept.setdefault("VIRTUAL_ENV", sys.prefix)
    return kept | extra


class Daemon:
    """`headrace dev …` (or `serve`) on a free port. Every process it starts carries a mark, by which leftovers are found."""

    def __init__(
        self,
        home: Path,
        arguments: list[str],
        *,
        cwd: Path,
        environment: dict[str, str] | None = None,
        command: str = "dev",
        program: list[str] | None = None,
    ):
        self.home, self.arguments, self.cwd, self.command = home, arguments, cwd, command
        self.program = program or [binary()]
        self.mark = uuid.uuid4().hex
        self.environment = clean_environment({MARK: self.mark} | (environment or {}))
        self.starts = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.client = httpx.Client(verify=False)

    # ---- life ----
    def start(self) -> Daemon:
        self.starts += 1
        command = [*self.program, self.command, *self.arguments, "-p", "0", "--home", str(self.home)]
        with open(self.log_file, "wb") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self.cwd,
                env=self.environment,
                start_new_session=True,
            )
        line = self._first_line()
        assert line.startswith(SERVING), f"first line on stdout: {line!r}; stderr:\n{self.log}"
        self.url = line.removeprefix(SERVING).strip()
        self.client = httpx.Client(base_url=self.url, timeout=30.0, verify=False)
        return self

    def _first_line(self) -> str:
        stdout, line, deadline = self.process.stdout, b"", time.monotonic() + START_LIMIT
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([stdout], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"no line on stdout within {START_LIMIT} s; stderr:\n{self.log}"
            byte = os.read(stdout.fileno(), 1)
            if not byte:
                break
            line += byte
        return line.decode()

    @property
    def log_file(self) -> Path:
        return self.home.parent / f"{self.home.name}.{self.starts}.stderr"

    @property
    def log(self) -> str:
        """What this start of the daemon wrote to stderr."""
        return self.log_file.read_text(errors="replace")

    @property
    def pid(self) -> int:
        return self.process.pid

    def kill(self) -> None:
        """kill -9 of the daemon alone; its workers live on."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(LIMIT)

    def terminate(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(LIMIT)

    def interrupt(self) -> int:
        """SIGINT, as Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(LIMIT)

    def close(self) -> None:
        """Ends the daemon as Ctrl-C does and asserts that nothing it ever started survives."""
        self.client.close()
        if self.process and self.process.poll() is None:
            self.interrupt()
        if self.process:
            self.process.stdout.close()
        left = wait_until_gone(self.mark, 20.0)
        assert not left, f"processes that outlived the daemon: {left}; stderr:\n{self.log}"

    def kill_everything(self) -> None:
        for pid in marked_processes(self.mark):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        if self.process:
            self.process.wait(LIMIT)

    # ---- REST ----
    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.client.request(method, path, **options)

    def get(self, path: str, **options: Any) -> Any:
        response = self.client.get(path, **options)
        assert response.status_code == 200, f"GET {path}: {response.status_code} {response.text}"
        return response.json()

    def post(self, path: str, body: Any = None, *, expect: int) -> Any:
        response = self.client.post(path, json={} if body is None else body)
        assert response.status_code == expect, f"POST {path}: {response.status_code} {response.text}"
        return response.json()

    def events(self, topics: str, after: int) -> EventStream:
        return EventStream(self.url, topics, after, cookies=self.client.cookies)

    def wait_for(self, path: str, topics: str, condition) -> Any:
        """The answer of `path` once `condition(answer)` holds; asked again whenever an event of `topics` comes."""
        answer = self.get(path)
        if condition(answer):
            return answer
        with self.events(topics, answer["as_of"]) as stream:
            for _ in stream:
                answer = self.get(path)
                if condition(answer):
                    return answer
        raise AssertionError(f"the event stream ended; last answer of {path}: {answer}")

    # ---- what tests do ----
    def code_location(self, name: str | None = None) -> dict[str, Any]:
        """The (first) code location once it is loaded or failed and not reloading."""

        def settled(answer: dict[str, Any]) -> bool:
            return all(x["state"] != "loading" and not x["reloading"] for x in answer["items"])

        answer = self.wait_for("/api/v1/code-locations", "code-locations", settled)
        items = [x for x in answer["items"] if name in (None, x["name"])]
        assert items, f"no code location {name}: {answer}"
        return items[0]

    def loaded(self, name: str | None = None) -> dict[str, Any]:
        location = self.code_location(name)
        assert location["state"] == "loaded" and location["error"] is None, f"{location}\n{self.log}"
        return location

    def reload(self, name: str | None = None) -> dict[str, Any]:
        name = name or self.get("/api/v1/code-locations")["items"][0]["name"]
        self.post(f"/api/v1/code-locations/{name}/reload", expect=202)
        return self.code_location(name)

    def launch(self, selection: str = "*", **more: Any) -> int:
        return self.post("/api/v1/runs", {"selection": selection, **more}, expect=201)["number"]

    def run(self, number: int) -> dict[str, Any]:
        return self.get(f"/api/v1/runs/{number}")

    def wait_run(self, number: int) -> dict[str, Any]:
        return self.wait_for(f"/api/v1/runs/{number}", f"run:{number}", lambda run: run["status"] in ENDED)

    def materialize(self, selection: str = "*", *, expect: str = "success", **more: Any) -> dict[str, Any]:
        run = self.wait_run(self.launch(selection, **more))
        assert run["status"] == expect, f"{run}\n{self.log}"
        return run

    def run_events(self, number: int) -> list[dict[str, Any]]:
        events, after = [], 0
        while True:
            page = self.get(f"/api/v1/runs/{number}/events", params={"after": after, "limit": 500})["items"]
            if not page:
                return events
            events += page
            after = page[-1]["id"]

    def asset(self, key: str) -> dict[str, Any]:
        return self.get(f"/api/v1/assets/{key.replace('/', '%2F')}")

    def metadata(self, key: str) -> dict[str, Any]:
        """Label -> value of an asset's latest materialization."""
        latest = self.asset(key)["latest_materialization"]
        assert latest, f"{key} was never materialized"
        return {label: entry.get("value") for label, entry in latest["metadata"].items()}

    def step_log(self, number: int, step: str, stream: str, attempt: int = 1) -> str:
        response = self.client.get(f"/api/v1/runs/{number}/steps/{step}/attempts/{attempt}/logs/{stream}")
        assert response.status_code == 200, response.text
        return response.text


@contextmanager
def stopped_at_the_end() -> Iterator[list[Daemon]]:
    """For daemons that a test starts: those in the list are closed at its end, and nothing that they started is left."""
    started: list[Daemon] = []
    try:
        yield started
        for one in started:
            one.close()
    finally:
        for one in started:
            one.kill_everything()


def step_of(run: dict[str, Any], key: str) -> dict[str, Any]:
    found = [step for step in run["steps"] if step["step_key"] == key]
    assert found, f"no step {key} in {run}"
    return found[0]
