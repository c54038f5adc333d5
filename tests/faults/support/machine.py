"""The machine of one round: a folder, a daemon that may be killed at any call, a client that remembers what it was told."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from integration.support.daemon import LIMIT, Daemon, binary, clean_environment
from integration.support.processes import marked_processes, wait_gone

from .shim import Shim
from .small_run import SmallRun

# The last time limit to matter in a round: what waits longer than this is stuck.
QUICK = {"HEADRACE_HOST_RESTART_MS": "10", "HEADRACE_STORE_RETRY_MS": "10", "PYTHONDONTWRITEBYTECODE": "1"}


class Died(Exception):
    """The daemon was killed, as planned."""


class StreamEnded(Exception):
    """The server ended a stream that nobody wanted ended."""


class Machine:
    def __init__(self, work: SmallRun, **environment: str):
        self.work = work
        self.daemon = Daemon(work.home, ["-f", "defs.py", "-d", str(work.project)], cwd=work.folder)
        self._plain = self.daemon.environment | QUICK | environment
        self.runs: list[int] = []  # whose launch was answered
        self.events: dict[int, dict[str, Any]] = {}  # that a stream has told of, by id

    def __enter__(self) -> Machine:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self.daemon.close()
        finally:
            self.kill_everything()

    # ---- life ----
    def start(self, shim: Shim | None = None) -> None:
        """Raises Died where the shim kills it before it serves."""
        self.daemon.environment = self._plain | (shim.environment() if shim else {})
        try:
            self.daemon.start()
            location = self.daemon.code_location()
            assert location["state"] == "loaded", f"{location}\n{self.daemon.log}"
        except (AssertionError, httpx.TransportError) as error:
            raise self._reason_of(error) from error

    def serves(self) -> bool:
        try:
            return self.daemon.request("GET", "/healthz").status_code == 200
        except (httpx.TransportError, RuntimeError):  # it is gone, or it never was
            return False

    def stop(self, *, waits_for_workers: bool = False) -> None:
        """SIGTERM, or SIGINT, which waits until every worker is gone; raises Died where the daemon is killed instead."""
        self.daemon.client.close()
        status = self.daemon.interrupt() if waits_for_workers else self.daemon.terminate()
        self.daemon.process.stdout.close()
        if status == -signal.SIGKILL:
            raise Died()
        assert status == 0, f"the daemon ended with {status}:\n{self.daemon.log}"

    def _reason_of(self, error: Exception) -> Exception:
        """What explains that the daemon does not answer: its planned death, or else the error itself."""
        try:
            return Died() if self.daemon.process.wait(10) == -signal.SIGKILL else error
        except subprocess.TimeoutExpired:
            return error

    def kill_daemon(self) -> None:
        """SIGKILL to it alone; its workers live on."""
        self.daemon.kill()
        self.daemon.process.stdout.close()

    def kill_everything(self) -> None:
        """The machine stands still: no process is left, and no lock."""
        for pid in marked_processes(self.daemon.mark):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            wait_gone(pid)
        if self.daemon.process:
            self.daemon.process.wait(LIMIT)
            if self.daemon.process.stdout:
                self.daemon.process.stdout.close()

    # ---- the client ----
    def materialize(self) -> dict[str, Any]:
        """A run, followed by its events to its end. Raises Died where the daemon is killed meanwhile."""
        try:
            return self.follow(self.launch())
        except (httpx.TransportError, StreamEnded) as error:
            raise self._reason_of(error) from error

    def launch(self) -> int:
        number = self.daemon.launch()
        self.runs.append(number)
        return number

    def retry(self, number: int) -> dict[str, Any]:
        answer = self.daemon.post(f"/api/v1/runs/{number}/retry", {"from": "failure"}, expect=201)
        self.runs.append(answer["number"])
        return self.follow(answer["number"])

    def follow(self, number: int) -> dict[str, Any]:
        run = self.daemon.run(number)
        if run["status"] in ("success", "failure", "canceled"):
            return run
        with self.daemon.events(f"run:{number}", 0) as stream:
            for event in stream:
                if event["run_id"]:
                    self.events[event["id"]] = event
                if event["type"] == "run_ended":
                    return self.daemon.run(number)
        raise StreamEnded("the event stream ended before the run did")

    def follow_all(self) -> list[dict[str, Any]]:
        """Every run that the log has, each at its end; also one whose launch was never answered."""
        known = [run["number"] for run in self.daemon.get("/api/v1/runs", params={"limit": 100})["items"]]
        assert set(self.runs) <= set(known), f"runs {self.runs} were answered, the log has {known}"
        self.runs = sorted(known)
        return [self.follow(number) for number in self.runs]

    # ---- what must hold ----
    def check_nothing_lost(self) -> None:
        """All that was acknowledged is in the log, as it was told; each attempt begins and ends once, in order."""
        log: dict[int, dict[str, Any]] = {}
        for number in self.runs:
            events = self.daemon.run_events(number)
            check_order(events)
            log |= {event["id"]: event for event in events}
        for number, event in self.events.items():
            found = log.get(number)
            assert found, f"event {number} was told and is gone: {event}"
            same = [k for k in ("type", "run_id", "step_key", "attempt") if found.get(k) != event.get(k)]
            assert not same, f"event {number} is another one now: {event} / {found}"

    def check_database(self, *, is_dense: bool = True) -> None:
        """With no daemon: whole, ids without holes, and the derived tables are what a fold of the log gives."""
        check_database(self.work.home, self.daemon.environment, is_dense)

    def check_leftovers(self) -> None:
        """With no daemon: no temporary file, and no journal of a worker that the log does not await."""
        with closing(sqlite3.connect(self.work.home / "headrace.db")) as database:
            awaited = {str(worker) for (worker,) in database.execute("SELECT worker_id FROM workers")}
        journals = [p for p in self.work.home.rglob("journal") if p.parent.name not in awaited]
        left = [*journals, *self.work.folder.rglob("*-tmp")]
        assert not left, f"left behind: {', '.join(map(str, left))}"


def check_order(events: list[dict[str, Any]]) -> None:
    """An attempt starts once and ends once, nothing comes after its end, and nothing after the run's."""
    open_attempts, ended = set(), set()
    for event in events:
        assert ("run", 0) not in ended, f"after the run's end: {event}"
        attempt = (event.get("step_key"), event.get("attempt"))
        if event["type"] == "step_started":
            assert attempt not in open_attempts | ended, f"started twice: {event}"
            open_attempts.add(attempt)
        elif event["type"] == "step_ended":
            assert attempt not in ended, f"ended twice: {event}"
            open_attempts.discard(attempt)
            ended.add(attempt)
        elif event["type"] in ("inputs_loaded", "materialized", "observed"):
            assert attempt in open_attempts, f"of an attempt that is not open: {event}"
        elif event["type"] == "run_ended":
            # One whose worker could not write its journal has no end of its own: another attempt took its place.
            open_attempts = {a for a in open_attempts if not any(step == a[0] and (n or 0) > a[1] for step, n in ended)}
            assert not open_attempts, f"the run ended before {open_attempts}"
            ended.add(("run", 0))


DERIVED = ("runs", "steps", "step_edges", "attempts", "assets", "latest")


def check_database(home: Path, environment: dict[str, str], is_dense: bool) -> None:
    def derived() -> dict[str, list[tuple]]:
        with closing(sqlite3.connect(home / "headrace.db")) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            ids = [i for (i,) in database.execute("SELECT id FROM events ORDER BY id")]
            assert not is_dense or ids == list(range(1, len(ids) + 1)), f"ids with holes: {ids}"
            return {t: sorted(database.execute(f"SELECT * FROM {t}").fetchall(), key=repr) for t in DERIVED}

    before = derived()
    plain = {k: v for k, v in clean_environment(environment).items() if not k.startswith(("FAULTS_", "LD_PRELOAD"))}
    rebuilt = subprocess.run(
        [binary(), "storage", "rebuild", "--home", str(home)], capture_output=True, text=True, env=plain
    )
    assert rebuilt.returncode == 0, rebuilt.stderr
    after = derived()
    for table in DERIVED:
        assert before[table] == after[table], f"{table} differs from the log"
