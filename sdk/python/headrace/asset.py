"""The decorator `@asset`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import FrameType
from typing import TYPE_CHECKING, Any, overload

from headrace import check
from headrace.annotations import names_around
from headrace.asset_function import read_function
from headrace.asset_in import AssetIn
from headrace.asset_key import AssetKey, asset_key_from_parts, check_asset_name
from headrace.asset_spec import AssetSpec, coerce_deps
from headrace.assets_definition import AssetsDefinition, build_inputs
from headrace.config_schema import resolve_schema
from headrace.dagster_type import resolve_type
from headrace.errors import DagsterInvalidDefinitionError
from headrace.not_yet import refuse_parameters
from headrace.resource_coercion import to_resource_definitions
from headrace.step_options import StepOptions

if TYPE_CHECKING:
    from headrace.asset_key import CoercibleToAssetKey
    from headrace.retry_policy import RetryPolicy


@overload
def asset(compute_fn: Callable[..., Any], /) -> AssetsDefinition: ...


@overload
def asset(
    *,
    name: str | None = ...,
    key_prefix: str | Sequence[str] | None = ...,
    ins: Mapping[str, AssetIn] | None = ...,
    deps: Iterable[Any] | None = ...,
    metadata: Mapping[str, Any] | None = ...,
    tags: Mapping[str, str] | None = ...,
    description: str | None = ...,
    config_schema: Any = ...,
    required_resource_keys: AbstractSet[str] | None = ...,
    resource_defs: Mapping[str, Any] | None = ...,
    io_manager_def: Any = ...,
    io_manager_key: str | None = ...,
    dagster_type: Any = ...,
    op_tags: Mapping[str, Any] | None = ...,
    group_name: str | None = ...,
    output_required: bool = ...,
    retry_policy: RetryPolicy | None = ...,
    code_version: str | None = ...,
    key: CoercibleToAssetKey | None = ...,
    owners: Sequence[str] | None = ...,
    kinds: AbstractSet[str] | None = ...,
    pool: str | None = ...,
    **not_yet: Any,
) -> Callable[[Callable[..., Any]], AssetsDefinition]: ...


def asset(compute_fn: Any = None, /, **options: Any) -> Any:
    """Declare an asset by the function that makes it.

    The asset is named after the function, or by `name`, `key_prefix`, `key`. Each parameter of the function is
    another asset, whose value is loaded by that asset's IO manager; a first parameter `context`, a parameter
    `config` annotated with a `Config` class, and parameters annotated with resource classes are special. The
    returned value is stored by the IO manager `io_manager_key` (default `io_manager`), unless the function is
    annotated `-> None`.

    A step that fails is tried again as `retry_policy` says. Steps of one `pool` share a limit of the daemon's. Of
    `op_tags`, `dagster/priority` (ready steps with more go first), `headrace/time_limit` (seconds) and
    `headrace/memory_limit` (bytes, or such as "512 MiB") count.

    ::

        @asset
        def setosa(iris):
            return iris[iris["species"] == "setosa"]
    """
    if compute_fn is not None:
        if not callable(compute_fn):
            raise check.wrong_type(compute_fn, "compute_fn", Callable)
        return _AssetBuilder().build(compute_fn, names_around(compute_fn, _caller(inspect.currentframe())))
    builder = _AssetBuilder(**options)

    def decorate(fn: Callable[..., Any]) -> AssetsDefinition:
        return builder.build(fn, names_around(fn, _caller(inspect.currentframe())))

    return decorate


class _AssetBuilder:
    """The arguments of `@asset`, checked, waiting for the function."""

    def __init__(
        self,
        *,
        name: str | None = None,
        key_prefix: str | Sequence[str] | None = None,
        ins: Mapping[str, AssetIn] | None = None,
        deps: Iterable[Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        description: str | None = None,
        config_schema: Any = None,
        required_resource_keys: AbstractSet[str] | None = None,
        resource_defs: Mapping[str, Any] | None = None,
        hooks: Any = None,
        io_manager_def: Any = None,
        io_manager_key: str | None = None,
        dagster_type: Any = None,
        partitions_def: Any = None,
        op_tags: Mapping[str, Any] | None = None,
        group_name: str | None = None,
        output_required: bool = True,
        automation_condition: Any = None,
        freshness_policy: Any = None,
        backfill_policy: Any = None,
        retry_policy: Any = None,
        code_version: str | None = None,
        key: CoercibleToAssetKey | None = None,
        check_specs: Any = None,
        owners: Sequence[str] | None = None,
        kinds: AbstractSet[str] | None = None,
        pool: str | None = None,
        is_virtual: bool = False,
        non_argument_deps: Iterable[Any] | None = None,
        auto_materialize_policy: Any = None,
        compute_kind: str | None = None,
        legacy_freshness_policy: Any = None,
    ) -> None:
        refuse_parameters(
            "@asset",
            {
                "hooks": hooks,
                "partitions_def": partitions_def,
                "automation_condition": automation_condition,
                "freshness_policy": freshness_policy,
                "backfill_policy": backfill_policy,
                "check_specs": check_specs,
                "is_virtual": is_virtual,
                "auto_materialize_policy": auto_materialize_policy,
                "legacy_freshness_policy": legacy_freshness_policy,
            },
        )
        if key is not None and (name is not None or key_prefix is not None):
            raise DagsterInvalidDefinitionError("@asset takes `key`, or `name` and `key_prefix`, not both.")
        if io_manager_key is not None and io_manager_def is not None:
            raise check.CheckError("@asset takes `io_manager_key` or `io_manager_def`, not both.")
        if deps is not None and non_argument_deps is not None:
            raise DagsterInvalidDefinitionError(
                "@asset takes `deps` or the older `non_argument_deps`, not both."
            )
        if kinds and compute_kind:
            raise DagsterInvalidDefinitionError("@asset takes `kinds` or the older `compute_kind`, not both.")
        self.name = check.opt_str(name, "name")
        self.key_prefix = key_prefix
        self.key = None if key is None else AssetKey.from_coercible(key)
        self.ins = {
            each: AssetIn.from_coercible(value) for each, value in check.opt_mapping(ins, "ins").items()
        }
        self.deps = coerce_deps(deps if deps is not None else non_argument_deps)
        self.description = check.opt_str(description, "description")
        self.metadata = check.opt_mapping(metadata, "metadata")
        self.tags = tags
        self.group_name = group_name
        self.owners = owners
        self.kinds = kinds or ({compute_kind} if compute_kind else None)
        self.code_version = check.opt_str(code_version, "code_version")
        self.config_schema = config_schema
        self.required_resource_keys = frozenset(
            check.opt_sequence(required_resource_keys, "required_resource_keys", str)
        )
        self.resource_defs = to_resource_definitions(check.opt_mapping(resource_defs, "resource_defs"))
        self.io_manager_def = io_manager_def
        self.io_manager_key = check.opt_str(io_manager_key, "io_manager_key")
        self.dagster_type = dagster_type
        self.options = StepOptions.read(op_tags, retry_policy, pool)
        self.output_required = check.inst(output_required, "output_required", bool)

    def build(self, fn: Callable[..., Any], local_names: Mapping[str, Any] | None) -> AssetsDefinition:
        """The asset made by `fn`."""
        if not callable(fn):
            raise check.wrong_type(fn, "compute_fn", Callable)
        name = _function_name(fn) if self.name is None else self.name
        key = self.key or asset_key_from_parts(name, self.key_prefix)
        check_asset_name(key)
        label = key.to_user_string()
        function = read_function(fn, label, local_names)
        inputs = build_inputs(function, self.ins, label)
        self._check_dependencies(key, inputs)
        resource_keys = self._resource_keys(function, label)
        io_manager_key, resource_defs = self._io_manager(key)
        return AssetsDefinition(
            self._spec(key, fn),
            function,
            inputs,
            output_type=function.output_type
            if self.dagster_type is None
            else resolve_type(self.dagster_type),
            io_manager_key=io_manager_key,
            required_resource_keys=resource_keys,
            resource_defs=resource_defs,
            config_field=self._config_field(function, label),
            output_required=self.output_required,
            options=self.options,
        )

    def _spec(self, key: AssetKey, fn: Callable[..., Any]) -> AssetSpec:
        return AssetSpec(
            key,
            deps=self.deps,
            description=self.description or _docstring(fn),
            metadata=self.metadata,
            group_name=self.group_name,
            code_version=self.code_version,
            owners=self.owners,
            tags=self.tags,
            kinds=self.kinds,
        )

    def _check_dependencies(self, key: AssetKey, inputs: list[Any]) -> None:
        loaded = {each.key for each in inputs}
        if key in loaded or key in {dep.asset_key for dep in self.deps}:
            raise DagsterInvalidDefinitionError(f'Asset "{key.to_user_string()}" depends on itself.')

    def _resource_keys(self, function: Any, label: str) -> frozenset[str]:
        if self.required_resource_keys and function.resource_parameters:
            raise check.ParameterCheckError(
                f'Asset "{label}": name resources in required_resource_keys, or take them as parameters, not both.'
            )
        return self.required_resource_keys | frozenset(function.resource_parameters)

    def _io_manager(self, key: AssetKey) -> tuple[str | None, dict[str, Any]]:
        if self.io_manager_def is None:
            return self.io_manager_key, self.resource_defs
        own_key = key.to_python_identifier("io_manager")
        return own_key, {**self.resource_defs, **to_resource_definitions({own_key: self.io_manager_def})}

    def _config_field(self, function: Any, label: str) -> Any:
        if self.config_schema is None:
            return function.config_field
        if function.config_parameter is not None:
            raise DagsterInvalidDefinitionError(
                f'Asset "{label}": give config_schema, or take a parameter "config", not both.'
            )
        return resolve_schema(self.config_schema)


def _caller(frame: FrameType | None) -> FrameType | None:
    return None if frame is None else frame.f_back


def _function_name(fn: Any) -> str:
    name = getattr(fn, "__name__", None)
    if not isinstance(name, str):
        raise DagsterInvalidDefinitionError(
            f"{check.short_repr(fn)} has no name: give the asset one by `name=`."
        )
    return name


def _docstring(fn: Any) -> str | None:
    text = getattr(fn, "__doc__", None)
    return inspect.cleandoc(text) if isinstance(text, str) and text.strip() else None
