"""Rounds that all begin with the same home, in which one good run has ended."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from .machine import Machine
from .shim import Rule, Shim, Site
from .small_run import SmallRun

ROLES = ("daemon", "worker")
Item = TypeVar("Item")


class Rounds:
    """`sites`: the calls that the first run took, by role; the next runs take about as many."""

    def __init__(self, folder: Path):
        self.folder, self.work, self._base = folder, SmallRun(folder / "machine"), folder / "base"
        self.sites = self._make_base()

    def _make_base(self) -> dict[str, list[Site]]:
        self.work.make()
        counting = Shim(self.folder / "shim", *(Rule(role=role, under=self.work.folder, armed=False) for role in ROLES))
        with Machine(self.work) as machine:
            machine.start(counting)
            assert machine.materialize()["status"] == "success"
            machine.stop()
        shutil.copytree(self.work.folder, self._base)
        return {role: counting.sites(i) for i, role in enumerate(ROLES)}

    def calls(self, role: str) -> int:
        return len(self.sites[role])

    @contextmanager
    def one(self, rule: Rule, what: str, *, first: bool = False) -> Iterator[tuple[Machine, Shim]]:
        """A machine as it was after the first run (`first`: a new one) and a shim with this rule.

        At the end it is checked as a whole. A failure says `what` went wrong at which call.
        """
        if first:
            self.work.make()
        else:
            self.restore(version=2)
        shim = Shim(self.folder / "shim", rule)
        try:
            with Machine(self.work) as machine:
                yield machine, shim
            machine.check_database()
            machine.check_leftovers()
        except Exception as wrong:
            where = shim.site(rule.at or rule.from_)
            raise AssertionError(f"{what} {where}: {type(wrong).__name__}: {wrong}") from wrong

    def restore(self, version: int) -> SmallRun:
        """The machine as it was after the first run; what is made next is of this version."""
        shutil.rmtree(self.work.folder)
        shutil.copytree(self._base, self.work.folder)
        self.work.set_version(version)
        return self.work


def stirred(walks: Sequence[Sequence[Item]], seed: int) -> Iterator[Item]:
    """All items of all walks, each once: the walks in turn, each in such an order that any first few lie evenly over it.

    So a sitting that ends early has seen something of everything; another seed begins at other places.
    """
    golden = (5**0.5 - 1) / 2
    orders = [
        sorted(range(len(walk)), key=lambda i, walk=walk: ((i + seed) * golden) % 1.0) for walk in walks if len(walk)
    ]
    for turn in range(max(map(len, orders))):
        for walk, order in zip((w for w in walks if len(w)), orders, strict=True):
            if turn < len(order):
                yield walk[order[turn]]
