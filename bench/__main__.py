"""`./run bench [NAME…] [--peer NAME] [--json FILE]`: README.md says what each figure means."""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
from pathlib import Path

from . import peers
from .support import records
from .support.report import Report

NAMES = {
    "steps": "what a step costs: chain and wide, fast and full, isolation, 10,000 assets",
    "launch": "from the click to the first step running",
    "ingest": "events a second from journals into the event log",
    "streams": "100 browsers watch a run",
    "api": "an asset's page while a run is going",
    "start": "cold start",
    "memory": "of the daemon, at rest and after many events",
    "database": "bytes a step",
    "six_engines": "40 x fib(10) and 10 x fib(33), as published for six engines",
}
LONG_NAMES = {
    "fork_python": "is fork right as the default? 15,000 rounds, which add up over calls",
    "parquet": "a table of 1 GB by the IO managers, against plain Arrow",
    "small_blobs": "10,000 small values to and from S3, against the client's own loop",
}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__, allow_abbrev=False)
    names = NAMES | LONG_NAMES
    parser.add_argument("names", nargs="*", metavar="NAME", help="; ".join(f"{k}: {v}" for k, v in names.items()))
    parser.add_argument("--peer", choices=peers.NAMES, help="the same flows in another engine, and in ours")
    parser.add_argument("--rounds", type=int, default=5, help="of which the median is taken (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures to FILE")
    parser.add_argument("--tiny", action="store_true", help="the smallest sizes: only to see that it works")
    parser.add_argument("--nice", type=int, default=0, help="run all that is measured at this niceness")
    for name in names:
        module = importlib.import_module(f"bench.{name}")
        if hasattr(module, "add_arguments"):
            module.add_arguments(parser.add_argument_group(name))
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in names]:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(names)}")
    return arguments


def main() -> int:
    arguments = parse()
    os.nice(arguments.nice)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends with it
    report = Report()
    print(", ".join(f"{key} {value}" for key, value in report.machine.items()))
    try:
        if arguments.peer:
            peers.measure(report, arguments.peer, arguments)
        for name in arguments.names or ([] if arguments.peer else NAMES):
            importlib.import_module(f"bench.{name}").measure(report, arguments)
        if not arguments.names and not arguments.tiny:
            records.keep(report, f"peer_{arguments.peer}" if arguments.peer else "bench")
    finally:
        print(f"\n{report.summary()}")
        if arguments.json:
            report.write(arguments.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
