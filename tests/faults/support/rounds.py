"""Rounds that all begin with the same home, in which one good run has ended."""

from __future__ import annotations

import shutil
from pathlib import Path

from .machine import Machine
from .shim import Rule, Shim, Site
from .small_run import SmallRun

ROLES = ("daemon", "worker")


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

    def restore(self, version: int) -> SmallRun:
        """The machine as it was after the first run; what is made next is of this version."""
        shutil.rmtree(self.work.folder)
        shutil.copytree(self._base, self.work.folder)
        self.work.set_version(version)
        return self.work


def spread(items: list, count: int) -> list:
    """`count` of them, evenly."""
    if count >= len(items):
        return items
    return [items[(2 * i + 1) * len(items) // (2 * count)] for i in range(count)]
