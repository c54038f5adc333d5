"""One run in this process: its steps in order, its events and values."""

from __future__ import annotations

import itertools
import os
import time
import traceback
import uuid
from collections.abc import Mapping
from typing import Any

from headrace.asset_key import AssetKey
from headrace.execution import ResourceSession, StepInput, StepObserver, StepRequest, execute_step, run_of
from headrace.execution_result import ExecuteInProcessResult
from headrace.log import write_to_logging
from headrace.output import AssetMaterialization, AssetObservation
from headrace.resolved import ResolvedAsset, ResolvedDefinitions
from headrace.retry_policy import wish_of
from headrace.run import IN_PROCESS_JOB_NAME
from headrace.run_config_check import check_run_config
from headrace.run_events import (
    AssetObservationData,
    DagsterEvent,
    DagsterEventType,
    IOData,
    SerializableErrorInfo,
    StepFailureData,
    StepMaterializationData,
    StepRetryData,
)
from headrace.step_failure import StepFailure


class InProcessRun(StepObserver):
    """One run: executes its steps and collects events and values."""

    is_watching = True

    def __init__(
        self,
        resolved: ResolvedDefinitions,
        steps: list[ResolvedAsset],
        run_config: dict[str, Any],
        tags: dict[str, str],
    ) -> None:
        self.resolved = resolved
        self.steps = steps
        self.run_config = run_config
        self.tags = tags
        self.run_id = str(uuid.uuid4())
        self.events: list[DagsterEvent] = []
        self.values: dict[str, Any] = {}
        self.failed: set[AssetKey] = set()
        self._materializations: dict[tuple[str, ...], dict[str, Any]] = {}
        self.error: BaseException | None = None
        self.current: ResolvedAsset | None = None

    def execute(self, raise_on_error: bool) -> ExecuteInProcessResult:
        what = f"job {IN_PROCESS_JOB_NAME}"
        check_run_config(self.resolved, self.run_config, self.steps, what)
        self._record(DagsterEventType.RUN_START, f'Started execution of run for "{IN_PROCESS_JOB_NAME}".')
        self._record(DagsterEventType.ENGINE_EVENT, f"Executing steps in process (pid: {os.getpid()})")
        teardown_error: BaseException | None = None
        session = ResourceSession(self.resolved)
        try:
            if self._set_up(session):
                self._run_steps(session, raise_on_error)
        finally:
            teardown_error = _closed(session)
        error = self.error or teardown_error
        self._record_end(error)
        if error is not None and raise_on_error:
            raise error
        steps = {each.key: each.step_key for each in self.steps}
        first = (
            self._request(self.steps[0])
            if self.steps
            else StepRequest(self.run_id, "", [], job_name=IN_PROCESS_JOB_NAME)
        )
        return ExecuteInProcessResult(run_of(first), error is None, self.events, steps, self.values)

    def _set_up(self, session: ResourceSession) -> bool:
        """All resources of all steps, before the first step."""
        keys = sorted({key for step in self.steps for key in step.required_resources})
        if not keys:
            return True
        self._record(
            DagsterEventType.RESOURCE_INIT_STARTED,
            f"Starting initialization of resources [{', '.join(keys)}].",
        )
        try:
            scope = session.scope(self._request(self.steps[0]), self)
            for key in keys:
                scope.get(key)
        except Exception as error:
            self.error = error
            self._record(DagsterEventType.RESOURCE_INIT_FAILURE, "Initialization of resources failed.")
            return False
        self._record(
            DagsterEventType.RESOURCE_INIT_SUCCESS,
            f"Finished initialization of resources [{', '.join(keys)}].",
        )
        return True

    def _run_steps(self, session: ResourceSession, stop_at_error: bool) -> None:
        start = time.perf_counter()
        self._record(
            DagsterEventType.LOGS_CAPTURED,
            f"What steps print is the output of this process (pid: {os.getpid()}).",
        )
        for step in self.steps:
            if any(key in self.failed for key in step.upstream_keys):
                self.failed.add(step.key)
                continue
            if not self._run_step(session, step) and stop_at_error:
                break
        elapsed = _milliseconds(time.perf_counter() - start)
        self._record(
            DagsterEventType.ENGINE_EVENT, f"Finished steps in process (pid: {os.getpid()}) in {elapsed}"
        )

    def _run_step(self, session: ResourceSession, step: ResolvedAsset) -> bool:
        self.current = step
        start = time.perf_counter()
        try:
            for attempt in itertools.count(1):
                self._record_start(step, attempt)
                try:
                    execute_step(self.resolved, session, self._request(step, attempt), self, self)
                except StepFailure as failure:
                    delay = _retry_delay(step, failure, attempt)
                    if delay is None:
                        self._record_failure(step, failure)
                        return False
                    self._record_retry(step, failure, delay)
                    time.sleep(delay)
                else:
                    break
            elapsed = _milliseconds(time.perf_counter() - start)
            self._record(
                DagsterEventType.STEP_SUCCESS, f'Finished execution of step "{step.step_key}" in {elapsed}.'
            )
            return True
        finally:
            self.current = None

    def _record_start(self, step: ResolvedAsset, attempt: int) -> None:
        if attempt == 1:
            self._record(DagsterEventType.STEP_START, f'Started execution of step "{step.step_key}".')
        else:
            message = f'Started re-execution (attempt # {attempt}) of step "{step.step_key}".'
            self._record(DagsterEventType.STEP_RESTARTED, message)

    def _record_retry(self, step: ResolvedAsset, failure: StepFailure, delay: float) -> None:
        message = (
            f'Execution of step "{step.step_key}" failed and has requested a retry in {delay:g} seconds.'
        )
        self._record(
            DagsterEventType.STEP_UP_FOR_RETRY, message, StepRetryData(_error_info(failure), delay or None)
        )

    def _record_failure(self, step: ResolvedAsset, failure: StepFailure) -> None:
        self.failed.add(step.key)
        self.error = self.error or failure.error
        data = StepFailureData(_error_info(failure), failure.phase)
        self._record(DagsterEventType.STEP_FAILURE, f'Execution of step "{step.step_key}" failed.', data)

    def _request(self, step: ResolvedAsset, attempt: int = 1) -> StepRequest:
        in_run = {each.key for each in self.steps}
        inputs = [
            StepInput(
                each.name,
                each.key.path,
                in_run=each.key in in_run,
                materialization=self._materializations.get(tuple(each.key.path)),
            )
            for each in step.inputs
        ]
        return StepRequest(
            run_id=self.run_id,
            step_key=step.step_key,
            attempt=attempt,
            asset_key=step.key.path,
            inputs=inputs,
            run_config=self.run_config,
            tags=self.tags,
            job_name=IN_PROCESS_JOB_NAME,
        )

    def _record(self, event_type: DagsterEventType, message: str, data: Any = None) -> None:
        step_key = self.current.step_key if self.current is not None else None
        self.events.append(DagsterEvent(event_type, IN_PROCESS_JOB_NAME, message, step_key, data))

    def _record_end(self, error: BaseException | None) -> None:
        if error is None:
            self._record(
                DagsterEventType.RUN_SUCCESS, f'Finished execution of run for "{IN_PROCESS_JOB_NAME}".'
            )
            return
        failed = sorted(each.step_key for each in self.steps if each.key in self.failed)
        self._record(
            DagsterEventType.RUN_FAILURE,
            f'Execution of run for "{IN_PROCESS_JOB_NAME}" failed. Steps failed: {failed}.',
        )

    # As a reporter: values and events come through the observer, the log goes to Python's logging.

    def inputs_loaded(self, inputs: list[dict[str, Any]]) -> None:
        """Seen by input_loaded already."""

    def observed(self, asset_key: list[str], partition: str | None, metadata: dict[str, Any]) -> None:
        """Seen by event already."""

    def materialized(
        self,
        asset_key: list[str],
        partition: str | None,
        metadata_json: dict[str, Any],
        stored: dict[str, Any] | None,
        *_: Any,
    ) -> None:
        """Seen by event already; kept for those who load it."""
        self._materializations[tuple(asset_key)] = {
            "run_id": self.run_id,
            "metadata": metadata_json,
            "stored": stored,
        }

    def log(self, level: str, message: str) -> None:
        """A line of `context.log`."""
        if level != "debug":
            write_to_logging(level, message)

    # As an observer.

    def input_loaded(self, name: str, key: AssetKey, manager_key: str, metadata: Mapping[str, Any]) -> None:
        """An IO manager loaded an input."""
        message = f'Loaded input "{name}" using input manager "{manager_key}"'
        self._record(DagsterEventType.LOADED_INPUT, message, IOData(name, manager_key, dict(metadata)))

    def input_checked(self, name: str, type_name: str) -> None:
        """An input is of its type."""
        message = f'Got input "{name}" of type "{type_name}". (Type check passed).'
        self._record(DagsterEventType.STEP_INPUT, message, IOData(name, type_name=type_name))

    def output_made(self, value: Any, type_name: str, metadata: Mapping[str, Any]) -> None:
        """The function made its value."""
        assert self.current is not None
        self.values[self.current.step_key] = value
        message = f'Yielded output "result" of type "{type_name}". (Type check passed).'
        self._record(
            DagsterEventType.STEP_OUTPUT,
            message,
            IOData("result", metadata=dict(metadata), type_name=type_name),
        )

    def event(self, event: AssetMaterialization | AssetObservation) -> None:
        """A materialization or an observation."""
        if isinstance(event, AssetObservation):
            data: Any = AssetObservationData(event)
            self._record(DagsterEventType.ASSET_OBSERVATION, f"Observed {event.label}.", data)
        else:
            self._record(
                DagsterEventType.ASSET_MATERIALIZATION,
                f"Materialized value {event.label}.",
                StepMaterializationData(event),
            )

    def output_handled(self, manager_key: str, metadata: Mapping[str, Any]) -> None:
        """An IO manager stored the value."""
        message = f'Handled output "result" using IO manager "{manager_key}"'
        self._record(DagsterEventType.HANDLED_OUTPUT, message, IOData("result", manager_key, dict(metadata)))


def _closed(session: ResourceSession) -> BaseException | None:
    """Tear resources down; the error instead of raising it, so that it does not hide a step's."""
    try:
        session.close()
    except Exception as error:
        return error
    return None


def _retry_delay(step: ResolvedAsset, failure: StepFailure, attempt: int) -> float | None:
    """Seconds until the next attempt; None: there is none."""
    wish = wish_of(failure.error)
    if isinstance(wish, dict):
        return (wish["seconds"] or 0.0) if attempt <= wish["max_retries"] else None
    policy = step.definition.options.retry_policy if step.definition is not None else None
    if wish is False or policy is None or attempt > policy.max_retries:
        return None
    return policy.calculate_delay(attempt)


def _error_info(failure: StepFailure) -> SerializableErrorInfo:
    """The failure with the user's exception as its cause, as Dagster tells it."""
    cause = _exception_info(failure.error)
    if failure.framework_type is None or failure.framework_type == type(failure.error).__name__:
        return cause
    return SerializableErrorInfo(f"{failure.framework_type}: {failure}\n", failure.framework_type, [], cause)


def _exception_info(error: BaseException) -> SerializableErrorInfo:
    stack = traceback.format_tb(error.__traceback__)
    return SerializableErrorInfo(f"{type(error).__name__}: {error}\n", type(error).__name__, stack)


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.3g}ms" if seconds < 1 else f"{seconds:.3g}s"
