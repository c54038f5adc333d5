"""Daemon, host, worker and all of them killed at each call number of the write path of a small run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .support.campaign import Campaign, Limit, Work
from .support.machine import Died, Machine
from .support.rounds import Rounds, stirred
from .support.shim import Rule, Shim
from .support.small_run import SmallRun


@dataclass(frozen=True)
class Walk:
    """Whose calls are counted, and who dies at the Nth of them. `first`: with a home that does not exist yet."""

    calls_of: str
    dies: str  # a role, "all", or "all after" the call
    first: bool = False

    def rule(self, number: int, work: SmallRun) -> Rule:
        deeds = {self.calls_of: "kill-before", "all": "halt-before", "all after": "halt-after"}
        do = deeds.get(self.dies, f"kill:{self.dies}")
        return Rule(do, role=self.calls_of, under=work.folder, at=number, armed=False)

    def __str__(self) -> str:
        return f"{self.dies} killed at the {self.calls_of}'s{' first' if self.first else ''}"


WALKS = [
    Walk("daemon", "daemon", first=True),
    Walk("daemon", "daemon"),
    Walk("daemon", "worker"),
    Walk("daemon", "all"),
    Walk("worker", "worker"),
    Walk("worker", "daemon"),
    Walk("worker", "host"),
    Walk("worker", "all"),
    Walk("worker", "all after"),
]


def kill_and_recover(rounds: Rounds, walk: Walk, number: int) -> bool:
    """One round; true when the fault came to pass."""
    with rounds.one(walk.rule(number, rounds.work), str(walk), first=walk.first) as (machine, shim):
        kill(machine, shim)
        recover(machine, walk)
    return shim.fired() > 0


def kill(machine: Machine, shim: Shim) -> None:
    try:
        machine.start(shim)
        machine.materialize()
        machine.stop()
    except Died:
        pass
    if shim.halted:
        machine.kill_everything()


def recover(machine: Machine, walk: Walk) -> None:
    version = 1 if walk.first else 2
    machine.start()
    runs = machine.follow_all()
    machine.check_nothing_lost()
    if not walk.first:
        machine.work.check_last_good((1, 2))
    last = runs[-1] if len(runs) == version else machine.materialize()
    may_fail = walk.dies not in ("daemon", "host")
    assert last["status"] == "success" or may_fail, f"the run ended as {last['status']}: {last}"
    if last["status"] == "failure":
        check_failure(last, walk)
        last = machine.retry(last["number"])
    assert last["status"] == "success", last
    machine.work.check_is(version)
    machine.check_nothing_lost()


def check_failure(run: dict[str, Any], walk: Walk) -> None:
    failed = [step for step in run["steps"] if step["status"] == "failure"]
    assert len(failed) == 1, f"{len(failed)} steps failed: {run}"
    error = failed[0]["error"]
    assert error["type"] == "WorkerDied", error
    assert walk.dies != "worker" or "SIGKILL" in error["message"], error


def run(work: Work) -> None:
    rounds = Rounds(work.folder)
    walks = [[(walk, number) for number in range(1, rounds.calls(walk.calls_of) + 1)] for walk in WALKS]
    for walk, number in stirred(walks, work.seed):
        if not work.goes_on():
            return
        happened = kill_and_recover(rounds, walk, number)
        work.add(1, kills=int(happened), **{f"{walk.dies}_at_{walk.calls_of}".replace(" ", "_"): 1})


CAMPAIGN = Campaign(
    name="write_path_kill",
    fault="daemon, host, worker or all of them killed at each call number of the write path",
    checks="nothing acknowledged is lost, last good values read back, the run goes on or a retry succeeds, nothing is left",
    run=run,
    long=Limit(rounds=1600),
    short=Limit(rounds=12),
)
