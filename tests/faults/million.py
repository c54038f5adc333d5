"""A million events through real runs of one daemon: its memory stays small and flat."""

from __future__ import annotations

import time

from integration.support.daemon import Daemon

from .support import victims
from .support.campaign import Campaign, Limit, Work
from .support.usage import Usage, check_flat, usage

ASSETS = 1_000
CODE = f"""
from headrace import Definitions, asset

def make(i):
    @asset(name=f"a{{i}}")
    def one() -> int:
        return i
    return one

defs = Definitions(assets=[make(i) for i in range({ASSETS})])
"""
MOST_PSS_KIB = 40 * 1024
MOST_GROWTH_KIB = 1024


def run(work: Work) -> None:
    (work.folder / "defs.py").write_text(CODE)
    daemon = Daemon(
        work.folder / "home",
        ["-f", "defs.py", "-d", str(work.folder)],
        cwd=work.folder,
        environment={"HEADRACE_DURABILITY": "fast"},
    )
    samples: list[Usage] = []
    try:
        daemon.start()
        daemon.loaded()
        events, begun = daemon.get("/api/v1/status")["as_of"], time.monotonic()
        while work.goes_on():
            daemon.materialize("*")
            samples.append(usage(daemon.pid))
            before, events = events, daemon.get("/api/v1/status")["as_of"]
            work.add(events - before, most_pss_kib=samples[-1].pss_kib)
        work.say(f"{events / (time.monotonic() - begun):,.0f} events a second; PSS after each tenth: {tenths(samples)} KiB")
        assert samples[-1].pss_kib <= MOST_PSS_KIB, f"{samples[-1]} after {events:,} events"
        assert samples[-1].descriptors <= samples[0].descriptors + 4, f"descriptors: {samples[0]}, {samples[-1]}"
        work.add(0, **check_flat(samples, MOST_GROWTH_KIB))
        daemon.close()
    finally:
        victims.kill_all(daemon.mark)


def tenths(samples: list[Usage]) -> str:
    return ", ".join(f"{s.pss_kib:,}" for s in samples[:: max(1, len(samples) // 10)])


CAMPAIGN = Campaign(
    name="million",
    fault="a million events in one daemon's life",
    checks="memory at most 40 MiB (PSS) at the end, and flat after the first third",
    run=run,
    long=Limit(rounds=1_000_000),
    unit="events",
)
