"""Plays the daemon to a code location's host and workers: the other side of core/protocol/README.md, for tests.

Waits are for events (a line, a wake-up byte, a death), never for time; `PATIENCE` only ends a test that hangs.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import select
import signal
import socket
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE = 60
SDK = Path(__file__).resolve().parents[2] / "sdk" / "python"
_IN_MODIFY = 2
Message = dict[str, Any]


class Hung(AssertionError):
    """What was waited for did not come."""


def wait_readable(descriptors: list[int], nudge: Callable[[], None] = lambda: None) -> list[int]:
    """Those that can be read, at least one; `nudge` is called while nothing comes."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    for _ in range(PATIENCE):
        ready = [descriptor for descriptor, _ in poll.poll(1000)]
        if ready:
            return ready
        nudge()
    raise Hung(f"nothing came within {PATIENCE} s")


def spawn(argv: list[str], directory: Path, environment: dict[str, str], targets: dict[int, int]) -> int:
    """Starts a process as the daemon does: its own session, exactly these descriptors (number there → ours)."""
    sources = {target: fcntl.fcntl(source, fcntl.F_DUPFD_CLOEXEC, 100) for target, source in targets.items()}
    actions: list[tuple[Any, ...]] = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
    actions += [(os.POSIX_SPAWN_DUP2, source, target) for target, source in sources.items()]
    command = ["/usr/bin/env", "-C", str(directory), *argv]
    pid = os.posix_spawn(command[0], command, environment, file_actions=actions, setsid=True, setsigmask=[])
    for source in sources.values():
        os.close(source)
    return pid


def open_append(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def read_journal(path: Path) -> tuple[list[Message], bytes]:
    """The whole, undamaged lines, and the bytes behind them."""
    data, lines = path.read_bytes(), []
    while (end := data.find(b"\n")) >= 0:
        crc, _, text = data[:end].partition(b" ")
        line = _parse(text) if crc == b"%08x" % zlib.crc32(text) else None
        if line is None:
            break
        lines.append(line)
        data = data[end + 1 :]
    return lines, data


def _parse(text: bytes) -> Message | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def is_locked(path: Path) -> bool:
    """Whether some process still holds the journal's lock."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


class FileWatch:
    """A descriptor that can be read whenever the file was written to (inotify)."""

    def __init__(self, path: Path) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        self.descriptor = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
        if libc.inotify_add_watch(self.descriptor, os.fsencode(path), _IN_MODIFY) < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch")

    def take(self) -> None:
        os.read(self.descriptor, 65536)

    def __enter__(self) -> FileWatch:
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self.descriptor)


class WorkerFiles:
    """The six descriptors of a new worker, and their other ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.stdout, self.stderr, self.journal, self.log = (
            folder / name for name in ("stdout", "stderr", "journal", "log")
        )
        self.socket, self._workers_socket = socket.socketpair()
        self._workers_claims, claims_in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._claims = [claims_in, os.dup(self._workers_claims)]
        opened = {path: open_append(path) for path in (self.stdout, self.stderr, self.journal, self.log)}
        fcntl.flock(opened[self.journal], fcntl.LOCK_EX)
        self.descriptors = [
            opened[self.stdout],
            opened[self.stderr],
            self._workers_socket.fileno(),
            opened[self.journal],
            opened[self.log],
            self._workers_claims,
        ]

    def hand_over(self) -> None:
        """Closes our copies."""
        for descriptor in self.descriptors:
            if descriptor != self._workers_socket.fileno():
                os.close(descriptor)
        self._workers_socket.close()

    def claim(self, number: int) -> None:
        """The worker may begin the step with this claim."""
        os.write(self._claims[0], number.to_bytes(8, sys.byteorder))

    def take_back_claims(self) -> list[int]:
        """Those of the steps that the worker has not begun, and now never will."""
        try:
            data = os.read(self._claims[1], 65536)
        except BlockingIOError:
            return []
        return [int.from_bytes(data[at : at + 8], sys.byteorder) for at in range(0, len(data), 8)]

    def close_as_a_daemon_that_dies(self) -> None:
        """All of our ends; again does nothing."""
        self.socket.close()
        for descriptor in self._claims:
            os.close(descriptor)
        self._claims = []


class Worker:
    """A started worker as the daemon sees it."""

    def __init__(self, worker_id: int, pid: int, pidfd: int, files: WorkerFiles) -> None:
        self.worker_id, self.pid, self.pidfd, self.files = worker_id, pid, pidfd, files
        self.wake_ups = 0
        self._run = f"00000000-0000-7000-8000-{worker_id:012d}"

    def send(self, *messages: Message) -> None:
        self.files.socket.sendall(b"".join(json.dumps(message).encode() + b"\n" for message in messages))

    def step(self, step_key: str, **fields: Any) -> Message:
        """A `run_step` message for the asset of this step key."""
        asset_key = fields.pop("asset_key", step_key.split("__"))
        return {
            "type": "run_step",
            "run_id": self._run,
            "run_number": 1,
            "step_key": step_key,
            "attempt": 1,
            "asset_key": asset_key,
            "partition": None,
            "inputs": [],
            "run_config": {},
            "tags": {},
            "time_limit_ms": None,
            **fields,
        }

    def cancel(self, step_key: str, attempt: int = 1) -> None:
        self.send({"type": "cancel_step", "run_id": self._run, "step_key": step_key, "attempt": attempt})

    def run(self, step_key: str, **fields: Any) -> Message:
        """Runs one step to its end: its `step_ended`."""
        step = self.step(step_key, **fields)
        self.send(step)
        return self.wait_for("step_ended", step_key=step_key, attempt=step["attempt"])

    def journal(self) -> list[Message]:
        return read_journal(self.files.journal)[0]

    def events(self, step_key: str) -> list[Message]:
        """The journal's lines of one step."""
        return [line for line in self.journal() if line.get("step_key") == step_key]

    def wait_for(self, kind: str, **fields: Any) -> Message:
        """The first journal line of this type with these fields; a death before it is an error."""

        def found() -> Message | None:
            for line in self.journal():
                if line["type"] == kind and all(line.get(name) == value for name, value in fields.items()):
                    return line
            return None

        return self._wait(found, f"{kind} {fields}")

    def wait_for_output(self, text: str) -> None:
        """Until the worker wrote this on stdout; for steps that say where they are."""
        with FileWatch(self.files.stdout) as changed:
            while text not in self.output():
                if self.has_ended():
                    raise AssertionError(f"the worker ended without writing {text!r}: {self.errors()}")
                if changed.descriptor in wait_readable([changed.descriptor, self.pidfd]):
                    changed.take()

    def _wait(self, found: Callable[[], Message | None], what: str) -> Message:
        while True:
            ended = self.has_ended()
            line = found()
            if line is not None:
                return line
            if ended:
                raise AssertionError(f"the worker ended before {what}: {self.journal()} {self.errors()}")
            if self.files.socket.fileno() in wait_readable(
                [self.files.socket.fileno(), self.pidfd], self._nudge
            ):
                self.wake_ups += len(self.files.socket.recv(4096))

    def _nudge(self) -> None:
        """An empty line: a cancellation that came just before a system call of the step's did not interrupt it."""
        with contextlib.suppress(OSError):
            self.files.socket.send(b"\n")

    def has_ended(self) -> bool:
        return bool(select.select([self.pidfd], [], [], 0)[0])

    def wait_for_end(self, nudge: Callable[[], None] = lambda: None) -> None:
        wait_readable([self.pidfd], nudge)

    def no_more_steps(self) -> None:
        self.files.socket.shutdown(socket.SHUT_WR)

    def kill(self, number: int = signal.SIGKILL) -> None:
        signal.pidfd_send_signal(self.pidfd, number)

    def output(self) -> str:
        return self.files.stdout.read_text(errors="replace")

    def errors(self) -> str:
        return self.files.stderr.read_text(errors="replace")

    def log(self) -> list[Message]:
        return [json.loads(line) for line in self.files.log.read_text().splitlines()]


class Host:
    """A host process and the workers it forked."""

    def __init__(
        self,
        arguments: list[str],
        directory: Path,
        home: Path,
        *,
        environment: dict[str, str] | None = None,
        python: str = sys.executable,
    ) -> None:
        self.arguments, self.directory, self.home, self.python = arguments, directory, home, python
        self.environment = {**os.environ, **environment_of("host", home), **(environment or {})}
        self.environment["PYTHONPATH"] = str(SDK)
        self.workers: dict[int, Worker] = {}
        self.exits: dict[int, Message] = {}
        home.mkdir(parents=True, exist_ok=True)
        self.control, control = socket.socketpair()
        self.fork, fork = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.stdout, self.stderr = home / "host_stdout", home / "host_stderr"
        out, err = open_append(self.stdout), open_append(self.stderr)
        targets = {1: out, 2: err, 3: control.fileno(), 4: fork.fileno()}
        self.pid = spawn(self._command(), directory, self.environment, targets)
        self.pidfd = os.pidfd_open(self.pid)
        control.close()
        fork.close()
        os.close(out)
        os.close(err)
        self._buffer = b""
        self.exit_code: int | None = None

    def _command(self) -> list[str]:
        return [self.python, "-m", "headrace.host", *self.arguments]

    def __enter__(self) -> Host:
        return self

    def __exit__(self, *error: object) -> None:
        self.close_control()
        self.fork.close()
        for worker in self.workers.values():
            if not worker.has_ended():
                worker.kill()
            worker.wait_for_end()
            worker.files.close_as_a_daemon_that_dies()
            os.close(worker.pidfd)
        if self.exit_code is None:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            self.wait_for_end()
        os.close(self.pidfd)

    def close_control(self) -> None:
        self.control.close()

    def send(self, message: Message) -> None:
        self.control.sendall(json.dumps(message).encode() + b"\n")

    def receive(self) -> Message:
        while b"\n" not in self._buffer:
            wait_readable([self.control.fileno()])
            data = self.control.recv(65536)
            if not data:
                raise AssertionError(f"the host ended: {self.stderr.read_text(errors='replace')}")
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\n")
        return json.loads(line)

    def describe(self) -> Message:
        """The answer to `describe`, after the hello."""
        hello = self.receive()
        assert hello["type"] == "hello", hello
        self.send({"type": "describe"})
        return self.receive()

    def load(self) -> Message:
        """The definitions; an error when the code does not load."""
        answer = self.describe()
        assert answer["type"] == "definitions", answer
        return answer["definitions"]

    def request_worker(self, worker_id: int) -> tuple[Message, list[int], WorkerFiles]:
        files = WorkerFiles(self.home / f"worker_{worker_id}")
        message = json.dumps({"type": "fork_worker", "worker_id": worker_id}).encode()
        socket.send_fds(self.fork, [message], files.descriptors)
        files.hand_over()
        wait_readable([self.fork.fileno()])
        try:
            packet, received, _, _ = socket.recv_fds(self.fork, 65536, 4, socket.MSG_CMSG_CLOEXEC)
            return json.loads(packet), received, files
        except (ConnectionError, ValueError):
            raise AssertionError(
                f"the host gave no answer: {self.stderr.read_text(errors='replace')}"
            ) from None

    def fork_worker(self) -> Worker:
        worker_id = len(self.workers) + 1
        answer, received, files = self.request_worker(worker_id)
        assert answer["type"] == "worker_forked", answer
        assert answer["worker_id"] == worker_id
        worker = Worker(worker_id, answer["pid"], received[0], files)
        self.workers[worker_id] = worker
        return worker

    def spawn_worker(self, definitions_hash: str | None = None) -> Worker:
        """The same command in the other role, as for a code location that cannot fork."""
        worker_id = len(self.workers) + 1
        files = WorkerFiles(self.home / f"worker_{worker_id}")
        environment = {**self.environment, "HEADRACE_ROLE": "worker", "HEADRACE_WORKER_ID": str(worker_id)}
        if definitions_hash is not None:
            environment["HEADRACE_DEFINITIONS_HASH"] = definitions_hash
        targets = dict(enumerate(files.descriptors, 1))
        pid = spawn(self._command(), self.directory, environment, targets)
        files.hand_over()
        worker = Worker(worker_id, pid, os.pidfd_open(pid), files)
        self.workers[worker_id] = worker
        return worker

    def wait_for_exit_of(self, worker: Worker) -> Message:
        """The host's `worker_exited` of this worker."""
        while worker.worker_id not in self.exits:
            message = self.receive()
            assert message["type"] == "worker_exited", message
            self.exits[message["worker_id"]] = message
        return self.exits[worker.worker_id]

    def wait_for_end(self) -> int:
        """The host's own exit code, negative for a signal."""
        wait_readable([self.pidfd])
        if self.exit_code is None:
            self.exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.exit_code


def environment_of(role: str, home: Path) -> dict[str, str]:
    return {
        "HEADRACE_ROLE": role,
        "HEADRACE_CODE_LOCATION": "test",
        "HEADRACE_HOME": str(home),
        "HEADRACE_STORAGE": str(home / "storage"),
        "HEADRACE_DURABILITY": "fast",
        "HEADRACE_DOTENV_KEYS": "",
    }
