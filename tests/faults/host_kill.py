"""kill -9 of a code location's host: while it is idle, while it loads (at the start, beside one that serves, in the place of
one that died), and while a run goes on. The daemon stays up, says so, and starts it again; steps pay nothing."""

from __future__ import annotations

import time

from .support import victims
from .support.campaign import Campaign, Limit, Work
from .support.siege import DEATH_LIMIT, STURDY, Siege, check_one_attempt_each, run_homes

KILLS_A_HOME = 20
LOCATION = "watched.py"


def hosts(siege: Siege) -> set[int]:
    return set(victims.with_role("host", siege.daemon.mark, siege.daemon.pid))


def kill_new_host(siege: Siege, known: set[int], why: str) -> None:
    """Waits for a host beside the known ones and kills it at a random instant of its load."""
    deadline = time.monotonic() + DEATH_LIMIT
    while not (new := hosts(siege) - known):
        assert siege.daemon.process.poll() is None, f"the daemon died; stderr:\n{siege.daemon.log}"
        assert time.monotonic() < deadline, f"no host beside {known}: {victims.states(siege.daemon.mark)}"
    siege.ledger.wait(lambda: False, siege.numbers.uniform(0.0, siege.pace))
    if victims.send(new.pop(), siege.daemon.mark):
        siege.faults[f"kills_{why}"] += 1


def kill_serving_host(siege: Siege, why: str) -> bool:
    for pid in hosts(siege):
        if victims.send(pid, siege.daemon.mark):
            siege.faults[f"kills_{why}"] += 1
            return True
    return False


def failures(siege: Siege) -> list[dict]:
    return [e for e in list(siege.ledger.events.values()) if e["type"] == "code_location_failed"]


def wait_for_failure(siege: Siege, count: int) -> None:
    """The log says that a host was killed, with the signal's name."""
    assert siege.ledger.wait(lambda: len(failures(siege)) >= count, DEATH_LIMIT), f"nobody was told: {siege.daemon.log}"
    error = failures(siege)[-1]["data"]["error"]
    assert error["type"] == "HostDied" and "SIGKILL" in error["message"], error


def is_well(answer: dict) -> bool:
    return all(x["state"] == "loaded" and not x["reloading"] and not x["error"] for x in answer["items"])


def wait_until_well(siege: Siege) -> None:
    """The location is loaded, without an error, by itself; the page's answer is the same.

    One host is left, the same before and after that answer: none that ends because it has a successor, and none whose
    death the daemon has not heard of yet. Whoever kills one then kills the one that serves.
    """
    deadline = time.monotonic() + DEATH_LIMIT
    while True:
        before = hosts(siege)
        siege.daemon.wait_for("/api/v1/code-locations", "code-locations", is_well)
        after = hosts(siege)
        if len(after) == 1 and before == after:
            return
        assert time.monotonic() < deadline, f"not one host: {victims.states(siege.daemon.mark)}"


def while_idle(siege: Siege) -> None:
    known = len(failures(siege))
    assert kill_serving_host(siege, "idle"), "there is no host"
    wait_for_failure(siege, known + 1)


def at_the_start(siege: Siege) -> None:
    before = hosts(siege)
    siege.daemon.kill()
    siege.restart()
    kill_new_host(siege, before, "loading_first")


def in_place_of_a_dead_one(siege: Siege) -> None:
    before = hosts(siege)
    assert kill_serving_host(siege, "idle"), "there is no host"
    kill_new_host(siege, before, "loading_again")


def beside_one_that_serves(siege: Siege) -> None:
    """The old one goes on serving: a run can be launched at once."""
    before = hosts(siege)
    siege.daemon.post(f"/api/v1/code-locations/{LOCATION}/reload", expect=202)
    kill_new_host(siege, before, "reloading")
    siege.run_under_fire("sturdy_0", lambda: None, 0)
    siege.daemon.post(f"/api/v1/code-locations/{LOCATION}/reload", expect=202)


def during_a_run(siege: Siege) -> None:
    siege.run_under_fire(STURDY, lambda: kill_serving_host(siege, "running"), 2)


SITUATIONS = [while_idle, at_the_start, in_place_of_a_dead_one, beside_one_that_serves, during_a_run]


def one_round(siege: Siege, kills_left: int) -> None:
    wait_until_well(siege)
    siege.numbers.choice(SITUATIONS)(siege)
    wait_until_well(siege)
    if kills_left <= 2:
        siege.run_under_fire(STURDY, lambda: None, 0)


def run(work: Work) -> None:
    run_homes(work, KILLS_A_HOME, one_round, check_one_attempt_each)


CAMPAIGN = Campaign(
    name="host_kill",
    fault="kill -9 of a code location's host, idle, loading or with a run",
    checks="the daemon stays up and names the signal; the host is started again; what is loaded goes on; no step pays",
    run=run,
    short=Limit(rounds=15),
    long=Limit(rounds=1_000),
    unit="kills",
)
