"""The host's loop: commands from the daemon, forked workers and their ends. One thread."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
import threading
import warnings

from headrace.host import descriptors
from headrace.host.command import LoadOptions
from headrace.host.lines import LineSocket, to_bytes
from headrace.host.location import FailedLocation, LoadedLocation, load
from headrace.host.parent_death import die_with_parent
from headrace.host.streams import flush_streams

_PROTOCOL = 1


def run_host(options: LoadOptions) -> int:
    """Serves the daemon until it says `shutdown` or its socket closes; the process's exit status."""
    try:
        descriptors.claim_host_descriptors()
    except descriptors.NotStartedByDaemon as error:
        print(error, file=sys.stderr)
        return 2
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the daemon's to handle
    try:
        status = _Host(options).run()
    except BrokenPipeError:
        status = 0
    if any(not thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread()):
        flush_streams()
        os._exit(status)  # Python would wait for threads that the import left behind
    return status


class _Host:
    def __init__(self, options: LoadOptions) -> None:
        self._options = options
        self._control = LineSocket(descriptors.CONTROL)
        self._fork = socket.socket(fileno=descriptors.FORK)
        self._location: LoadedLocation | FailedLocation | None = None
        self._workers: dict[int, tuple[int, int]] = {}  # pidfd → worker id, pid
        self._poll = select.poll()
        self._ended = False

    def run(self) -> int:
        self._control.send(_hello())
        self._poll.register(descriptors.CONTROL, select.POLLIN)
        self._poll.register(descriptors.FORK, select.POLLIN)
        while not self._ended:
            for descriptor, _ in self._poll.poll():
                if descriptor == descriptors.CONTROL:
                    self._take_commands()
                elif descriptor == descriptors.FORK:
                    self._take_fork()
                else:
                    self._report_exit(descriptor)
        return 0

    def _take_commands(self) -> None:
        for message in self._control.read_some():
            kind = message.get("type")
            if kind == "describe":
                self._describe()
            elif kind == "shutdown":
                self._ended = True
            else:
                raise ValueError(f"the daemon sent a message of unknown type {kind!r}")
        self._ended = self._ended or self._control.at_end

    def _describe(self) -> None:
        if self._location is None:
            self._location = load(self._options)
            signal.signal(
                signal.SIGCHLD, signal.SIG_DFL
            )  # whatever user code made of it: workers must be waited for
        self._control.send(self._location.message())
        if isinstance(self._location, LoadedLocation):
            self._prepare_forks()

    def _prepare_forks(self) -> None:
        """While the daemon takes in the definitions: what every worker would otherwise do again for itself."""
        from headrace.worker import main  # noqa: F401 - imported by the first fork
        from headrace.worker.warm_up import warm_up

        warm_up()
        gc.freeze()  # no collection touches, and so copies, the host's memory in a forked worker

    def _take_fork(self) -> None:
        flags = socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
        packet, received, _, _ = socket.recv_fds(self._fork, 65536, 16, flags)
        if not packet:
            self._poll.unregister(descriptors.FORK)
            return
        worker_id = _worker_id(packet)
        try:
            answer, pidfd = self._fork_worker(worker_id, received)
        except (OSError, ValueError) as error:
            answer, pidfd = {"type": "fork_failed", "worker_id": worker_id, "message": str(error)}, None
        finally:
            for descriptor in received:
                os.close(descriptor)
        socket.send_fds(self._fork, [to_bytes(answer)], [] if pidfd is None else [pidfd])

    def _fork_worker(self, worker_id: int, received: list[int]) -> tuple[dict, int]:
        if not isinstance(self._location, LoadedLocation):
            raise ValueError("the code location is not loaded")
        if len(received) != len(descriptors.WORKER_TARGETS):
            raise ValueError(f"{len(received)} descriptors came, {len(descriptors.WORKER_TARGETS)} are needed")
        from headrace.worker.main import run_forked_worker

        flush_streams()
        with warnings.catch_warnings():  # the self-check has looked at the threads
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            self._control.detach()
            self._fork.detach()
            run_forked_worker(self._location, worker_id, received, list(self._workers))
        pidfd = os.pidfd_open(pid)
        self._workers[pidfd] = (worker_id, pid)
        self._poll.register(pidfd, select.POLLIN)
        return {"type": "worker_forked", "worker_id": worker_id, "pid": pid}, pidfd

    def _report_exit(self, pidfd: int) -> None:
        worker_id, pid = self._workers.pop(pidfd)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        try:
            status = os.waitpid(pid, 0)[1]
        except ChildProcessError:  # user code waited for it
            status = 0
        code = os.waitstatus_to_exitcode(status)
        self._control.send(
            {
                "type": "worker_exited",
                "worker_id": worker_id,
                "pid": pid,
                "exit_code": code if code >= 0 else None,
                "signal": -code if code < 0 else None,
            }
        )


def _worker_id(packet: bytes) -> int:
    message = json.loads(packet)
    if message.get("type") != "fork_worker":
        raise ValueError(f"the daemon sent a packet of unknown type {message.get('type')!r}")
    return int(message["worker_id"])


def _hello() -> dict:
    return {
        "type": "hello",
        "protocol": _PROTOCOL,
        "language": "python",
        "language_version": ".".join(map(str, sys.version_info[:3])),
        "sdk": f"headrace {_sdk_version()}",
        "fork": True,
        "pid": os.getpid(),
        "executable": sys.executable,
    }


def _sdk_version() -> str:
    import headrace

    return str(getattr(headrace, "__version__", "0.1.0"))
