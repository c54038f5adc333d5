"""The wall clock jumps by up to an hour, forward and back, at every second reading; the daemon may be killed meanwhile."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import Any

from .support.campaign import Campaign, Limit, Work
from .support.machine import Machine
from .support.shim import Shim
from .support.small_run import SmallRun

STEPS = 24
FAILURES = 2
READINGS_OF_A_JUMP = 2
DEFINITIONS = f"""
    from headrace import Definitions, RetryPolicy, asset


    def make(number):
        @asset(name=f"a{{number}}", deps=[f"a{{number - 1}}"] if number else [], retry_policy=RetryPolicy(3, delay=0.01))
        def step(context) -> None:
            if number % 8 == 4 and context.retry_number < {FAILURES}:
                raise ValueError("not yet")

        return step


    defs = Definitions([make(number) for number in range({STEPS})])
"""


def launch_and_follow(machine: Machine, shim: Shim, kill: bool) -> None:
    """`kill`: the daemon, when it tells of a retry; the next one waits for it on."""
    machine.start(shim)
    number = machine.launch()
    if kill:
        with machine.daemon.events(f"run:{number}", 0) as stream:
            for event in stream:
                if event["type"] == "step_ended" and event["data"]["status"] == "retrying":
                    break
        machine.kill_daemon()
        machine.start(shim)
    machine.follow(number)


def check_times(run: dict[str, Any], events: list[dict[str, Any]]) -> None:
    """Nothing took less than no time, and each retry came once."""
    moments = [moment(run[name]) for name in ("created_at", "started_at", "ended_at")]
    assert moments == sorted(moments), f"a duration is negative: {run}"
    for step in run["steps"]:
        assert moment(step["started_at"]) <= moment(step["ended_at"]), f"a duration is negative: {step}"
        wanted = FAILURES + 1 if int(step["step_key"][1:]) % 8 == 4 else 1
        assert step["attempt"] == wanted, f"not {wanted} attempts: {step}"
    seconds = [event["data"].get("seconds") for event in events if event["type"] == "step_ended"]
    assert all(s is None or 0 <= s < 600 for s in seconds), f"a step took {seconds}"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def run(work: Work) -> None:
    small = SmallRun(work.folder / "machine")
    while work.goes_on():
        (small.make().project / "defs.py").write_text(textwrap.dedent(DEFINITIONS))
        seed = work.random("jumps").getrandbits(32)
        shim = Shim(work.folder / "shim", jump_every=READINGS_OF_A_JUMP, jump_seed=seed)
        kill = work.rounds % 2 == 1
        with Machine(small) as machine:
            launch_and_follow(machine, shim, kill)
            number = machine.runs[0]
            ended = machine.daemon.run(number)
            assert ended["status"] == "success", ended
            check_times(ended, machine.daemon.run_events(number))
            machine.check_nothing_lost()
        machine.check_database()
        jumps = shim.clock_readings // READINGS_OF_A_JUMP
        assert jumps > 100, f"the clock was read {shim.clock_readings} times only"
        work.add(1, jumps=jumps, kills=int(kill))


CAMPAIGN = Campaign(
    name="clock",
    fault="the wall clock jumps by up to an hour, forward and back, at every second reading",
    checks="no duration is negative, nothing is stuck, retries are neither lost nor doubled",
    run=run,
    long=Limit(rounds=100),
    short=Limit(rounds=2),
)
