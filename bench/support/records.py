"""What was measured is kept: bench/records/*.json, and from them the table of results in bench/README.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .report import REPOSITORY, Report, number

RECORDS = REPOSITORY / "bench" / "records"
README = REPOSITORY / "bench" / "README.md"
BEGIN, END = "<!-- results: ./run bench writes them -->", "<!-- end of results -->"


def keep(report: Report, name: str) -> None:
    """Writes the record of this name, and the table anew."""
    RECORDS.mkdir(exist_ok=True)
    report.write(RECORDS / f"{name}.json")
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    README.write_text(f"{before}{BEGIN}\n{table()}\n{rest[rest.index(END):]}", encoding="utf-8")


def table() -> str:
    return "\n".join(_section(file) for file in sorted(RECORDS.glob("*.json")) if "figures" in file.read_text())


def _section(file: Path) -> str:
    record = json.loads(file.read_text())
    about = f"commit {record['commit']}, {record['cores']} cores, load {record['load']} when it began"
    about += f", {record['disk']}" if "disk" in record else ""
    lines = [f"**{file.stem}**, {record['date']}, {about}", ""]
    lines += ["| figure | measured | against | ratio | goal | |", "|---|---|---|---|---|---|"]
    lines += [_row(figure) for figure in record["figures"]]
    return "\n".join([*lines, ""])


def _row(figure: dict[str, Any]) -> str:
    floor = f"{figure['floor_name']} {number(figure['floor'])}" if "floor" in figure else ""
    goals = [f"≤ {figure['at_most']:g}"] if "at_most" in figure else []
    goals += [f"≥ {figure['at_least']:g}"] if "at_least" in figure else []
    goals += [f"ratio ≤ {figure['ratio_at_most']:g}"] if "ratio_at_most" in figure else []
    cells = [
        figure["name"],
        f"{number(figure['value'])} {figure['unit']}",
        floor,
        f"{figure['ratio']:.2f}" if "ratio" in figure else "",
        ", ".join(goals),
        {None: "", True: "ok", False: "**over**"}[figure.get("ok")],
    ]
    return "| " + " | ".join(cells) + " |"
