"""The worker's loop: one step after the other, until its socket ends."""

from __future__ import annotations

import functools
import os
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

from headrace import execution, redaction, user_errors
from headrace.config_fields import secret_values_in
from headrace.execution import ResourceSession, StepRequest
from headrace.host import descriptors
from headrace.host.lines import LineSocket, encode
from headrace.host.location import FailedLocation, LoadedLocation
from headrace.host.streams import flush_streams
from headrace.retry_policy import wish_of
from headrace.worker.claims import Claims, ClaimsLost
from headrace.worker.interrupts import Interrupts, WorkerTerminated
from headrace.worker.journal import Journal, LogFile, now
from headrace.worker.memory import MemoryLimit, resident_bytes
from headrace.worker.output_files import OutputFiles
from headrace.worker.reporter import JournalReporter
from headrace.worker.surroundings import Surroundings

_PROTOCOL = 1
_MANY = 8  # with so many steps at hand, the daemon need not hear of each end at once, but before this worker waits
_MOST_AT_HAND = 16  # the daemon gives no more at once: a step follows one of so many
_Attempt = tuple[str, str, int]  # run id, step key, number


class ProtocolError(Exception):
    """The daemon sent what this worker does not understand."""


class Worker:
    """Runs the steps that come down descriptor 3. Main thread only.

    One whose code could not be loaded (only a spawned one can be that) fails each step with the error of the load.
    """

    def __init__(
        self, location: LoadedLocation | FailedLocation, worker_id: int, wanted_hash: str | None = None
    ) -> None:
        self._location = location
        self._worker_id = worker_id
        self._wanted_hash = wanted_hash
        self._commands = LineSocket(descriptors.CONTROL)
        self._journal = Journal(descriptors.JOURNAL, self._commands.socket)
        self._log = LogFile(descriptors.LOG)
        self._output = OutputFiles()
        self._claims = Claims(descriptors.CLAIMS)
        self._steps: deque[dict[str, Any]] = deque()
        self._open: _Attempt | None = None
        self._canceled: set[_Attempt] = set()  # among those that wait in `_steps`
        self._made: dict[str, tuple[list[str], JournalReporter]] = {}  # the last steps that succeeded
        self._garbage: str | None = None
        self._interrupts = Interrupts(descriptors.CONTROL, self._poll_socket)
        self._surroundings = Surroundings()
        self._process = os.getpid()
        self._has_begun = self._owes_wake_up = False
        self._memory_limit = MemoryLimit(None)
        self._max_rss = None if isinstance(location, FailedLocation) else location.resolved.executor.max_rss

    def run(self) -> int:
        """The exit status."""
        self._journal.append(encode(_worker_started(self._worker_id, self._location, self._wanted_hash)))
        session = ResourceSession(self._location.resolved)
        session.__enter__()
        reason, status = "no more steps", 0
        try:
            while (message := self._next_step()) is not None:
                if message["type"] == "preview":
                    self._preview(message)
                else:
                    self._run_step(session, message)
        except WorkerTerminated:
            reason = "terminated"
        except (ProtocolError, ClaimsLost) as error:
            reason, status = str(error), 1
        self._tear_down(session)
        self._journal.append(encode(_worker_ended(reason)))
        return status

    def _next_step(self) -> dict[str, Any] | None:
        """Waits for a `run_step`; None when no more will come."""
        while True:
            while not self._steps:
                if self._garbage is not None:
                    raise ProtocolError(self._garbage)
                if self._commands.at_end:
                    return None
                if self._owes_wake_up:
                    self._owes_wake_up = False
                    self._journal.wake()
                with self._interrupts.waiting():
                    self._take(self._commands.read_some)
            message = self._steps.popleft()
            # Of a step that is not begun, because one that it follows did not succeed here, the claim is left unread.
            if all(step in self._made for step in message.get("after") or ()):
                claim = message.get("claim")
                if claim is None or self._claims.take(claim):
                    return message

    def _poll_socket(self) -> bool:
        """Called while user code runs: true when a cancellation of the open step has arrived."""
        return self._take(self._commands.read_arrived)

    def _take(self, read: Callable[[], list[dict[str, Any]]]) -> bool:
        cancels = False
        try:
            messages = read()
        except ValueError as error:
            self._garbage = f"the daemon sent a line that is no JSON: {error}"
            return False
        for message in messages:
            kind = message.get("type") if isinstance(message, dict) else None
            if kind in ("run_step", "preview"):
                self._steps.append(message)
            elif kind == "cancel_step":
                cancels = self._cancel(_attempt(message)) or cancels
            else:
                self._garbage = f"the daemon sent a message of unknown type {kind!r}"
        return cancels

    def _cancel(self, attempt: _Attempt) -> bool:
        if attempt == self._open:
            return True
        if any(_attempt(step) == attempt for step in self._steps):
            self._canceled.add(attempt)
        return False  # that step has ended

    def _run_step(self, session: ResourceSession, message: dict[str, Any]) -> None:
        request = StepRequest.from_message(message)
        if message.get("after"):
            self._fill_inputs(request)
        if request.run_config:
            _learn_secrets(request.run_config)
        reporter = JournalReporter(self._journal, self._log, self._output, request)
        self._open = _attempt(message)
        if self._open in self._canceled:
            self._canceled.discard(self._open)
            reporter.never_started()
            return
        reporter.started(wake=not self._has_begun)
        self._has_begun = True
        if isinstance(self._location, FailedLocation):
            reporter.ended("failure", self._location.error, 0.0)
            return
        sizes_before, began = self._output.sizes, time.perf_counter()
        self._memory_limit = MemoryLimit(message.get("memory_limit"))
        limit = message.get("time_limit_ms")
        error = self._execute(session, request, reporter, None if limit is None else limit / 1000)
        seconds = time.perf_counter() - began
        self._open = None
        if os.getpid() != self._process:
            _end_stray_child(error)
        self._surroundings.restore_outputs()
        status = "success" if error is None else "canceled" if self._interrupts.canceled else "failure"
        failure = error if status == "failure" else None
        described = None if failure is None else self._describe(failure)
        said = self._for_the_daemon(failure)
        has_time = status == "success" and not said and len(self._steps) >= _MANY
        reporter.ended(status, described, seconds, wake=not has_time, **said)
        self._remember(request, reporter if status == "success" else None)
        self._owes_wake_up = has_time
        # The daemon has the end already, and works on it meanwhile.
        self._output.cap(sizes_before, self._output.sizes)
        self._surroundings.restore()

    def _remember(self, request: StepRequest, reporter: JournalReporter | None) -> None:
        """What steps that follow this one have to know of it, if it succeeded."""
        self._made.pop(request.step_key, None)
        if reporter is None:
            return
        self._made[request.step_key] = (request.asset_key, reporter)
        if len(self._made) > _MOST_AT_HAND:
            del self._made[next(iter(self._made))]

    def _fill_inputs(self, request: StepRequest) -> None:
        """The daemon gave the step before it knew of what is made here."""
        for each in request.inputs:
            if each.in_run and each.materialization is None:
                for asset_key, reporter in self._made.values():
                    if asset_key == each.asset_key:
                        each.materialization = reporter.materialization()

    def _preview(self, message: dict[str, Any]) -> None:
        """Looks at a stored value; no code of the user's is run but that of a resource that holds credentials."""
        from headrace.worker.previewer import preview_line

        self._journal.append(preview_line(self._location, message))

    def _execute(
        self, session: ResourceSession, request: StepRequest, reporter: JournalReporter, limit: float | None
    ) -> BaseException | None:
        """Whatever user code raised; nothing gets past here."""
        try:
            try:
                self._interrupts.open_step(limit)
                self._memory_limit.set()
                execution.execute_step(self._location.resolved, session, request, reporter)
            finally:
                self._interrupts.close_step()
                self._memory_limit.lift()
        except BaseException as error:  # noqa: BLE001 - sys.exit() and cancellation too
            self._interrupts.close_step()  # again: an interruption may have come in the middle of it
            return error
        return None

    def _tear_down(self, session: ResourceSession) -> None:
        """The steps have ended: what goes wrong here can only be told. SIGTERM ends a teardown that hangs."""
        try:
            with self._interrupts.waiting():
                session.__exit__(None, None, None)
        except BaseException as error:
            sys.stderr.write("A resource's teardown failed.\n" + str(user_errors.describe(error)["stack"]))

    def _for_the_daemon(self, failure: BaseException | None) -> dict[str, Any]:
        """What `step_ended` says besides: what the failure wants of retries, and that this worker is too big now."""
        said: dict[str, Any] = {}
        if failure is not None and (wish := wish_of(user_errors.users_own(failure))) is not None:
            said["retry"] = wish
        if self._max_rss is not None and resident_bytes() > self._max_rss:
            said["retiring"] = True
        return said

    def _describe(self, error: BaseException) -> dict[str, Any]:
        described = user_errors.describe(error, phase="asset")
        described["message"] = self._memory_limit.explain(user_errors.users_own(error), described["message"])
        if self._interrupts.time_limit_exceeded:
            described["type"] = "StepTimeLimitExceeded"
            described["message"] = self._interrupts.time_limit_message
        return described


def _attempt(message: dict[str, Any]) -> _Attempt:
    return message["run_id"], message["step_key"], message.get("attempt") or 1


def _learn_secrets(run_config: dict[str, Any]) -> None:
    """Secrets that only this run's config names."""
    for secret in secret_values_in(run_config):
        redaction.add_secret(secret)


def _end_stray_child(error: BaseException | None) -> NoReturn:
    """User code forked, and the child came back here: the step is its parent's."""
    if error is not None and not isinstance(error, SystemExit):
        traceback.print_exception(error)
    flush_streams()
    os._exit(0 if error is None else 1)


def _worker_started(
    worker_id: int, location: LoadedLocation | FailedLocation, wanted_hash: str | None
) -> dict[str, Any]:
    """Code that has changed since the daemon knew it is described: it may still mean the same for the run."""
    start_time = int(_read("/proc/self/stat").rpartition(b")")[2].split()[19])
    is_other = isinstance(location, LoadedLocation) and wanted_hash not in (None, location.hash)
    return {
        "type": "worker_started",
        "time": now(),
        "protocol": _PROTOCOL,
        "worker_id": worker_id,
        "pid": os.getpid(),
        "start_time": start_time,
        "boot_id": boot_id(),
        "hash": location.hash,
        "claims": True,
        "chains": True,
        **({"definitions": location.description} if is_other else {}),
    }


@functools.cache
def boot_id() -> str:
    """Of this machine's present run: the same in all processes."""
    return _read("/proc/sys/kernel/random/boot_id").decode().strip()


def _read(path: str) -> bytes:
    """A small file of the kernel's."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return os.read(descriptor, 4096)
    finally:
        os.close(descriptor)


def _worker_ended(reason: str) -> dict[str, Any]:
    return {"type": "worker_ended", "time": now(), "reason": reason}
