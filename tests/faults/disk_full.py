"""The disk fills up at the Nth write of daemon or worker, and is free again a while later."""

from __future__ import annotations

import time
from typing import Any

from .io_errors import launch
from .support.campaign import Campaign, Limit, Work
from .support.machine import Machine
from .support.rounds import ROLES, Rounds, stirred
from .support.shim import Rule, Shim

# What needs room on the disk.
CALLS = "open,write,truncate,folder,sync"
REFUSED_OFTEN = 4
LIMIT = 60.0


def fill_up(rounds: Rounds, role: str, number: int) -> int:
    """From call N on nothing can be written, until it was refused often enough or the run has ended; how often it was."""
    rule = Rule("error:ENOSPC", role=role, calls=CALLS, under=rounds.work.folder, from_=number)
    with rounds.one(rule, "full from") as (machine, shim):
        machine.start(shim)
        shim.arm()
        asked = launch_or_wait(machine, shim)
        run = machine.follow(asked)
        shim.disarm()
        check_run(run)
        machine.work.check_last_good((1, 2))
        if run["status"] != "success":
            run = machine.retry(asked)
            assert run["status"] == "success", run
        machine.work.check_is(2)
        machine.check_nothing_lost()
    return shim.fired()


def launch_or_wait(machine: Machine, shim: Shim) -> int:
    """Reads go on while nothing can be written; there is room again once enough was refused, and then all goes on."""
    answer = machine.daemon.request("POST", "/api/v1/runs", json={"selection": "*"})
    number = answer.json()["number"] if answer.status_code == 201 else None
    assert number or (answer.status_code == 503 and "full" in answer.json()["detail"]), answer.text
    deadline = time.monotonic() + LIMIT
    while shim.fired() < REFUSED_OFTEN and not (number and has_ended(machine, number)):
        assert len(machine.daemon.get("/api/v1/assets")["items"]) == 4
        assert machine.daemon.request("GET", "/").status_code == 200
        assert time.monotonic() < deadline, f"nothing is refused any more ({shim.fired()}), and nothing goes on"
        if number is None:
            machine.daemon.request("POST", "/api/v1/runs", json={"selection": "*"})
    shim.disarm()
    if number is None:
        return launch(machine)
    machine.runs.append(number)
    return number


def has_ended(machine: Machine, number: int) -> bool:
    return machine.daemon.run(number)["status"] in ("success", "failure")


def check_run(run: dict[str, Any]) -> None:
    failed = [step for step in run["steps"] if step["status"] == "failure"]
    for step in failed:
        assert "No space left on device" in step["error"]["message"], step["error"]
    assert run["status"] == ("failure" if failed else "success"), run


def run(work: Work) -> None:
    rounds = Rounds(work.folder)
    groups = CALLS.split(",")
    walks = [
        [(role, number) for number in range(1, sum(site.group in groups for site in rounds.sites[role]) + 1)]
        for role in ROLES
    ]
    for role, number in stirred(walks, work.seed):
        if not work.goes_on():
            return
        refused = fill_up(rounds, role, number)
        work.add(1, refused=refused, **{f"{role}_full": int(refused > 0)})


CAMPAIGN = Campaign(
    name="disk_full",
    fault="the disk fills up at the Nth write of daemon or worker, and is free again a while later",
    checks="a run waits or fails with a message that says so, reads go on, it recovers by itself, nothing is lost",
    run=run,
    long=Limit(rounds=320),
    short=Limit(rounds=6),
)
