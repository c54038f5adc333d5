"""Who goes first when the machine runs out of memory: a worker, whose step can be tried again, never the daemon."""

from __future__ import annotations

_WORKER = 500  # of 1000; whoever is raised further already stays there


def offer_for_oom() -> None:
    """Raises this process's oom_score_adj; anyone may raise their own. Its children inherit it."""
    try:
        with open("/proc/self/oom_score_adj", "r+", encoding="ascii") as file:
            if int(file.read()) < _WORKER:
                file.write(str(_WORKER))
    except OSError:
        pass  # no /proc, or not ours to write: then the kernel decides by size alone
