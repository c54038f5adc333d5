"""Restarts under load, SIGTERM and SIGKILL in turn: the daemon is back soon, nothing is lost, no step pays for it."""

from __future__ import annotations

import os
import signal
import time

from .support import victims
from .support.campaign import Campaign, Limit, Work
from .support.siege import DEATH_LIMIT, STURDY, Siege, check_one_attempt_each, run_homes

RESTARTS_A_HOME, RESTARTS_A_RUN = 20, (2, 8)
MOST_SECONDS = 5.0  # from the signal until it serves again, of a machine that is not overloaded
SIGNALS = (signal.SIGTERM, signal.SIGKILL)


def restart(siege: Siege) -> None:
    number = SIGNALS[siege.faults.total() % len(SIGNALS)]
    begun = time.monotonic()
    assert victims.send(siege.daemon.pid, siege.daemon.mark, number), "the daemon died by itself"
    status = siege.daemon.process.wait(DEATH_LIMIT)
    assert status == (0 if number == signal.SIGTERM else -number), f"exit status {status}\n{siege.daemon.log}"
    log = siege.daemon.log
    siege.restart()
    milliseconds = round(1000 * (time.monotonic() - begun))
    allowed = 1000 * MOST_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert milliseconds <= allowed, f"{milliseconds} ms until it served again; stderr:\n{log}\n{siege.daemon.log}"
    siege.most["most_milliseconds"] = max(siege.most.get("most_milliseconds", 0), milliseconds)
    siege.faults[f"{number.name.lower()}s"] += 1


def one_run(siege: Siege, restarts_left: int) -> None:
    count = min(restarts_left, siege.numbers.randint(*RESTARTS_A_RUN))
    siege.run_under_fire(STURDY, lambda: restart(siege), count)


def run(work: Work) -> None:
    run_homes(work, RESTARTS_A_HOME, one_run, check_one_attempt_each)


CAMPAIGN = Campaign(
    name="restarts",
    fault="SIGTERM and SIGKILL of the service in turn during runs, then a start",
    checks="serves again within 5 s; acknowledged events there once; running steps adopted: one attempt each, all succeed; "
    "no orphans",
    run=run,
    short=Limit(rounds=8),
    long=Limit(rounds=1_000),
    unit="restarts",
)
