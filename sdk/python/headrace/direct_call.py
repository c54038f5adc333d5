"""Calling an asset as the function it is, in a test."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Mapping
from typing import Any

from headrace.asset_context import OpExecutionContext, entered
from headrace.assets_definition import AssetsDefinition
from headrace.config_processing import process_config
from headrace.config_values import config_from_run_config
from headrace.errors import DagsterInvalidInvocationError
from headrace.resource import ConfigurableResourceFactory, PartialResource
from headrace.resource_scope import ResourceScope
from headrace.testing import DirectAssetExecutionContext, build_asset_context


def call_directly(asset: AssetsDefinition, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
    """What the function returns for these arguments. Resources and config may also come from the context."""
    function = asset.function
    context, positional, named = _split(asset, args, dict(kwargs))
    bound = _bound(asset, positional, named)
    with contextlib.ExitStack() as stack:
        _fill_resources(asset, bound, context, stack)
        config = _fill_config(asset, bound, context)
        if isinstance(context, DirectAssetExecutionContext):
            context.bind(asset, config)
        if context is not None:
            stack.enter_context(entered(context))
        if function.context_parameter is not None:
            bound[function.context_parameter] = context
        signature = inspect.signature(function.fn)
        call = signature.bind(**bound) if not _has_var_keyword(signature) else None
        returned = function.fn(*call.args, **call.kwargs) if call is not None else function.fn(**bound)
        if inspect.isgenerator(returned):
            return _generating(returned, stack.pop_all())
        return returned


def _generating(generator: Any, stack: contextlib.ExitStack) -> Any:
    """The function's generator; resources live until it is exhausted."""
    with stack:
        yield from generator


def _has_var_keyword(signature: inspect.Signature) -> bool:
    return any(each.kind is each.VAR_KEYWORD for each in signature.parameters.values())


def _split(
    asset: AssetsDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """The context, and the other arguments."""
    parameter = asset.function.context_parameter
    if args and isinstance(args[0], OpExecutionContext):
        return args[0], args[1:], kwargs
    if parameter is None:
        return build_asset_context(), args, kwargs
    if parameter in kwargs:
        return kwargs.pop(parameter), args, kwargs
    if args and args[0] is None:
        return build_asset_context(), args[1:], kwargs
    raise DagsterInvalidInvocationError(
        f'The function of asset "{asset.key.to_user_string()}" takes a context: call it with build_asset_context() '
        "as its first argument."
    )


def _bound(asset: AssetsDefinition, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """Arguments by parameter name."""
    parameters = [each for each in inspect.signature(asset.function.fn).parameters.values()]
    names = [
        each.name
        for each in parameters
        if each.kind is each.POSITIONAL_OR_KEYWORD and each.name != asset.function.context_parameter
    ]
    if len(args) > len(names):
        raise DagsterInvalidInvocationError(
            f'Asset "{asset.key.to_user_string()}" was called with {len(args)} positional arguments but takes '
            f"{len(names)}: {', '.join(names) or 'none'}."
        )
    bound = dict(zip(names, args, strict=False))
    for name, value in kwargs.items():
        if name in bound:
            raise DagsterInvalidInvocationError(f'The argument "{name}" was given twice.')
        bound[name] = value
    return bound


def _fill_resources(
    asset: AssetsDefinition, bound: dict[str, Any], context: Any, stack: contextlib.ExitStack
) -> None:
    own = {name: bound[name] for name in asset.function.resource_parameters if name in bound}
    from headrace.resource_coercion import to_resource_definitions

    definitions = to_resource_definitions(
        {
            name: value
            for name, value in own.items()
            if isinstance(value, (ConfigurableResourceFactory, PartialResource))
        }
    )
    if definitions:
        scope = stack.enter_context(contextlib.closing(ResourceScope(definitions)))
        bound.update({name: scope.get(name) for name in definitions})
    for name in asset.function.resource_parameters:
        if name in bound:
            continue
        available = context._scope if isinstance(context, DirectAssetExecutionContext) else None
        if available is None or name not in available.definitions:
            raise DagsterInvalidInvocationError(
                f'Asset "{asset.key.to_user_string()}" needs the resource "{name}": give it as an argument, or with '
                "build_asset_context(resources={…})."
            )
        bound[name] = available.get(name)


def _fill_config(asset: AssetsDefinition, bound: dict[str, Any], context: Any) -> Any:
    function = asset.function
    given = context._asset_config if isinstance(context, DirectAssetExecutionContext) else None
    what = f'asset "{asset.key.to_user_string()}"'
    if function.config_parameter is not None and function.config_parameter not in bound:
        if function.config_class is not None:
            bound[function.config_parameter] = config_from_run_config(function.config_class, given, (), what)
        elif given is not None:
            bound[function.config_parameter] = given
        else:
            raise DagsterInvalidInvocationError(f"The {what} needs config: give it as the argument config=….")
        return given
    if asset.config_field is not None and function.config_parameter is None:
        return process_config(asset.config_field, given, (), resolve=True, what=what)
    return given
