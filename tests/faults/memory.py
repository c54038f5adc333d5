"""The Nth allocation of the daemon fails while it serves requests and a run's events."""

from __future__ import annotations

import signal
import time
from contextlib import suppress

import httpx
from integration.support.daemon import LIMIT

from .support.campaign import Campaign, Limit, Work
from .support.machine import Died, Machine, StreamEnded
from .support.rounds import Rounds, stirred
from .support.shim import Rule, Shim

READS = ("/api/v1/assets", "/api/v1/graph", "/api/v1/runs", "/api/v1/code-locations", "/api/v1/assets/pickled", "/")
MOST = 5_000


def starve(rounds: Rounds, number: int, *, from_: bool) -> str:
    """One failing allocation, or all from the Nth on; how the daemon took it."""
    work = rounds.restore(version=2)
    where = {"from_": number} if from_ else {"at": number}
    shim = Shim(rounds.folder / "shim", Rule("error:ENOMEM", role="daemon", calls="memory", **where))
    with Machine(work) as machine:
        machine.start(shim)
        shim.arm()
        try:
            with suppress(httpx.TransportError, StreamEnded, AssertionError):
                for path in READS:
                    machine.daemon.request("GET", path)
                machine.materialize()
        except Died as killed:
            raise AssertionError("somebody else killed the daemon") from killed
        shim.disarm()
        outcome = recover(machine)
        runs = machine.follow_all()
        wait_until_it_writes(machine)
        last = runs[-1] if len(runs) == 2 else machine.materialize()
        assert last["status"] == "success", last
        work.check_is(2)
        machine.check_nothing_lost()
    machine.check_database()
    machine.check_leftovers()
    return outcome if shim.fired() else "not met"


def recover(machine: Machine) -> str:
    """It goes on as if nothing was, or it said why it ended and goes on at the next start."""
    if machine.serves():
        return "lived"
    status = machine.daemon.process.wait(30)
    assert status == -signal.SIGABRT, f"the daemon ended with {status}:\n{machine.daemon.log}"
    assert "out of memory" in machine.daemon.log, machine.daemon.log
    machine.daemon.client.close()
    machine.daemon.process.stdout.close()
    machine.start()
    return "ended"


def wait_until_it_writes(machine: Machine) -> None:
    """After a write that failed nothing is launched until the next one has gone well."""
    deadline = time.monotonic() + LIMIT
    while trouble := machine.daemon.get("/api/v1/status")["trouble"]:
        assert time.monotonic() < deadline, trouble


def run(work: Work) -> None:
    rounds = Rounds(work.folder)
    walks = [[(number, from_) for number in range(1, MOST + 1)] for from_ in (False, True)]
    for number, from_ in stirred(walks, work.seed):
        if not work.goes_on():
            return
        try:
            outcome = starve(rounds, number, from_=from_)
        except Exception as error:
            which = f"allocation {number}{' and all behind' if from_ else ''}"
            raise AssertionError(f"{which}: {type(error).__name__}: {error}") from error
        work.add(1, **{outcome.replace(" ", "_"): 1})


CAMPAIGN = Campaign(
    name="memory",
    fault="the Nth allocation of the daemon fails while it serves requests and a run's events",
    checks="it goes on, or says that memory is out and ends; then nothing is lost and the run goes on",
    run=run,
    long=Limit(rounds=1_000),
    short=Limit(rounds=4),
)
