"""Who goes first when the machine runs out of memory: a worker, whose step can be tried again, never the daemon."""

from __future__ import annotations

import os

_FILE = "/proc/self/oom_score_adj"
_WORKER = 500  # of 1000; whoever is raised further already stays there


def offer_for_oom() -> None:
    """Raises this process's oom_score_adj; anyone may raise their own. Its children inherit it.

    Without text files: their codecs write to 80 pages of its host's memory that nothing else in a forked worker's step
    writes to, and the kernel copies each.
    """
    try:
        descriptor = os.open(_FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return  # no /proc, or not ours to write: then the kernel decides by size alone
    try:
        if int(os.read(descriptor, 16)) < _WORKER:
            os.write(descriptor, b"%d" % _WORKER)
    except OSError:
        pass
    finally:
        os.close(descriptor)
