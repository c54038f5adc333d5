"""Runs at a steady rate for long, two hundred readers of the event stream who come and go, definitions reloaded now and
then: memory, descriptors and threads of the daemon stay where they were after the warm-up."""

from __future__ import annotations

import threading
import time

from integration.support.daemon import Daemon

from .support import victims
from .support.campaign import Campaign, Limit, Work
from .support.crowd import Crowd
from .support.many_assets import daemon_of_many_assets
from .support.usage import Usage, check_flat, usage

READERS = 200
RING = 8192 + 1000  # storage::Options::ring_size, and some more
MOST_GROWTH_KIB, MOST_GROWTH_KIB_SHORT = 3 * 1024, 6 * 1024  # the allocator grows by a few MiB at a time
DAY_GROWTH_KIB_AN_HOUR = 1024


class Pace:
    """Seconds between runs, reloads and samples, and how long a reader stays at most. A short soak does not pause."""

    def __init__(self, limit: Limit):
        is_short = (limit.seconds or 1e9) < 600
        self.between_runs, self.between_reloads, self.stay = (0.0, 3.0, 2.0) if is_short else (6.0, 60.0, 120.0)
        self.between_samples = 0.25 if is_short else 5.0


def soak(work: Work, daemon: Daemon, pace: Pace) -> list[Usage]:
    samples: list[Usage] = []
    ended = threading.Event()  # never set: what a steady rate waits on
    next_reload = next_sample = time.monotonic()
    name = daemon.loaded()["name"]
    while work.goes_on():
        begun = time.monotonic()
        asked = time.monotonic()
        daemon.asset("a7")
        answer = round(1000 * (time.monotonic() - asked))
        run = daemon.wait_run(daemon.launch("*"))
        assert run["status"] == "success", run
        if time.monotonic() >= next_reload:
            daemon.post(f"/api/v1/code-locations/{name}/reload", expect=202)
            next_reload += pace.between_reloads
        if time.monotonic() >= next_sample:
            samples.append(usage(daemon.pid))
            next_sample += pace.between_samples
        work.add(1, steps=len(run["steps"]), most_milliseconds_of_an_asset_page=answer)
        ended.wait(max(0.0, begun + pace.between_runs - time.monotonic()))
    return samples


def fill_the_ring(daemon: Daemon) -> None:
    """The newest events are kept in memory, so many and no more: until they are that many, memory grows."""
    while daemon.get("/api/v1/status")["as_of"] < RING:
        daemon.materialize("*")


def wait_for_descriptors(daemon: Daemon, most: int) -> None:
    """Those of the readers who left go soon."""
    deadline = time.monotonic() + 60.0
    while (held := usage(daemon.pid).descriptors) > most:
        assert time.monotonic() < deadline, f"{held} descriptors are held where {most} would do"
        daemon.get("/api/v1/status")


def run(work: Work) -> None:
    daemon = daemon_of_many_assets(work.folder).start()
    pace = Pace(work.limit)
    try:
        daemon.loaded()
        before = usage(daemon.pid)
        crowd = Crowd(daemon.url, daemon.get("/api/v1/status")["as_of"], READERS, pace.stay, work.seed)
        fill_the_ring(daemon)
        work.begin_now()
        samples = soak(work, daemon, pace)
        crowd.close()
        assert not crowd.wrong, crowd.wrong[:3]
        wait_for_descriptors(daemon, before.descriptors + 4)
        hours = work.seconds / 3600
        most_growth = MOST_GROWTH_KIB if hours < 9 else round(DAY_GROWTH_KIB_AN_HOUR * hours / 3)
        most = check_flat(samples, MOST_GROWTH_KIB_SHORT if work.seconds < 600 else most_growth)
        work.add(0, visits_of_readers=crowd.counts["visits"], frames=crowd.counts["frames"], **most)
        daemon.close()
    finally:
        victims.kill_all(daemon.mark)


CAMPAIGN = Campaign(
    name="soak",
    fault="time: runs without a pause, 200 readers of the event stream coming and going, reloads",
    checks="every run succeeds; memory, descriptors and threads of the daemon are flat after the warm-up",
    run=run,
    short=Limit(seconds=20),
    long=Limit(seconds=24 * 3600),
    unit="runs",
)
