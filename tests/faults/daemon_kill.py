"""kill -9, at random instants, of the daemon, of a host, of a worker, of daemon and host together, and of everything at
once, while runs go on and a client keeps the list of what it was told. Each home takes some kills and is then checked."""

from __future__ import annotations

from .support import victims
from .support.campaign import Campaign, Limit, Work
from .support.proof import check_values_whole
from .support.siege import ALL, STURDY, Siege, run_homes

KILLS_A_HOME, KILLS_A_RUN = 40, (4, 16)
TARGETS = {"daemon": 32, "worker": 42, "host": 6, "daemon_and_host": 6, "everything": 14}


def kill(siege: Siege) -> None:
    """One kill. A target that is not there just now is replaced by the daemon."""
    mark, daemon = siege.daemon.mark, siege.daemon.pid
    target = siege.numbers.choices(list(TARGETS), list(TARGETS.values()))[0]
    if target in ("worker", "host"):
        there = victims.with_role(target, mark, daemon)
        if there and victims.send(siege.numbers.choice(there), mark):
            siege.faults[f"kills_of_{target}"] += 1
            return
        target = "daemon"
    hosts = victims.with_role("host", mark, daemon) if target == "daemon_and_host" else []
    assert victims.send(daemon, mark), f"the daemon died without being killed; stderr:\n{siege.daemon.log}"
    for host in hosts:
        victims.send(host, mark)
    if target == "everything":
        victims.kill_all(mark)
        check_values_whole(siege.daemon.home)
    siege.faults[f"kills_of_{target}"] += 1
    siege.restart()


def one_run(siege: Siege, kills_left: int) -> None:
    """Mostly of assets that are retried as often as it takes; sometimes the daemon is killed about the launch."""
    siege.run_under_fire(
        ALL if siege.numbers.random() < 0.2 else STURDY,
        lambda: kill(siege),
        min(kills_left, siege.numbers.randint(*KILLS_A_RUN)),
        kill_after=siege.numbers.uniform(0.0, 0.02) if siege.numbers.random() < 0.3 else None,
    )


def run(work: Work) -> None:
    run_homes(work, KILLS_A_HOME, one_run)


CAMPAIGN = Campaign(
    name="daemon_kill",
    fault="kill -9 of daemon, host, worker or all of them at random instants of a run",
    checks="acknowledged events there once, in order, unchanged; runs end; no finished step again; never two living "
    "attempts of a step; no orphans; derived state as a fresh fold gives it; values whole",
    run=run,
    short=Limit(rounds=200, seconds=120),
    long=Limit(rounds=10_000),
    unit="kills",
)
