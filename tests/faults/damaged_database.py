"""The database's files are damaged while no daemon runs: bytes flipped, pages zeroed, cut short, removed."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from .support.campaign import Campaign, Limit, Work
from .support.machine import Machine
from .support.small_run import SmallRun

PAGE = 4096
READS = ("/api/v1/assets", "/api/v1/graph", "/api/v1/runs", "/api/v1/code-locations", "/api/v1/graph/status", "/")
Damage = Callable[[bytearray, random.Random], None]


def flip(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 1, 4, 40))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def flip_in_head(content: bytearray, chance: random.Random) -> None:
    """Where a page says what is in it."""
    page = chance.randrange(max(1, len(content) // PAGE)) * PAGE
    content[min(page + chance.randrange(100), len(content) - 1)] = chance.randrange(256)


def zero_page(content: bytearray, chance: random.Random) -> None:
    page = chance.randrange(max(1, len(content) // PAGE)) * PAGE
    content[page : page + PAGE] = bytes(len(content[page : page + PAGE]))


def swap_pages(content: bytearray, chance: random.Random) -> None:
    pages = len(content) // PAGE
    if pages < 2:
        return flip(content, chance)
    a, b = (p * PAGE for p in chance.sample(range(pages), 2))
    content[a : a + PAGE], content[b : b + PAGE] = content[b : b + PAGE], content[a : a + PAGE]


def cut(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(len(content)) :]


def cut_at_page(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(max(1, len(content) // PAGE)) * PAGE :]


def overwrite(content: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(content))
    noise = chance.randbytes(chance.randrange(1, 2 * PAGE))
    content[at : at + len(noise)] = noise[: len(content) - at]


DAMAGES: list[Damage] = [flip, flip_in_head, zero_page, swap_pages, cut, cut_at_page, overwrite]


class Homes:
    """Two good homes with two runs: one closed as it should be, one whose daemon was killed: it has a -wal file."""

    def __init__(self, folder: Path):
        self.work = SmallRun(folder / "machine")
        self.events: dict[str, dict[int, dict[str, Any]]] = {}
        self._kept = folder
        for name in ("closed", "killed"):
            with Machine(self.work.make()) as machine:
                machine.start()
                for _ in range(2):
                    assert machine.materialize()["status"] == "success"
                self.events[name] = log_of(machine)
                machine.kill_everything() if name == "killed" else machine.stop()
            shutil.copytree(self.work.folder, folder / name)

    def restore(self, name: str) -> SmallRun:
        shutil.rmtree(self.work.folder)
        shutil.copytree(self._kept / name, self.work.folder)
        return self.work


def log_of(machine: Machine) -> dict[int, dict[str, Any]]:
    return {event["id"]: event for number in (1, 2) for event in machine.daemon.run_events(number)}


def harm(work: SmallRun, chance: random.Random, name: str) -> str:
    """What was done to which file."""
    file = work.home / ("headrace.db-wal" if name == "killed" and chance.random() < 0.5 else "headrace.db")
    if chance.random() < 0.05:
        file.unlink()
        return f"{file.name} removed"
    damage, content = chance.choice(DAMAGES), bytearray(file.read_bytes())
    damage(content, chance)
    file.write_bytes(content)
    return f"{file.name}: {damage.__name__}"


def take(work: SmallRun, known: dict[int, dict[str, Any]]) -> str:
    """How the daemon takes it: it refuses and says what to do, or it works. What it has lost it says."""
    with Machine(work) as machine:
        try:
            machine.start()
        except (AssertionError, httpx.TransportError):
            status, said = machine.daemon.process.wait(30), machine.daemon.log
            assert status == 1, f"the daemon ended with {status}:\n{said}"
            assert "damaged" in said or "schema version" in said, f"refused without a hint:\n{said}"
            return "refused"
        told = read_everything(machine)
        lost = lost_events(machine, known)
        said = machine.daemon.log
        if lost or told:
            assert "damaged" in said or "are gone" in said or told, f"events {lost} are gone, and nothing says so"
            machine.kill_everything()
            return "worked_and_said_what_is_lost"
        machine.kill_everything()
        return "worked"


def read_everything(machine: Machine) -> bool:
    """Every page answers; true when one told of the damage."""
    told = False
    for path in READS:
        answer = machine.daemon.request("GET", path)
        assert answer.status_code in (200, 500, 503), f"{path}: {answer.status_code} {answer.text}"
        told |= answer.status_code != 200 and "damaged" in answer.text
    return told


def lost_events(machine: Machine, known: dict[int, dict[str, Any]]) -> list[int]:
    found = set()
    for number in (1, 2):
        answer = machine.daemon.request("GET", f"/api/v1/runs/{number}/events", params={"after": 0, "limit": 500})
        if answer.status_code == 200:
            found |= {event["id"] for event in answer.json()["items"]}
    return sorted(set(known) - found)


def run(work: Work) -> None:
    homes = Homes(work.folder)
    while work.goes_on():
        chance = work.random("damage")
        name = chance.choice(("closed", "killed"))
        small = homes.restore(name)
        what = harm(small, chance, name)
        try:
            outcome = take(small, homes.events[name])
        except Exception as error:
            raise AssertionError(f"{name} home, {what}: {type(error).__name__}: {error}") from error
        work.add(1, **{outcome: 1})


CAMPAIGN = Campaign(
    name="damaged_database",
    fault="the database's files are damaged: bytes flipped, pages zeroed or swapped, cut short, overwritten, removed",
    checks="the daemon refuses with a hint or works, it never loses silently, never crashes",
    run=run,
    long=Limit(rounds=1_000),
    short=Limit(rounds=10),
)
