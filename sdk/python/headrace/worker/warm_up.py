"""What every forked worker would otherwise do again for itself: the SDK's own way through a step, walked in the host.

Python makes code quick as it runs it (caches in the bytecode, from about the eighth call on), and writes to its pages.
Done in the host, before the first fork, no worker pays for either. No user code is run: the steps are two of our own,
and what they store is thrown away.
"""

from __future__ import annotations

import contextlib
import os
import socket
import tempfile
from collections.abc import Iterator

from headrace import execution
from headrace.asset import asset
from headrace.definitions import Definitions
from headrace.filesystem_io_manager import FilesystemIOManager
from headrace.resolved import ResolvedDefinitions
from headrace.worker.journal import Journal, LogFile
from headrace.worker.observed_paths import WrittenFiles
from headrace.worker.output_files import OutputFiles
from headrace.worker.reporter import JournalReporter
from headrace.worker.surroundings import Surroundings
from headrace.worker.worker import boot_id

_ROUNDS = 12


def warm_up() -> None:
    """Never raises: what it cannot do, each worker does."""
    with contextlib.suppress(Exception), _without_syncs(), tempfile.TemporaryDirectory(prefix="headrace-") as folder:
        _walk(folder)


@contextlib.contextmanager
def _without_syncs() -> Iterator[None]:
    """What is thrown away need not survive a power cut: on a busy disk the first fork would wait for it."""
    durability = os.environ.pop("HEADRACE_DURABILITY", None)
    try:
        yield
    finally:
        if durability is not None:
            os.environ["HEADRACE_DURABILITY"] = durability


def _walk(folder: str) -> None:
    boot_id()
    resolved = _definitions(folder)
    sink = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    ours, theirs = socket.socketpair()
    watch, execution.around_handle_output = execution.around_handle_output, WrittenFiles
    try:
        with ours, theirs, execution.ResourceSession(resolved) as session, contextlib.ExitStack() as stack:
            output = OutputFiles()
            surroundings = stack.enter_context(contextlib.closing(Surroundings()))
            for _ in range(_ROUNDS):
                for message in _MESSAGES:
                    request = execution.StepRequest.from_message(message)
                    reporter = JournalReporter(Journal(sink, ours), LogFile(sink), output, request)
                    reporter.started(wake=True)
                    execution.execute_step(resolved, session, request, reporter)
                    surroundings.restore_outputs()
                    reporter.ended("success", None, 0.0)
                    surroundings.restore()
    finally:
        execution.around_handle_output = watch
        os.close(sink)


def _definitions(folder: str) -> ResolvedDefinitions:
    @asset
    def first() -> int:
        return 1

    @asset
    def second(first: int) -> int:
        return first

    manager = FilesystemIOManager(base_dir=folder)
    return ResolvedDefinitions.resolve(Definitions(assets=[first, second], resources={"io_manager": manager}))


def _message(name: str, inputs: list[dict[str, object]]) -> dict[str, object]:
    return {
        "type": "run_step",
        "run_id": "warm-up",
        "run_number": 1,
        "step_key": name,
        "attempt": 1,
        "asset_key": [name],
        "partition": None,
        "inputs": inputs,
        "run_config": {},
        "tags": {},
    }


_FIRST_INPUT = {"name": "first", "asset_key": ["first"], "partition": None, "code_location": "", "in_run": True}
_MESSAGES = [_message("first", []), _message("second", [{**_FIRST_INPUT, "materialization": {"metadata": {}}}])]
