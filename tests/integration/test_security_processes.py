"""What the daemon's children get of it: no secrets, no descriptors but their own, a group of their own."""

from __future__ import annotations

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
    one = daemon(folder, "-f", "defs.py", environment={"HEADRACE_TOKEN": "the daemon's own secret"})
    one.loaded()
    one.materialize("*")
    seen = one.metadata("looks_around")
    assert "HEADRACE_TOKEN" not in seen["environment"]
    assert "the daemon's own secret" not in str(seen)
    assert seen["session"] is True
    inherited = {fd: target for fd, target in seen["descriptors"].items() if int(fd) > 5}
    assert not [t for t in inherited.values() if "headrace.db" in t or "anon_inode" in t], inherited
    listening = [t for t in inherited.values() if t.startswith("socket:")]
    assert listening == [], inherited
