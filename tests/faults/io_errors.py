"""EIO, EINTR, short writes and failing syncs at each call of the write path of daemon and worker."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import httpx

from .support.campaign import Campaign, Limit, Work
from .support.machine import Died, Machine
from .support.rounds import ROLES, Rounds, stirred
from .support.shim import Rule, Shim, Site


@dataclass(frozen=True)
class Error:
    do: str
    calls: str


ERRORS = [
    Error("error:EIO", "sync"),
    Error("error:EIO", "write"),
    Error("error:EIO", "open,rename,unlink,truncate,lock,folder"),
    Error("error:EINTR", "open,write,sync,truncate,lock"),
    Error("short", "write"),
]
LIMIT = 60.0


def meet(rounds: Rounds, error: Error, role: str, number: int) -> bool:
    """A run with one failing call; true when it was met."""
    rule = Rule(error.do, role=role, calls=error.calls, under=rounds.work.folder, at=number, armed=False)
    with rounds.one(rule, f"{error.do} at") as (machine, shim):
        start(machine, shim)
        first = launch(machine)
        run = machine.follow(first)
        site = next((s for s in shim.sites() if s.number == number), None)
        check_run(run, error, site)
        machine.work.check_last_good((1, 2))
        if run["status"] != "success":
            run = machine.retry(first)
            assert run["status"] == "success", run
        machine.work.check_is(2)
        machine.check_nothing_lost()
    return shim.fired() > 0


def start(machine: Machine, shim: Shim) -> None:
    """A daemon that cannot start says why and ends; one that cannot start a host says why and does so on request."""
    try:
        return machine.start(shim)
    except (Died, AssertionError, httpx.TransportError):
        pass
    if machine.serves():
        location = machine.daemon.code_location()
        assert names_the_error(location["error"]["message"]), location
        assert machine.daemon.reload()["state"] == "loaded", machine.daemon.log
        return
    status, said = machine.daemon.process.wait(10), machine.daemon.log
    assert status == 1 and "headrace: " in said, f"the daemon ended with {status} and said: {said}"
    machine.start(shim)


def names_the_error(message: str) -> bool:
    return "Input/output error" in message or "Interrupted system call" in message


def launch(machine: Machine) -> int:
    """As a client does: again, while the daemon says that it cannot write now."""
    deadline = time.monotonic() + LIMIT
    while time.monotonic() < deadline:
        answer = machine.daemon.request("POST", "/api/v1/runs", json={"selection": "*"})
        if answer.status_code != 503:
            assert answer.status_code == 201, answer.text
            machine.runs.append(answer.json()["number"])
            return machine.runs[-1]
    raise AssertionError(f"no run could be launched: {answer.text}")


def check_run(run: dict[str, Any], error: Error, site: Site | None) -> None:
    """It succeeded in truth, or a step says what went wrong. A failed sync of a value never passes for a success."""
    failed = [step for step in run["steps"] if step["status"] == "failure"]
    is_sync_of_value = site is not None and site.call == "fsync" and site.role == "worker"
    if is_sync_of_value and error.do == "error:EIO":
        assert failed, f"a sync failed, and the run is a {run['status']}"
    for step in failed:
        message = step["error"]["message"]
        assert names_the_error(message) or "journal" in message, step["error"]
    assert run["status"] == ("failure" if failed else "success"), run


def run(work: Work) -> None:
    rounds = Rounds(work.folder)
    sites = rounds.sites
    walks = [
        [
            (error, role, number)
            for number in range(1, sum(site.group in error.calls.split(",") for site in sites[role]) + 1)
        ]
        for error in ERRORS
        for role in ROLES
    ]
    for error, role, number in stirred(walks, work.seed):
        if not work.goes_on():
            return
        met = meet(rounds, error, role, number)
        work.add(1, errors=int(met), **{f"{role}_{error.do.split(':')[-1]}": 1})


CAMPAIGN = Campaign(
    name="io_errors",
    fault="EIO, EINTR, short writes and failing syncs at each call of the write path of daemon and worker",
    checks="no silent success, a failed sync fails its step, the error is named, a retry succeeds, nothing is lost",
    run=run,
    long=Limit(rounds=900),
    short=Limit(rounds=10),
)
