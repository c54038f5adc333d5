"""A worker's life, from its birth to its exit status."""

from __future__ import annotations

import _signal  # the signal module's own base: it makes no enum of each number and answer, which takes 300 µs here
import faulthandler
import os
import signal
import sys
import traceback
from collections.abc import Iterable
from typing import NoReturn

from headrace import execution
from headrace.host import descriptors
from headrace.host.command import LoadOptions
from headrace.host.location import FailedLocation, LoadedLocation, load
from headrace.host.streams import flush_streams
from headrace.worker.oom_score import offer_for_oom
from headrace.worker.output_files import prepare_streams
from headrace.worker.reseed import reseed
from headrace.worker.worker import Worker

_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_CHANGEABLE = [
    int(number) for number in signal.valid_signals() if number not in (signal.SIGKILL, signal.SIGSTOP)
]


def run_forked_worker(
    location: LoadedLocation, worker_id: int, received: list[int], pidfds: Iterable[int]
) -> NoReturn:
    """In the forked child: becomes a worker and never returns."""
    status = 1
    try:
        os.setsid()
        descriptors.become_worker_descriptors(received, pidfds)
        _restore_signals()
        os.environ["HEADRACE_ROLE"] = "worker"
        os.environ["HEADRACE_WORKER_ID"] = str(worker_id)  # how the daemon knows what this worker left behind
        reseed()
        status = _work(location, worker_id)
    except BaseException:  # noqa: BLE001 - it must not return into the host's code
        traceback.print_exc()
    finally:
        _exit(status)


def run_spawned_worker(options: LoadOptions) -> int:
    """In a process of its own: loads the code, then works."""
    try:
        descriptors.claim_worker_descriptors()
    except descriptors.NotStartedByDaemon as error:
        print(error, file=sys.stderr)
        return 2
    try:
        os.setsid()
    except PermissionError:
        pass  # it leads its session already
    worker_id = int(os.environ.get("HEADRACE_WORKER_ID", "0"))
    wanted_hash = os.environ.pop("HEADRACE_DEFINITIONS_HASH", None)
    location = load(options)
    _restore_signals()
    _exit(_work(location, worker_id, wanted_hash))


def _work(location: LoadedLocation | FailedLocation, worker_id: int, wanted_hash: str | None = None) -> int:
    offer_for_oom()
    prepare_streams()
    faulthandler.enable(file=2)
    execution.around_handle_output = _watch_factory()
    return Worker(location, worker_id, wanted_hash).run()


def _watch_factory() -> type:
    from headrace.worker.observed_paths import WrittenFiles

    return WrittenFiles


def _restore_signals() -> None:
    """What a fresh Python has, whatever the host or the import made of it."""
    signal.set_wakeup_fd(-1)
    _signal.pthread_sigmask(signal.SIG_SETMASK, [])
    for number, found in zip(_CHANGEABLE, map(_signal.getsignal, _CHANGEABLE), strict=True):
        default = _signal.SIG_IGN if number in _IGNORED_BY_PYTHON else _signal.SIG_DFL
        if found not in (default, None):
            _signal.signal(number, default)
    _signal.signal(signal.SIGINT, signal.default_int_handler)


def _exit(status: int) -> NoReturn:
    """Without waiting for threads, and without exit handlers that belong to the host."""
    flush_streams()
    os._exit(status)
