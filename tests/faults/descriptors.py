"""A daemon that may open few descriptors (as under `ulimit -n 64`): connections beyond them are refused with 503 instead of
left waiting, it does not turn in circles meanwhile, runs still work, and it recovers when the others leave."""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from integration.support.daemon import ENDED, Daemon

from .support import victims
from .support.campaign import Campaign, Limit, Work
from .support.many_assets import daemon_of_many_assets
from .support.usage import processor_seconds, usage

DESCRIPTORS = 64
STREAM, PAGE = "/api/v1/events?topics=runs&after=0", "/api/v1/status"


@contextmanager
def few_descriptors() -> Iterator[None]:
    """What is started within may open few; the limit that counts is the soft one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Caller:
    """A connection that asks for one page and stays."""

    def __init__(self, url: str, path: str):
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), 30.0)
        self.socket.settimeout(30.0)  # a daemon that says nothing is a failure
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
        answer = self.socket.recv(12)
        self.status = int(answer[9:12]) if answer else 0

    def close(self) -> None:
        self.socket.close()


def check_rest(daemon: Daemon, seconds: float) -> float:
    """The share of a processor that the daemon takes while nobody asks for anything."""
    before = processor_seconds(daemon.pid)
    threading.Event().wait(seconds)
    share = (processor_seconds(daemon.pid) - before) / seconds
    assert share < 0.3, f"it takes {share:.0%} of a processor while all descriptors are taken"
    return share


def check_run(daemon: Daemon) -> None:
    """A run, asked after without a stream: others may have them all."""
    number = daemon.launch("*")
    while (run := daemon.run(number))["status"] not in ENDED:
        threading.Event().wait(0.02)
    assert run["status"] == "success", f"{run}\n{daemon.log}"


def one_round(work: Work, daemon: Daemon) -> None:
    numbers = work.random("callers")
    callers = [Caller(daemon.url, numbers.choice((STREAM, STREAM, PAGE))) for _ in range(numbers.randint(40, 120))]
    try:
        statuses = [caller.status for caller in callers]
        assert set(statuses) <= {200, 503}, f"answers: {statuses}"
        assert 503 in statuses, "more streams than descriptors, and nobody was refused"
        share = check_rest(daemon, 0.3 if work.is_short else 3.0)
        held = usage(daemon.pid).descriptors
        assert held <= DESCRIPTORS
        check_run(daemon)
    finally:
        for caller in callers:
            caller.close()
    check_run(daemon)
    work.add(
        1,
        callers=len(callers),
        refused=statuses.count(503),
        most_descriptors=held,
        most_percent_of_a_processor=round(100 * share),
    )


def run(work: Work) -> None:
    daemon = daemon_of_many_assets(work.folder)
    try:
        with few_descriptors():
            daemon.start()
        daemon.loaded()
        while work.goes_on():
            one_round(work, daemon)
        daemon.close()
    finally:
        victims.kill_all(daemon.mark)


CAMPAIGN = Campaign(
    name="descriptors",
    fault=f"a daemon with {DESCRIPTORS} descriptors and more callers than that",
    checks="200 or 503 for everybody, no spin, runs succeed meanwhile and afterwards",
    run=run,
    short=Limit(rounds=2),
    long=Limit(seconds=600),
)
