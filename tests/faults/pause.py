"""SIGSTOP and SIGCONT of a worker or of the daemon at random instants, and of a worker over a kill and restart of the
daemon: a silent process is not a dead one, and its step is not given to another."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from .support import victims
from .support.campaign import Campaign, Limit, Work
from .support.siege import STURDY, Siege, check_one_attempt_each, run_homes

PAUSES_A_HOME, PAUSES_A_RUN = 20, (2, 6)
KINDS = {"worker": 45, "daemon": 35, "worker_over_a_restart": 20}


@contextmanager
def stopped(siege: Siege, pid: int) -> Iterator[bool]:
    try:
        yield victims.send(pid, siege.daemon.mark, signal.SIGSTOP)
    finally:
        victims.send(pid, siege.daemon.mark, signal.SIGCONT)


def pause(siege: Siege, most_seconds: float) -> None:
    """The length of a pause is mostly short; a tenth of them are as long as allowed."""
    mark, numbers = siege.daemon.mark, siege.numbers
    kind = numbers.choices(list(KINDS), list(KINDS.values()))[0]
    workers = victims.with_role("worker", mark, siege.daemon.pid)
    if not workers:
        kind = "daemon"
    seconds = most_seconds if numbers.random() < 0.1 else numbers.uniform(0.0, 0.1 * most_seconds)
    with stopped(siege, siege.daemon.pid if kind == "daemon" else numbers.choice(workers)) as is_stopped:
        if not is_stopped:
            return  # the worker has ended by itself
        if kind == "worker_over_a_restart":
            siege.daemon.kill()
            siege.restart()
        siege.ledger.wait(lambda: False, seconds)
    siege.faults[f"pauses_of_{kind}"] += 1


def run(work: Work) -> None:
    most_seconds = 0.5 if work.is_short else 10.0

    def one_run(siege: Siege, pauses_left: int) -> None:
        count = min(pauses_left, siege.numbers.randint(*PAUSES_A_RUN))
        siege.run_under_fire(STURDY, lambda: pause(siege, most_seconds), count)

    run_homes(work, PAUSES_A_HOME, one_run, check_one_attempt_each)


CAMPAIGN = Campaign(
    name="pause",
    fault="SIGSTOP, a while, SIGCONT: of a worker, of the daemon, of a worker over a restart of the daemon",
    checks="one attempt of each step, all succeed; acknowledged events there once",
    run=run,
    short=Limit(rounds=15),
    long=Limit(rounds=200),
    unit="pauses",
)
