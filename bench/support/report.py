"""Figures: measured, compared with the floor of the same run and with the goal, printed and kept."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .disk import file_system

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclasses.dataclass
class Figure:
    """One measured value. `floor` is the least possible (or a peer's) value of the same run, `ratio` the median of the
    rounds' own ratios, which is steadier than the ratio of the medians."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    floor: float | None = None
    ratio: float | None = None
    ratio_at_most: float | None = None
    floor_name: str = "floor"
    more: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def is_ok(self) -> bool | None:
        """None where there is no goal."""
        verdicts = [
            limit is None or value is None or value <= limit
            for value, limit in ((self.value, self.at_most), (self.ratio, self.ratio_at_most))
        ]
        verdicts.append(self.at_least is None or self.value >= self.at_least)
        has_goal = any(goal is not None for goal in (self.at_most, self.at_least, self.ratio_at_most))
        return all(verdicts) if has_goal else None

    def line(self) -> str:
        parts = []
        if self.ratio is not None:
            parts.append(f"{self.ratio:6.2f}x{_goal('≤', self.ratio_at_most, self.ratio)}")
        parts.append(f"{number(self.value)} {self.unit}{_goal('≤', self.at_most, self.value)}")
        if self.at_least is not None:
            parts[-1] += f" (≥ {self.at_least:g}: {'ok' if self.value >= self.at_least else 'UNDER'})"
        if self.floor is not None:
            parts.append(f"{self.floor_name} {number(self.floor)}")
        parts += [f"{key} {number(value)}" for key, value in self.more.items()]
        return f"  {self.name:<44} " + " · ".join(parts)


def _goal(sign: str, goal: float | None, value: float) -> str:
    return "" if goal is None else f" ({sign} {goal:g}: {'ok' if value <= goal else 'OVER'})"


def number(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 100 else f"{value:.1f}"


class Report:
    def __init__(self) -> None:
        self.figures: list[Figure] = []
        self.machine = machine()  # the load before anything is measured

    def add(self, figure: Figure) -> Figure:
        self.figures.append(figure)
        print(figure.line(), flush=True)
        return figure

    def heading(self, text: str) -> None:
        print(f"\n{text}", flush=True)

    def to_json(self) -> dict[str, Any]:
        figures = [
            {k: v for k, v in dataclasses.asdict(figure).items() if v not in (None, {})} | {"ok": figure.is_ok}
            for figure in self.figures
        ]
        return self.machine | {"figures": figures}

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(self.to_json(), indent=1) + "\n", encoding="utf-8")

    def summary(self) -> str:
        over = [figure.name for figure in self.figures if figure.is_ok is False]
        with_goal = [figure for figure in self.figures if figure.is_ok is not None]
        text = f"{len(with_goal) - len(over)} of {len(with_goal)} goals met"
        return text + (": not " + "; ".join(over) if over else "")


def machine() -> dict[str, Any]:
    """What a figure has to be read with."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True
    ).stdout.strip()
    return {
        "date": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
        "commit": commit,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "disk": file_system(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def say(text: str) -> None:
    """What goes on, apart from the figures."""
    print(f"… {text}", file=sys.stderr, flush=True)
