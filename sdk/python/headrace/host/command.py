"""The command line of a host or a spawned worker."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class LoadOptions:
    """Which user code to load, and how."""

    module: str | None = None
    file: str | None = None
    attribute: str | None = None
    working_directory: str | None = None
    compat: bool = False

    @property
    def name(self) -> str:
        """The module or file as the user wrote it."""
        return self.module or self.file or ""


def parse(arguments: Sequence[str] | None = None) -> LoadOptions:
    """Reads the command line; prints the usage and exits with 2 when it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m headrace.host",
        description="The Python side of a code location. The headrace daemon starts it: use `headrace dev`.",
    )
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("-m", "--module-name", metavar="MODULE", help="load this module")
    source.add_argument("-f", "--python-file", metavar="FILE", help="load this file")
    parser.add_argument("-a", "--attribute", help="the Definitions, or a function that returns them")
    parser.add_argument(
        "-d", "--working-directory", metavar="DIR", help="where relative paths and imports start"
    )
    parser.add_argument(
        "--compat", choices=["dagster"], help="answer imports of dagster even if it is installed"
    )
    options = parser.parse_args(arguments)
    return LoadOptions(
        module=options.module_name,
        file=options.python_file,
        attribute=options.attribute,
        working_directory=options.working_directory,
        compat=options.compat == "dagster",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs as host or worker, as `HEADRACE_ROLE` says; the process's exit status."""
    options = parse(arguments)
    role = os.environ.get("HEADRACE_ROLE", "host")
    if role == "host":
        from headrace.host.loop import run_host

        return run_host(options)
    if role == "worker":
        from headrace.worker.main import run_spawned_worker

        return run_spawned_worker(options)
    print(f'HEADRACE_ROLE is "{role}": it must be host or worker.', file=sys.stderr)
    return 2
