"""Loading the inputs of a step by the IO managers that stored them."""

from __future__ import annotations

import functools
import time
from collections.abc import Mapping
from typing import Any

from headrace.asset_key import AssetKey
from headrace.asset_spec import IO_MANAGER_KEY_LABEL
from headrace.config_processing import process_config
from headrace.dagster_type import Any as AnyType
from headrace.dagster_type import DagsterType
from headrace.errors import (
    DagsterExecutionLoadInputError,
    DagsterInvariantViolationError,
    DagsterTypeCheckDidNotPass,
)
from headrace.execution import Step, seconds_since
from headrace.formats.wanted_type import wanted_type
from headrace.init_resource_context import ScopedResources
from headrace.input_context import InputContext
from headrace.metadata import to_json
from headrace.output_context import EPHEMERAL_RUN_ID, OutputContext
from headrace.resolved import ResolvedInput
from headrace.step_failure import StepFailure, phase
from headrace.step_request import StepInput


def load_inputs(step: Step) -> dict[str, Any]:
    """Parameter → value, each loaded and checked."""
    values: dict[str, Any] = {}
    reports = []
    for each in step.asset.inputs:
        if each.dagster_type.is_nothing:
            values[each.name] = None
            continue
        start = time.perf_counter()
        asked = step.request_inputs.get(each.name) or StepInput(each.name, each.key.path)
        values[each.name], metadata = _load(step, each, asked)
        _check_type(step, each, values[each.name])
        reports.append(
            {
                "name": each.name,
                "asset_key": each.key.path,
                "metadata": to_json(metadata),
                "seconds": seconds_since(start),
            }
        )
    step.reporter.inputs_loaded(reports)
    return values


def _load(step: Step, each: ResolvedInput, asked: StepInput) -> tuple[Any, Mapping[str, Any]]:
    manager_key = step.resolved.load_manager_key(each)
    if manager_key is None:
        return _load_stored(step, each, asked), {}
    with phase("load_input", f'Loading input "{each.name}" of {step.name}', DagsterExecutionLoadInputError):
        manager = step.manager(manager_key)
        context = _input_context(step, each, asked, manager_key)
        try:
            value = manager.load_input(context)
        except Exception as error:
            raise _load_failure(step, each, asked, error) from error
        for event in context.consume_events():
            step.emit(event)
        metadata = context.consume_logged_metadata()
        step.observer.input_loaded(each.name, each.key, manager_key, metadata)
    return value, metadata


def _load_failure(step: Step, each: ResolvedInput, asked: StepInput, error: Exception) -> StepFailure:
    """The user's error, with the remedy where the upstream value is not there."""
    name = each.key.to_user_string()
    hint = None
    upstream_stores = (
        not step.resolved.has_asset(each.key)
        or step.resolved.asset(each.key).is_external
        or (step.resolved.asset(each.key).stores_output)
    )
    if not upstream_stores and isinstance(error, FileNotFoundError):
        hint = (
            f'asset "{name}" returns None by its annotation, so that no IO manager stores it; '
            f"name it in deps= instead of as a parameter, or let it return its value"
        )
    elif not asked.in_run and (asked.materialization is None or _names_missing_file(error)):
        hint = f'materialize "{name}" first'
    message = f'Loading input "{each.name}" of {step.name}: {type(error).__name__}: {error}'
    if hint is not None and hint not in message:
        message = f"{message} — {hint}"
    return StepFailure(
        message,
        phase="load_input",
        framework_type=DagsterExecutionLoadInputError.__name__,
        error=error,
        hint=hint,
    )


def _names_missing_file(error: Exception) -> bool:
    return isinstance(error, FileNotFoundError) and bool(error.filename)


def _load_stored(step: Step, each: ResolvedInput, asked: StepInput) -> Any:
    """A value of another code location, by what its materialization says of it."""
    from headrace.stored_value import can_load, load_stored

    stored = (asked.materialization or {}).get("stored")
    if not can_load(stored):
        raise _no_loader(step, each, asked)
    kind = each.dagster_type
    wanted = None if kind is None or kind is AnyType else wanted_type(kind.typing_type)
    with phase("load_input", f'Loading input "{each.name}" of {step.name}', DagsterExecutionLoadInputError):
        return load_stored(step, stored, wanted)


def _no_loader(step: Step, each: ResolvedInput, asked: StepInput) -> StepFailure:
    name = each.key.to_user_string()
    stored = (asked.materialization or {}).get("stored")
    kept = f"It is stored as {stored.get('format')}, which nothing here can read. " if stored else ""
    error = DagsterInvariantViolationError(
        f'Asset "{name}" is made in another code location ({asked.code_location or "unknown"}), so that its IO manager '
        f'is not here. {kept}Give the input one of this code location: AssetIn(key={each.key.path}, input_manager_key="…").'
    )
    return StepFailure(str(error), phase="load_input", framework_type=type(error).__name__, error=error)


def _check_type(step: Step, each: ResolvedInput, value: Any) -> None:
    with phase("type_check", f'Type of input "{each.name}" of {step.name}'):
        outcome = each.dagster_type.type_check(None, value)
        if not outcome.success:
            raise DagsterTypeCheckDidNotPass(
                f'Type check failed for step input "{each.name}" - expected type "{each.dagster_type.display_name}". '
                f"Description: {outcome.description}"
            )
        step.observer.input_checked(each.name, each.dagster_type.display_name)


def _input_context(step: Step, each: ResolvedInput, asked: StepInput, manager_key: str) -> InputContext:
    definition = step.resolved.resources[manager_key]
    context = InputContext(
        name=each.name,
        job_name=step.run.job_name,
        config=io_config(step, "inputs", each.name, getattr(definition, "input_config_field", None)),
        definition_metadata=each.metadata,
        upstream_output=functools.partial(upstream_context, step, each.key, asked),
        dagster_type=each.dagster_type,
        log=step.log,
        resource_config=step.scope.config_of(manager_key),
        resources=step.resources_of(manager_key),
        asset_key=each.key,
        partition_key=step.request.partition,
        asset_partition_keys=None if asked.partition is None else [asked.partition],
        materialization=asked.materialization,
    )
    context._manager_key = manager_key
    return context


def io_config(step: Step, section: str, name: str, schema: Any) -> Any:
    """Run config of one input or output, by the IO manager's schema."""
    given = step.op_config.get(section) or {}
    value = given.get(name) if isinstance(given, Mapping) else None
    if schema is None:
        return value
    path = ("ops", step.asset.step_key, section, name)
    return process_config(schema, value, path, resolve=True, what=f"job {step.run.job_name}")


def upstream_context(step: Step, key: AssetKey, asked: StepInput) -> OutputContext:
    """The upstream output: the real one where it is of this run, else one made up from what is known."""
    upstream = step.resolved.asset(key) if step.resolved.has_asset(key) else None
    metadata = dict(upstream.spec.metadata) if upstream is not None else {}
    run_id = (asked.materialization or {}).get("run_id") or (
        step.run.run_id if asked.in_run else EPHEMERAL_RUN_ID
    )
    if not asked.in_run and upstream is not None:
        metadata[IO_MANAGER_KEY_LABEL] = upstream.io_manager_key
    kind: DagsterType = (
        upstream.definition.output_type if upstream is not None and upstream.definition else AnyType
    )
    context = OutputContext(
        step_key=upstream.step_key if asked.in_run and upstream is not None else "none",
        name="result" if asked.in_run else key.path[-1],
        job_name=step.run.job_name,
        run_id=run_id,
        definition_metadata=metadata,
        dagster_type=kind,
        log=step.log,
        resources=ScopedResources({}),
        asset_key=key,
        asset_spec=upstream.spec if upstream is not None else None,
        asset_partition_keys=None if asked.partition is None else [asked.partition],
    )
    context._is_upstream_of_input = True
    return context
