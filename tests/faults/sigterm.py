"""SIGTERM while a run goes on, then a restart: the daemon leaves at once, its workers finish the steps they have, the
next daemon adopts them. Nothing fails and nothing is done twice."""

from __future__ import annotations

import os
import signal
import time

from .support import victims
from .support.campaign import Campaign, Limit, Work
from .support.siege import DEATH_LIMIT, STURDY, Siege, check_one_attempt_each, run_homes

STOPS_A_HOME, STOPS_A_RUN = 25, (2, 8)
MOST_SECONDS = 5.0  # of a machine that is not overloaded


def terminate(siege: Siege) -> None:
    begun = time.monotonic()
    assert victims.send(siege.daemon.pid, siege.daemon.mark, signal.SIGTERM), "the daemon died by itself"
    status = siege.daemon.process.wait(DEATH_LIMIT)
    milliseconds = round(1000 * (time.monotonic() - begun))
    allowed = 1000 * MOST_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert milliseconds <= allowed, f"{milliseconds} ms from SIGTERM to the end; stderr:\n{siege.daemon.log}"
    siege.most["most_milliseconds"] = max(siege.most.get("most_milliseconds", 0), milliseconds)
    assert status == 0, f"exit status {status} after SIGTERM; stderr:\n{siege.daemon.log}"
    siege.faults["stops"] += 1
    siege.restart()


def one_run(siege: Siege, stops_left: int) -> None:
    siege.run_under_fire(STURDY, lambda: terminate(siege), min(stops_left, siege.numbers.randint(*STOPS_A_RUN)))


def run(work: Work) -> None:
    run_homes(work, STOPS_A_HOME, one_run, check_one_attempt_each)


CAMPAIGN = Campaign(
    name="sigterm",
    fault="SIGTERM during a run, then a restart",
    checks="exit within 5 s; acknowledged events there once; running steps adopted: one attempt each, all succeed",
    run=run,
    short=Limit(rounds=15),
    long=Limit(rounds=500),
    unit="stops",
)
