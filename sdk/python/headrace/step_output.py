"""Running an asset's function, and storing what it returns."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from headrace import execution
from headrace.asset_context import AssetExecutionContext, StepState, entered
from headrace.asset_key import AssetKey
from headrace.config_processing import process_config
from headrace.config_values import config_from_run_config
from headrace.data_version import CODE_VERSION_TAG, DATA_VERSION_IS_USER_PROVIDED_TAG, DATA_VERSION_TAG
from headrace.errors import (
    DagsterExecutionHandleOutputError,
    DagsterExecutionStepExecutionError,
    DagsterInvariantViolationError,
    DagsterStepOutputNotFoundError,
    DagsterTypeCheckDidNotPass,
)
from headrace.execution import Step
from headrace.metadata import MetadataValue, normalize_metadata, to_json
from headrace.output import NO_VALUE, AssetMaterialization, AssetObservation, MaterializeResult, Output
from headrace.output_context import OutputContext
from headrace.step_failure import phase
from headrace.step_inputs import io_config


@dataclass
class _Result:
    """What the function made, in one form."""

    value: Any
    metadata: dict[str, MetadataValue] = field(default_factory=dict)
    data_version: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


def run_function(step: Step, values: dict[str, Any]) -> None:
    """Call the function with its inputs, and store its value."""
    state = StepState(
        run=step.run,
        resources=step.resources,
        log=step.log,
        asset=step.definition,
        retry_number=step.request.attempt - 1,
        partition=step.request.partition,
        emit=step.emit,
        load_value=lambda key, python_type, partition: _load_value(step, key, python_type, partition),
    )
    arguments = _arguments(step, state, values)
    with phase("asset", f"Running {step.name}", DagsterExecutionStepExecutionError):
        context = AssetExecutionContext(state)
        with entered(context):
            result = _call(step, context, arguments)
    if result is None:
        return  # an output that is not required was not made
    result.metadata.update(normalize_metadata(state.output_metadata))
    _store(step, state, result)


def _arguments(step: Step, state: StepState, values: dict[str, Any]) -> dict[str, Any]:
    function = step.definition.function
    arguments = dict(values)
    originals = step.resources.original_resource_dict
    arguments.update({name: originals[name] for name in function.resource_parameters})
    with phase("config", f"Config of step {step.name}"):
        config = _config(step)
    if function.config_parameter is not None:
        arguments[function.config_parameter] = config
    state.op_config = step.op_config.get("config") if function.config_class is not None else config
    return arguments


def _config(step: Step) -> Any:
    """The asset's config: an instance of its class, or the values of its schema."""
    path = ("ops", step.asset.step_key, "config")
    what = f"job {step.run.job_name}"
    given = step.op_config.get("config")
    if step.definition.function.config_class is not None:
        return config_from_run_config(step.definition.function.config_class, given, path, what)
    if step.definition.config_field is not None:
        return process_config(step.definition.config_field, given, path, resolve=True, what=what)
    return given


def _call(step: Step, context: AssetExecutionContext, arguments: dict[str, Any]) -> _Result | None:
    function = step.definition.function
    positional = [context] if function.context_parameter is not None else []
    returned = function.fn(*positional, **arguments)
    if inspect.iscoroutine(returned):
        returned = step.scope.event_loop.run_until_complete(returned)
    if inspect.isasyncgen(returned):
        returned = _drained(step, returned)
    if inspect.isgenerator(returned):
        return _yielded(step, returned)
    return _result(step, returned)


def _drained(step: Step, generator: Any) -> Iterator[Any]:
    """An asynchronous generator as a plain one."""
    loop = step.scope.event_loop
    while True:
        try:
            yield loop.run_until_complete(generator.__anext__())
        except StopAsyncIteration:
            return


def _yielded(step: Step, generator: Iterator[Any]) -> _Result | None:
    """The one output that the function yields; materializations and observations are recorded as they come."""
    result: _Result | None = None
    for item in generator:
        if isinstance(item, (AssetMaterialization, AssetObservation)):
            step.emit(item)
        elif not isinstance(item, (Output, MaterializeResult)):
            raise DagsterInvariantViolationError(
                f'The function of asset "{step.name}" yielded a value of type {type(item).__name__}. Yield Output(value), '
                "MaterializeResult, AssetMaterialization or AssetObservation; a plain value is returned, not yielded."
            )
        elif result is not None:
            raise DagsterInvariantViolationError(
                f'The function of asset "{step.name}" yielded more than one output.'
            )
        else:
            result = _result(step, item)
    if result is None and step.definition.output_required:
        if step.definition.output_type.is_nothing:
            return _Result(None)
        raise DagsterStepOutputNotFoundError(
            f'The function of asset "{step.name}" yields, but did not yield an output. '
            "Yield Output(value) or MaterializeResult()."
        )
    return result


def _result(step: Step, returned: Any) -> _Result:
    if isinstance(returned, Output):
        if returned.output_name != "result":
            raise DagsterInvariantViolationError(
                f'The output was named "{returned.output_name}", but the output of an asset is "result".'
            )
        version = returned.data_version.value if returned.data_version else None
        return _Result(returned.value, dict(returned.metadata), version, dict(returned.tags))
    if isinstance(returned, MaterializeResult):
        if returned.asset_key is not None and returned.asset_key != step.asset.key:
            raise DagsterInvariantViolationError(
                f"MaterializeResult is for {returned.asset_key!r}, but this step makes {step.asset.key!r}."
            )
        version = returned.data_version.value if returned.data_version else None
        return _Result(returned.value, normalize_metadata(returned.metadata), version, dict(returned.tags))
    return _Result(returned)


def _store(step: Step, state: StepState, result: _Result) -> None:
    kind = step.definition.output_type
    has_value = result.value is not NO_VALUE
    if has_value or not (kind.is_nothing or kind.display_name == "Any"):
        _check_type(step, result)
    skipped = not has_value or (kind.is_nothing and result.value is None)
    step.observer.output_made(None if not has_value else result.value, kind.display_name, result.metadata)
    metadata, stored = ({}, None) if skipped else _handle_output(step, result)
    io_metadata = {label: value for label, value in metadata.items() if not isinstance(value, _ObservedPath)}
    final: dict[str, Any] = {**result.metadata, **metadata, **normalize_metadata(state.asset_metadata)}
    _report(step, state, result, final, stored)
    if not skipped:
        step.observer.output_handled(step.asset.io_manager_key, io_metadata)


def _check_type(step: Step, result: _Result) -> None:
    kind = step.definition.output_type
    with phase("type_check", f"Type of the value of {step.name}"):
        if result.value is NO_VALUE or (kind.is_nothing and result.value is not None):
            given = (
                "no value" if result.value is NO_VALUE else f"a value of type {type(result.value).__name__}"
            )
            wanted = "None or no value" if kind.is_nothing else kind.display_name
            raise DagsterTypeCheckDidNotPass(
                f'Type check failed for step output "result" - expected type "{kind.display_name}". '
                f"Description: The function's annotation promises {wanted}, but it gave {given}."
            )
        outcome = kind.type_check(None, result.value)
        if not outcome.success:
            raise DagsterTypeCheckDidNotPass(
                f'Type check failed for step output "result" - expected type "{kind.display_name}". '
                f"Description: {outcome.description}"
            )


class _ObservedPath(str):
    """A path that was seen being written, not one that an IO manager recorded."""


def _handle_output(step: Step, result: _Result) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Let the IO manager store the value; the metadata it records, and where it says the value is."""
    key = step.asset.io_manager_key
    with phase("handle_output", f"Storing {step.name}", DagsterExecutionHandleOutputError):
        manager = step.manager(key)
        context = _output_context(step, result, key)
        with execution.around_handle_output() as watch:
            materializations, returned = _run_manager(
                step, context, manager.handle_output(context, result.value)
            )
        for event in context.consume_events():
            step.emit(event)
        logged = context.consume_logged_metadata()
        if logged and any(each.metadata for each in materializations):
            raise DagsterInvariantViolationError(
                f'The IO manager "{key}" gave a materialization with metadata, and called add_output_metadata as well. '
                "Give metadata in one of the two ways."
            )
        for event in materializations:
            step.emit(event)
        metadata: dict[str, Any] = {**returned, **logged}
        if (
            "path" not in metadata
            and "path" not in result.metadata
            and not getattr(manager, "records_path", False)
        ):
            observed = watch.single_path() if watch is not None else None
            if observed is not None:
                metadata["path"] = _ObservedPath(observed)
        return metadata, context.stored


def _run_manager(
    step: Step, context: OutputContext, returned: Any
) -> tuple[list[AssetMaterialization], dict[str, Any]]:
    """What handle_output returned or yielded: materializations, and metadata."""
    items = returned if inspect.isgenerator(returned) else [returned]
    materializations: list[AssetMaterialization] = []
    metadata: dict[str, MetadataValue] = {}
    for item in _flat(items):
        if isinstance(item, AssetMaterialization):
            materializations.append(item)
        elif isinstance(item, Mapping):
            metadata.update(normalize_metadata(item))
        elif item:
            raise DagsterInvariantViolationError(
                f"IO manager on output {context.name} has returned value {item!r} of type {type(item).__name__}. "
                "handle_output may return nothing, an AssetMaterialization, or a dict of metadata."
            )
    return materializations, metadata


def _flat(items: Any) -> Iterator[Any]:
    for item in items:
        if isinstance(item, (list, tuple)):
            yield from item
        else:
            yield item


def _output_context(step: Step, result: _Result, manager_key: str) -> OutputContext:
    definition = step.resolved.resources[manager_key]
    context = OutputContext(
        step_key=step.asset.step_key,
        name="result",
        job_name=step.run.job_name,
        run_id=step.run.run_id,
        definition_metadata=step.asset.spec.metadata,
        output_metadata=result.metadata,
        config=io_config(step, "outputs", "result", getattr(definition, "output_config_field", None)),
        dagster_type=step.definition.output_type,
        log=step.log,
        resource_config=step.scope.config_of(manager_key),
        resources=step.resources_of(manager_key),
        asset_key=step.asset.key,
        asset_spec=step.definition.get_asset_spec,
        partition_key=step.request.partition,
    )
    context._all_asset_keys = step.resolved.asset_keys
    context._manager_key = manager_key
    return context


def _report(
    step: Step, state: StepState, result: _Result, metadata: dict[str, Any], stored: dict[str, Any] | None
) -> None:
    version = state.data_version or result.data_version
    tags = dict(result.tags)
    if version is not None:
        tags[DATA_VERSION_TAG] = version
        tags[DATA_VERSION_IS_USER_PROVIDED_TAG] = "true"
    if step.asset.spec.code_version is not None:
        tags[CODE_VERSION_TAG] = step.asset.spec.code_version
    observed = [label for label, value in metadata.items() if isinstance(value, _ObservedPath)]
    metadata = {
        label: MetadataValue.path(str(value)) if isinstance(value, _ObservedPath) else value
        for label, value in metadata.items()
    }
    as_json = to_json(metadata)
    for label in observed:
        as_json[label]["observed"] = True
    if step.observer.is_watching:
        step.observer.event(
            AssetMaterialization(step.asset.key, None, metadata, step.request.partition, tags)
        )
    step.reporter.materialized(step.asset.key.path, step.request.partition, as_json, stored, version, tags)


def _load_value(step: Step, key: AssetKey, python_type: Any, partition: str | None) -> Any:
    """`context.load_asset_value`."""
    from headrace.load_value import load_value

    return load_value(
        step.resolved, step.scope, key, python_type=python_type, partition=partition, log=step.log
    )
