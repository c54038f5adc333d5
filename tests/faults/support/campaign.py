"""What a campaign is: one kind of fault, injected round after round into real processes until a limit is reached.

A module of `tests/faults/` is a campaign when it has a `CAMPAIGN`. Its `run(work)` does rounds while `work.goes_on()`, and
says `work.add(rounds, …counts)` only after it has checked them. Whatever it raises is a failure: it ends the campaign, and
goes into the record with its seed and round.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Limit:
    """Where a campaign ends: after so many rounds or so many seconds, whichever comes first."""

    rounds: int | None = None
    seconds: float | None = None


@dataclass
class Work:
    """One sitting of a campaign. `folder` is its own; after a failure it is kept as evidence."""

    folder: Path
    limit: Limit
    seed: int = 1
    is_short: bool = False  # the form that is a test
    say: Callable[[str], None] = print
    on_progress: Callable[[], None] = lambda: None
    rounds: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def rounds_left(self) -> int:
        """How many rounds may still be done; a large number where only time limits."""
        return 1 << 30 if self.limit.rounds is None else max(0, self.limit.rounds - self.rounds)

    def goes_on(self) -> bool:
        is_in_time = self.limit.seconds is None or self.seconds < self.limit.seconds
        return is_in_time and self.rounds_left > 0

    def begin_now(self) -> None:
        """What was done so far was the warm-up: time counts from here."""
        self.started = time.monotonic()

    def random(self, *purpose: object) -> random.Random:
        """Numbers that depend on the seed, on the rounds done so far and on what they are for, nothing else."""
        return random.Random(":".join(map(str, (self.seed, self.rounds, *purpose))))

    def add(self, rounds: int = 1, **counts: int) -> None:
        """These rounds were done and all their checks held. Counts add up in the record; with `most_…` the largest stays."""
        self.rounds += rounds
        for name, number in counts.items():
            self.counts[name] = max(self.counts[name], number) if name.startswith("most_") else self.counts[name] + number
        self.on_progress()


@dataclass(frozen=True)
class Campaign:
    name: str
    fault: str  # what is done to whom, in a line
    checks: str  # what must hold afterwards, in a line
    run: Callable[[Work], None]
    long: Limit  # what a release needs in all (at least one of the two): `./run faults` goes on until the record has it
    short: Limit | None = None  # for CI; None: the long form only
    unit: str = "rounds"


def all_campaigns() -> dict[str, Campaign]:
    import faults

    found = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(faults.__path__) if not m.ispkg):
        if module.startswith(("test_", "__", "conftest")):
            continue
        campaign = getattr(importlib.import_module(f"faults.{module}"), "CAMPAIGN", None)
        if campaign is not None:
            found[campaign.name] = campaign
    return found
