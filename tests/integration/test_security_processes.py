"""What the daemon's children get of it: no secrets, no descriptors but their own, a group of their own."""

from __future__ import annotations

import os

from .support.processes import marked_processes

SOURCE = """
import json
import os
from headrace import *

def descriptors():
    found = {}
    for fd in sorted(map(int, os.listdir("/proc/self/fd"))):
        try:
            found[fd] = os.readlink(f"/proc/self/fd/{fd}")
        except OSError:
            pass  # the one that listed them
    return found

@asset
def looks_around():
    return Output(1, metadata={
        "environment": {k: v for k, v in os.environ.items() if k.startswith("HEADRACE")},
        "descriptors": {str(k): v for k, v in descriptors().items()},
        "session": os.getsid(0) == os.getpid(),
        "umask": oct(os.umask(0o077)),
    })

defs = Definitions(assets=[looks_around])
"""


def test_a_worker_has_only_what_is_its_own(daemon, project):
    folder = project({"defs.py": SOURCE})
    token = "the-daemons-own-secret"
    one = daemon(folder, "-f", "defs.py", environment={"HEADRACE_TOKEN": token})
    assert one.request("POST", "/api/v1/session", json={"token": token}).status_code == 204
    one.loaded()
    one.materialize("*")
    seen = one.metadata("looks_around")
    assert "HEADRACE_TOKEN" not in seen["environment"]
    assert token not in str(seen)
    assert seen["session"] is True
    inherited = {fd: target for fd, target in seen["descriptors"].items() if int(fd) > 5}
    assert not [t for t in inherited.values() if "headrace.db" in t or "anon_inode" in t], inherited
    listening = [t for t in inherited.values() if t.startswith("socket:")]
    assert listening == [], inherited
    assert not [t for t in inherited.values() if "code_locations" in t], inherited


def test_nobody_else_can_connect_to_a_code_location(daemon, project):
    """Hosts and workers talk over pairs of sockets that they were born with: none has a name or listens."""
    one = daemon(project({"defs.py": SOURCE}), "-f", "defs.py")
    one.loaded()
    one.materialize("*")
    inodes = set()
    for pid in marked_processes(one.mark):
        for fd in os.listdir(f"/proc/{pid}/fd"):
            try:
                target = os.readlink(f"/proc/{pid}/fd/{fd}")
            except OSError:
                continue
            if target.startswith("socket:"):
                inodes.add(target.removeprefix("socket:[").rstrip("]"))
    assert inodes
    with open("/proc/net/unix", encoding="utf-8") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    accepts = "00010000"
    named = [row for row in rows if row[6] in inodes and (len(row) > 7 or row[3] == accepts)]
    assert named == []
