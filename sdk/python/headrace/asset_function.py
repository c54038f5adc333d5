"""Reading an asset's function: which parameters are the context, config, resources and inputs, and what it returns."""

from __future__ import annotations

import collections.abc
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from headrace import dagster_type
from headrace.annotations import is_class, resolved_annotations
from headrace.asset_context import AssetExecutionContext, OpExecutionContext
from headrace.config import Config
from headrace.config_schema import Field, resolve_field
from headrace.dagster_type import DagsterType, annotation_name, resolve_type
from headrace.errors import DagsterInvalidConfigDefinitionError, DagsterInvalidDefinitionError
from headrace.output import MaterializeResult, Output
from headrace.resource import is_resource_annotation

_CONTEXT_NAMES = {"context", "_context", "_", "__"}
_RESERVED_INPUTS = {
    "context",
    "conf",
    "config",
    "meta",
    "input",
    "output",
    "arg_dict",
    "input_arg_dict",
    "output_arg_dict",
}
_LAZY = (
    collections.abc.Iterator,
    collections.abc.Iterable,
    collections.abc.Generator,
    collections.abc.AsyncIterator,
    collections.abc.AsyncGenerator,
    collections.abc.AsyncIterable,
)


@dataclass
class AssetFunction:
    """An asset's function, read."""

    fn: Callable[..., Any]
    context_parameter: str | None = None
    config_parameter: str | None = None
    config_class: type[Config] | None = None
    config_field: Field | None = None
    resource_parameters: list[str] = field(default_factory=list)
    input_types: dict[str, DagsterType] = field(default_factory=dict)
    accepts_any_input: bool = False
    # Parameter → an annotation that names something unknown in the function's module.
    unread_annotations: dict[str, str] = field(default_factory=dict)
    output_type: DagsterType = dagster_type.Any

    @property
    def is_generator(self) -> bool:
        """Whether calling the function gives something that yields."""
        return inspect.isgeneratorfunction(self.fn) or inspect.isasyncgenfunction(self.fn)


def read_function(
    fn: Callable[..., Any], name: str, local_names: Mapping[str, Any] | None = None
) -> AssetFunction:
    """Sort the parameters of the function of the asset called `name`."""
    annotations = resolved_annotations(fn, local_names)
    read = AssetFunction(fn)
    parameters = list(inspect.signature(fn).parameters.values())
    for position, parameter in enumerate(parameters):
        annotation = annotations.get(parameter.name, parameter.annotation)
        if isinstance(annotation, str):
            read.unread_annotations[parameter.name] = annotation
            annotation = parameter.empty  # a name that cannot be evaluated says nothing
        _sort_parameter(read, parameter, position, annotation, name)
    if "return" in annotations:
        read.output_type = output_type_of(annotations["return"])
    return read


def _sort_parameter(read: AssetFunction, parameter: Any, position: int, annotation: Any, name: str) -> None:
    if _is_context(parameter.name, annotation, position):
        if position != 0:
            raise DagsterInvalidDefinitionError(
                f'Asset "{name}": the context parameter "{parameter.name}" must be the first parameter of the function.'
            )
        _check_context_annotation(annotation, parameter, name)
        read.context_parameter = parameter.name
    elif parameter.name == "config":
        _read_config(read, annotation, parameter, name)
    elif is_resource_annotation(annotation):
        read.resource_parameters.append(parameter.name)
    elif parameter.kind is parameter.VAR_KEYWORD:
        read.accepts_any_input = True
    elif parameter.kind is parameter.POSITIONAL_OR_KEYWORD:
        if parameter.name in _RESERVED_INPUTS:
            raise DagsterInvalidDefinitionError(
                f'Asset "{name}": "{parameter.name}" is reserved and cannot be an input.'
            )
        read.input_types[parameter.name] = resolve_type(annotation)
    elif parameter.kind is not parameter.VAR_POSITIONAL and parameter.default is parameter.empty:
        raise DagsterInvalidDefinitionError(
            f'Asset "{name}": the parameter "{parameter.name}" cannot be filled, for it is positional-only or '
            "keyword-only without a default."
        )


def _is_context(parameter_name: str, annotation: Any, position: int) -> bool:
    if is_class(annotation) and issubclass(annotation, OpExecutionContext):
        return True
    return parameter_name == "context" or (position == 0 and parameter_name in _CONTEXT_NAMES)


def _check_context_annotation(annotation: Any, parameter: Any, name: str) -> None:
    """A `context` annotated with something that is no context would be surprised by what it gets."""
    if annotation in (parameter.empty, Any, AssetExecutionContext, OpExecutionContext):
        return
    if is_class(annotation) and issubclass(AssetExecutionContext, annotation):
        return
    raise DagsterInvalidDefinitionError(
        f'Asset "{name}": the parameter "{parameter.name}" must be annotated with AssetExecutionContext, or not at all; '
        f"it is annotated with {annotation_name(annotation)}."
    )


def _read_config(read: AssetFunction, annotation: Any, parameter: Any, name: str) -> None:
    read.config_parameter = parameter.name
    if is_class(annotation) and issubclass(annotation, Config):
        read.config_class = annotation
        return
    if annotation is parameter.empty:
        raise DagsterInvalidDefinitionError(
            f'Asset "{name}": the parameter "config" must be annotated with a Config class '
            "(`class MyConfig(Config): …`), for it is reserved for config."
        )
    try:
        read.config_field = resolve_field(annotation)
    except DagsterInvalidConfigDefinitionError as error:
        raise DagsterInvalidDefinitionError(
            f'Asset "{name}": the parameter "config" cannot be config: {error}'
        ) from error


def output_type_of(annotation: Any) -> DagsterType:
    """The type of the stored value that a return annotation promises."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is None or annotation is type(None):
        return dagster_type.Nothing
    if annotation is MaterializeResult:
        return dagster_type.Nothing
    if annotation is Output:
        return dagster_type.Any
    if origin is MaterializeResult or origin is Output:
        return resolve_type(args[0])
    if origin in _LAZY or annotation in _LAZY:
        return _yielded_type(args)
    return resolve_type(annotation)


def _yielded_type(args: tuple[Any, ...]) -> DagsterType:
    first = args[0] if args else Any
    if first is MaterializeResult or typing.get_origin(first) in (MaterializeResult, Output):
        return output_type_of(first)
    return dagster_type.Any
