"""Stands for `headrace` while the documentation's commands run: `dev` and `serve` take a free port and end when their code
locations are loaded; any other command runs as it is."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from integration.support.daemon import (  # noqa: E402
    Daemon,  # noqa: E402
    binary,
    stopped_at_the_end,
)

OPTIONS = ("-p", "--port", "--home")


def without(arguments: list[str], names: tuple[str, ...]) -> list[str]:
    kept, rest = [], iter(arguments)
    for one in rest:
        if one in names:
            next(rest)
        elif not one.startswith(tuple(f"{name}=" for name in names)):
            kept.append(one)
    return kept


def main() -> None:
    command, arguments = sys.argv[1] if len(sys.argv) > 1 else "", sys.argv[2:]
    if command not in ("dev", "serve") or {"-h", "--help"} & set(arguments):
        os.execv(binary(), [binary(), *sys.argv[1:]])
    with tempfile.TemporaryDirectory() as folder, stopped_at_the_end() as started:
        one = Daemon(Path(folder) / "home", without(arguments, OPTIONS), cwd=Path.cwd(), command=command)
        started.append(one)
        one.start()
        for location in one.get("/api/v1/code-locations")["items"]:
            one.loaded(location["name"])
        print("Serving Headrace on http://127.0.0.1:3000")


main()
