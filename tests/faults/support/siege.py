"""One home, its daemon, and a client that remembers, for campaigns that trouble runs under way. Each fault is put at a
random instant; at the end the home is checked whole."""

from __future__ import annotations

import random
import shutil
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx
from integration.support.daemon import Daemon

from . import victims
from .campaign import Work
from .ledger import Ledger, Listener, check_acknowledged, check_story, complete_log
from .proof import check_lines, check_storage, check_values_are_of, check_values_whole

LIMIT, PATIENCE = 60.0, 20  # seconds without any news: stuck, unless something would run if it could; so often at most
DEATH_LIMIT = 600.0  # of what was killed, or has nothing left to do
PROJECT = Path(__file__).parent / "watched_project.py"
STURDY, ALL = "group:sturdy", "*"  # sturdy assets are retried as often as it takes; fragile ones are not
ENVIRONMENT = {
    "HEADRACE_HOST_RESTART_MS": "1",
    "HEADRACE_WORKER_BIRTH_MS": "60000",
    "PYTHONDONTWRITEBYTECODE": "",  # hosts are started thousands of times
}


class Siege:
    def __init__(self, folder: Path, numbers: random.Random, environment: dict[str, str] | None = None):
        self.numbers = numbers
        self.proof = folder / "proof"
        self.proof.mkdir(parents=True)
        shutil.copy(PROJECT, folder / "watched.py")
        environment = ENVIRONMENT | {"HR_PROOF": str(self.proof)} | (environment or {})
        self.daemon = Daemon(
            folder / "home", ["-f", "watched.py", "-d", str(folder)], cwd=folder, environment=environment
        )
        self.ledger = Ledger()
        self.listener: Listener | None = None
        self.runs: dict[str, int] = {}  # run id -> number
        self.faults: Counter[str] = Counter()
        self.most: dict[str, int] = {}  # largest values of what the campaign measures; most_…
        self.born = 0.0
        self.pace = 0.5  # seconds from a start until steps are going on, as seen so far
        self.start()

    # ---- the daemon's lives ----
    def start(self) -> None:
        self.born = time.monotonic()
        self.daemon.start()
        self.listen()

    def listen(self) -> None:
        topics = ",".join(["runs", "assets", "code-locations", *(f"run:{n}" for n in self.runs.values())])
        try:
            self.listener = Listener(self.daemon.url, topics, self.ledger)
        except OSError:
            self.listener = None  # the daemon was killed in the meantime

    def restart(self) -> None:
        """After the daemon was killed, or told to stop."""
        self.daemon.process.wait(DEATH_LIMIT)
        if self.listener:
            self.listener.join()
        self.start()

    # ---- runs ----
    def launch(self, selection: str, kill_after: float | None = None) -> str:
        """A run is acknowledged once its POST is answered; until then the same request is sent again. The daemon is killed
        `kill_after` seconds after it was sent, and started again."""
        run_id = new_run_id(self.numbers)
        self.wait_loaded()
        killer = threading.Timer(kill_after or 0.0, victims.send, (self.daemon.pid, self.daemon.mark))
        if kill_after is not None:
            killer.start()
        number = self.post_run(run_id, selection)
        if kill_after is not None:
            killer.join()
            self.faults["kills_of_daemon"] += 1
            self.restart()
        if number is None:
            self.wait_loaded()
            number = self.post_run(run_id, selection)
        assert number, "the daemon died without being killed"
        self.runs[run_id] = number
        if self.listener:
            self.listener.close()
        self.listen()
        return run_id

    def wait_loaded(self) -> None:
        """Definitions serve; they may be those before a reload that failed."""
        location = self.daemon.code_location()
        assert location["state"] == "loaded", f"{location}\n{self.daemon.log}"

    def post_run(self, run_id: str, selection: str) -> int | None:
        """None: no answer, it may have happened or not."""
        try:
            response = self.daemon.request("POST", "/api/v1/runs", json={"selection": selection, "run_id": run_id})
        except httpx.TransportError:
            return None
        assert response.status_code in (200, 201), f"POST of a run: {response.status_code} {response.text}"
        return response.json()["number"]

    def wait_for_an_instant(self, run_id: str) -> bool:
        """Until some more events were told and a moment more, or for a random while after the daemon's start. False when the
        run is over."""
        if self.numbers.random() < 0.5:
            wanted = len(self.ledger.events) + self.numbers.randint(1, 60)
            self.wait(run_id, lambda: len(self.ledger.events) >= wanted or self.is_over(run_id))
            self.pace += 0.2 * (min(5.0, time.monotonic() - self.born) - self.pace)
            instant = time.monotonic() + self.numbers.uniform(0.0, 0.005)
        else:
            instant = self.born + self.numbers.uniform(0.0, 1.5 * self.pace)
        return not self.ledger.wait(lambda: self.is_over(run_id), max(0.0, instant - time.monotonic()))

    def wait(self, run_id: str, condition: Callable[[], bool]) -> None:
        """On a machine that has no time for us everything is slow; stuck is where nobody even wants to run."""
        for _ in range(PATIENCE):
            known = len(self.ledger.events)
            if self.ledger.wait(condition, LIMIT):
                return
            states = victims.states(self.daemon.mark)
            if len(self.ledger.events) == known and not any(state in "RD" for state, _ in states.values()):
                break
        run = self.daemon.run(self.runs[run_id])
        text = f"run {run['number']} is stuck; processes: {states}\nit is {run}\nstderr:\n{self.daemon.log}"
        raise AssertionError(text)

    def is_over(self, run_id: str) -> bool:
        return run_id in self.ledger.ended

    def run_under_fire(self, selection: str, fault: Callable[[], None], count: int, **launch: float | None) -> None:
        """One run with at most so many faults while it goes on; then it must end by itself, and leave no process."""
        before = self.faults.total()
        run_id = self.launch(selection, **launch)
        while self.faults.total() - before < count and self.wait_for_an_instant(run_id):
            fault()
        number = self.runs[run_id]
        self.wait(run_id, lambda: self.is_over(run_id))
        for event in self.daemon.run_events(number):
            self.ledger.take(event)
        self.check_status(number, selection)
        left = victims.wait_for_at_most(2, self.daemon.mark, DEATH_LIMIT)
        assert len(left) <= 2, f"more than daemon and host after run {number}: {left}"

    # ---- checks ----
    def check_status(self, number: int, selection: str) -> None:
        run = self.daemon.run(number)
        bad = [s for s in run["steps"] if s["status"] not in ("success", "skipped")]
        assert run["status"] == "success" or selection != STURDY, f"run {number}: {run['status']}, {bad[:3]}"
        for step in bad:
            assert step["step_key"].startswith("fragile") and step["status"] == "failure", f"run {number}: {step}"
            assert step["error"]["type"] == "WorkerDied", f"run {number}: {step}"

    def check_all(self) -> list[dict]:
        """The whole home, at last with the daemon killed in peace; its log."""
        if self.listener:
            self.listener.close()
        numbers = list(self.runs.values())
        assert numbers == list(range(1, len(numbers) + 1)), f"run numbers: {numbers}"
        items = self.daemon.get("/api/v1/runs", params={"limit": 100})["items"]
        assert {run["run_id"] for run in items} == set(self.runs), "runs that nobody launched, or a run is gone"
        log = complete_log(self.daemon.url, numbers, self.daemon.get("/api/v1/status")["as_of"])
        check_acknowledged(self.ledger, log)
        for run_id in self.runs:
            check_story(log, run_id)
        check_lines(self.proof, log)
        self.daemon.kill()
        left = victims.wait_for_at_most(0, self.daemon.mark, DEATH_LIMIT)
        assert not left, f"processes that outlived everything: {left}"
        check_storage(self.daemon.home)
        check_values_whole(self.daemon.home)
        check_values_are_of(self.daemon.home, "sturdy", list(self.runs)[-1])
        return log

    def close(self) -> None:
        self.daemon.client.close()
        victims.kill_all(self.daemon.mark)


def new_run_id(numbers: random.Random) -> str:
    """A UUID of version 7."""
    time_and_random = int(time.time() * 1000) << 80 | numbers.getrandbits(76)
    return str(uuid.UUID(int=time_and_random & ~(0xF << 76) & ~(3 << 62) | 7 << 76 | 2 << 62))


def run_homes(
    work: Work,
    faults_a_home: int,
    trouble: Callable[[Siege, int], None],
    check: Callable[[list[dict]], None] = lambda log: None,
) -> None:
    """A campaign: home after home, each troubled by `trouble(siege, faults left)` run after run and then checked."""
    homes = 0
    while work.goes_on():
        homes += 1
        folder = work.folder / f"home-{homes}"
        siege = Siege(folder, work.random("siege"))
        wanted = min(faults_a_home, work.rounds_left)
        try:
            while (left := wanted - siege.faults.total()) > 0:
                trouble(siege, left)
            log = siege.check_all()
        finally:
            siege.close()
        check(log)
        counts = {"runs": len(siege.runs), "events": len(log), "acknowledged_events": len(siege.ledger.events)}
        work.add(siege.faults.total(), **counts, **siege.faults, **siege.most)
        shutil.rmtree(folder)


def check_one_attempt_each(log: list[dict]) -> None:
    """For faults that cost no step anything: every step was started once and succeeded."""
    for event in log:
        is_first = event["type"] != "step_started" or event["attempt"] == 1
        is_good = event["type"] != "step_ended" or event["data"]["status"] == "success"
        assert is_first and is_good, f"a step paid for the fault: {event}"
