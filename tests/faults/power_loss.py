"""The power goes at any moment of a small run: what was not synced is gone, in part or torn. Durability is full."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .support.campaign import Campaign, Limit, Work
from .support.disk import SAY, Choice, Disk, Op, read_record
from .support.machine import Machine
from .support.shim import Shim
from .support.small_run import SmallRun

ROUNDS_OF_A_RECORD = 250
ROUNDS_OF_A_RESTART = 10
ANSWER = re.compile(r"HTTP/1\.1 201 (?:[^\r\n]+\r\n)+\r\n")
FRAME = re.compile(r"id: \d+\nevent: \w+\ndata: ([^\n]*)\n\n")


@dataclass
class Said:
    """What the daemon had told its clients by then."""

    runs: dict[int, dict[str, Any]]
    ends: dict[int, dict[str, Any]]  # of steps and runs

    @staticmethod
    def by(ops: list[Op]) -> Said:
        connections: dict[int, bytes] = defaultdict(bytes)
        for op in ops:
            if op.deed == SAY:
                connections[op.inode] += op.data
        text = b"\n".join(connections.values()).decode(errors="replace")
        answers = [answer for found in ANSWER.finditer(text) if (answer := first_json(text[found.end() :]))]
        events = [json.loads(found) for found in FRAME.findall(text)]
        return Said(
            {answer["number"]: answer for answer in answers if "number" in answer},
            {event["id"]: event for event in events if event.get("type") in ("step_ended", "run_ended")},
        )


def first_json(text: str) -> dict[str, Any] | None:
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except ValueError:
        return None  # its body was not sent yet


class Recording:
    """Two runs, recorded call by call. The first is a new home's; the second replaces the first one's values."""

    def __init__(self, folder: Path):
        self.work = SmallRun(folder / "machine").make()
        shim = Shim(folder / "shim", record=self.work.folder)
        self.before = folder / "before"
        shutil.rmtree(self.before, ignore_errors=True)
        shutil.copytree(self.work.folder, self.before)
        with Machine(self.work) as machine:
            machine.start(shim)
            assert machine.materialize()["status"] == "success"
            self.work.set_version(2)
            assert machine.materialize()["status"] == "success"
            machine.stop()
        self.ops = read_record(shim.record_file)
        said = Said.by(self.ops)
        assert len(said.runs) == 2 and len(said.ends) == 10, f"said: runs {set(said.runs)}, ends {set(said.ends)}"

    def lose_power(self, at: int, choice: Choice) -> Said:
        """The folder is what a machine finds that starts again."""
        ops = self.ops[:at]
        shutil.rmtree(self.work.folder)
        # The record's paths are those of the folder; what was there before the recording lies beside it.
        disk = Disk(self.before)
        disk.root = str(self.work.folder)
        disk.play(ops).lose_power(choice, self.work.folder)
        self.work.set_version(2)
        return Said.by(ops)


def check_disk(work: SmallRun, said: Said) -> None:
    """Without a daemon: whole, nothing of what was said is gone, and no event is without its data."""
    database_file = work.home / "headrace.db"
    if not database_file.exists():
        assert not said.runs and not said.ends, f"the database is gone, and this was said: {said}"
        return
    with closing(sqlite3.connect(database_file)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not database.execute("SELECT 1 FROM sqlite_schema WHERE name = 'runs'").fetchall():
            assert not said.runs and not said.ends, f"the log is gone, and this was said: {said}"
            return
        kinds = dict(database.execute("SELECT id, kind FROM events"))
        numbers = {number for (number,) in database.execute("SELECT number FROM runs")}
        materialized = database.execute(MATERIALIZED).fetchall()
    assert set(said.runs) <= numbers, f"runs {set(said.runs)} were answered, the log has {numbers}"
    for number, event in said.ends.items():
        assert number in kinds, f"event {number} was told and is gone: {event}"
    for asset, latest_run in materialized:
        name = asset.rsplit("/", 1)[-1]
        if name in ("pickled", "total"):  # the run's number is the version
            work.check_last_good(tuple(range(latest_run, 3)), (name,))


# The latest run that materialized each asset; 22 is EventKind::materialized.
MATERIALIZED = """
    SELECT names.name, max(events.run) FROM events JOIN names ON names.id = events.asset
    WHERE events.kind = 22 GROUP BY events.asset
"""


def check_restart(recording: Recording, said: Said) -> None:
    """A daemon starts on it, takes up what is unfinished, and a run succeeds."""
    work = recording.work
    with Machine(work) as machine:
        machine.runs = list(said.runs)
        machine.start()
        for run in machine.follow_all():
            assert run["status"] in ("success", "failure"), run
        machine.events = said.ends
        machine.check_nothing_lost()
        assert machine.materialize()["status"] == "success"
        work.check_is(2)
        machine.check_nothing_lost()
    # Ids go on behind what is gone. Files whose removal was not synced are there again, and do no harm.
    machine.check_database(is_dense=False)


def run(work: Work) -> None:
    recording = None
    while work.goes_on():
        if recording is None or work.rounds % ROUNDS_OF_A_RECORD == 0:
            recording = Recording(work.folder)
        choose = work.random("cut")
        at, seed = choose.randint(0, len(recording.ops)), choose.getrandbits(32)
        kind = choose.choice(["nothing", "everything", "chance", "chance", "chance"])
        try:
            said = recording.lose_power(at, Choice(kind, seed))
            check_disk(recording.work, said)
            restarts = work.rounds % ROUNDS_OF_A_RESTART == 0
            if restarts:
                said = recording.lose_power(at, Choice(kind, seed))
                check_restart(recording, said)
        except Exception as error:
            op = recording.ops[at - 1] if at else None
            where = f"after op {at} of {len(recording.ops)} ({op and (op.deed, op.path)}), {kind} {seed}"
            raise AssertionError(f"power lost {where}: {error}") from error
        work.add(1, restarts=int(restarts))


CAMPAIGN = Campaign(
    name="power_loss",
    fault="the power goes at any moment: unsynced writes and names are dropped or torn",
    checks="the database is whole, no acknowledged end of a step or run is lost, no event without its data, it goes on",
    run=run,
    long=Limit(rounds=20_000),
    short=Limit(rounds=40),
)
