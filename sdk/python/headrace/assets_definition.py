"""An asset with the function that makes it."""

from __future__ import annotations

import functools
import inspect
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import CodeType
from typing import Any

from headrace import check
from headrace.asset_function import AssetFunction
from headrace.asset_in import NO_TYPE, AssetIn
from headrace.asset_key import AssetKey
from headrace.asset_spec import DEFAULT_GROUP, DEFAULT_IO_MANAGER_KEY, AssetSpec
from headrace.config_schema import Field
from headrace.dagster_type import DagsterType, resolve_type
from headrace.errors import DagsterInvalidDefinitionError, DagsterInvalidInvocationError
from headrace.resource_definition import ResourceDefinition
from headrace.step_options import StepOptions


@dataclass
class AssetInput:
    """One loaded input of an asset."""

    name: str
    key: AssetKey
    dagster_type: DagsterType
    metadata: dict[str, Any]
    input_manager_key: str | None = None
    # Whether the key was taken from the parameter's name, so that a longer key may be meant.
    is_implicit: bool = False


@dataclass
class SourceLocation:
    """Where an asset's function is written."""

    file: str
    line: int
    last_line: int


def _last_line(code: CodeType) -> int:
    """The last line that the compiler noted of a function and of those inside it: nothing is read for it."""
    if sys.version_info >= (3, 11):
        ends = [end or line or 0 for line, end, _, _ in code.co_positions()]
    else:
        ends = [line or 0 for _, _, line in code.co_lines()]
    inner = (_last_line(each) for each in code.co_consts if isinstance(each, CodeType))
    return max(code.co_firstlineno, *ends, *inner)


class AssetsDefinition:
    """What `@asset` makes: a spec, the function, its inputs, config and resources."""

    def __init__(
        self,
        spec: AssetSpec,
        function: AssetFunction,
        inputs: list[AssetInput],
        *,
        output_type: DagsterType,
        io_manager_key: str | None = None,
        required_resource_keys: frozenset[str] = frozenset(),
        resource_defs: Mapping[str, ResourceDefinition] | None = None,
        config_field: Field | None = None,
        output_required: bool = True,
        options: StepOptions | None = None,
    ) -> None:
        self._spec = spec
        self.function = function
        self.inputs = inputs
        self.output_type = output_type
        self.io_manager_key = io_manager_key or DEFAULT_IO_MANAGER_KEY
        self.own_required_resource_keys = required_resource_keys
        self.resource_defs: dict[str, ResourceDefinition] = dict(resource_defs or {})
        self.config_field = config_field
        self.output_required = output_required
        self.options = options or StepOptions()

    # What people ask.

    @property
    def op_tags(self) -> dict[str, Any]:
        """The tags of the step."""
        return dict(self.options.op_tags)

    @property
    def key(self) -> AssetKey:
        """The asset's key."""
        return self._spec.key

    @property
    def keys(self) -> set[AssetKey]:
        """The keys of all assets that the function makes: one."""
        return {self.key}

    @property
    def specs(self) -> list[AssetSpec]:
        """The specs of all assets that the function makes: one, with its dependencies."""
        return [self.get_asset_spec()]

    @property
    def specs_by_key(self) -> dict[AssetKey, AssetSpec]:
        """The specs by key."""
        return {self.key: self.get_asset_spec()}

    def get_asset_spec(self, key: Any = None) -> AssetSpec:
        """The asset's spec, its inputs among the dependencies."""
        if key is not None and AssetKey.from_coercible(key) != self.key:
            raise KeyError(key)
        return self._spec_with_inputs

    @functools.cached_property
    def _spec_with_inputs(self) -> AssetSpec:
        named = {dep.asset_key for dep in self._spec.deps}
        inputs = [each.key for each in self.inputs if each.key not in named]
        return self._spec.replace_attributes(deps=[*dict.fromkeys(inputs), *self._spec.deps])

    @property
    def step_key(self) -> str:
        """The name of the step that makes the asset."""
        return self.key.to_python_identifier()

    @property
    def name(self) -> str:
        """The name of the step that makes the asset."""
        return self.step_key

    @property
    def dependency_keys(self) -> set[AssetKey]:
        """The keys of all upstream assets, loaded or not."""
        return {each.key for each in self.inputs} | {dep.asset_key for dep in self._spec.deps}

    @property
    def keys_by_input_name(self) -> dict[str, AssetKey]:
        """Parameter → upstream key."""
        return {each.name: each.key for each in self.inputs}

    @property
    def required_resource_keys(self) -> set[str]:
        """The resources that the function uses."""
        return set(self.own_required_resource_keys)

    @property
    def group_names_by_key(self) -> dict[AssetKey, str]:
        """Key → group."""
        return {self.key: self._spec.group_name or DEFAULT_GROUP}

    @property
    def descriptions_by_key(self) -> dict[AssetKey, str]:
        """Key → description, where there is one."""
        return {self.key: self._spec.description} if self._spec.description else {}

    @property
    def metadata_by_key(self) -> dict[AssetKey, dict[str, Any]]:
        """Key → metadata."""
        return {self.key: self._spec.metadata}

    @property
    def tags_by_key(self) -> dict[AssetKey, dict[str, str]]:
        """Key → tags."""
        return {self.key: self._spec.tags}

    @property
    def owners_by_key(self) -> dict[AssetKey, list[str]]:
        """Key → owners."""
        return {self.key: self._spec.owners}

    @property
    def code_versions_by_key(self) -> dict[AssetKey, str | None]:
        """Key → code version."""
        return {self.key: self._spec.code_version}

    @property
    def partitions_def(self) -> None:
        """Always None: partitions are not there yet."""
        return None

    @property
    def is_executable(self) -> bool:
        """Whether there is a function."""
        return True

    @property
    def source(self) -> SourceLocation | None:
        """Where the function is written."""
        code = getattr(inspect.unwrap(self.function.fn), "__code__", None)
        if code is None:
            return None
        return SourceLocation(os.path.abspath(code.co_filename), code.co_firstlineno, _last_line(code))

    # Copies.

    def with_attributes(
        self,
        *,
        key: AssetKey | None = None,
        upstream_keys: Mapping[AssetKey, AssetKey] | None = None,
        spec: AssetSpec | None = None,
        resource_defs: Mapping[str, ResourceDefinition] | None = None,
    ) -> AssetsDefinition:
        """A copy with another key, other upstream keys, other attributes, or resources bound to it."""
        renamed = dict(upstream_keys or {})
        base = spec or self._spec
        deps = [
            renamed.get(dep.asset_key, dep.asset_key) if dep.asset_key in renamed else dep
            for dep in base.deps
        ]
        new_spec = base.replace_attributes(key=key or base.key, deps=deps)
        inputs = [
            AssetInput(
                each.name,
                renamed.get(each.key, each.key),
                each.dagster_type,
                each.metadata,
                each.input_manager_key,
                each.is_implicit and each.key not in renamed,
            )
            for each in self.inputs
        ]
        return AssetsDefinition(
            new_spec,
            self.function,
            inputs,
            output_type=self.output_type,
            io_manager_key=self.io_manager_key,
            required_resource_keys=self.own_required_resource_keys,
            resource_defs=self.resource_defs if resource_defs is None else resource_defs,
            config_field=self.config_field,
            output_required=self.output_required,
            options=self.options,
        )

    def map_asset_specs(self, fn: Any) -> AssetsDefinition:
        """A copy with the spec that `fn` makes from this one; the key cannot change."""
        mapped = check.inst(fn(self.get_asset_spec()), "result of fn", AssetSpec)
        if mapped.key != self.key:
            raise DagsterInvalidDefinitionError(
                f"map_asset_specs cannot change the key {self.key!r} to {mapped.key!r}."
            )
        inputs = {each.key for each in self.inputs}
        plain = mapped.replace_attributes(deps=[dep for dep in mapped.deps if dep.asset_key not in inputs])
        return self.with_attributes(spec=plain)

    def with_resources(self, resource_defs: Mapping[str, Any]) -> AssetsDefinition:
        """A copy with resources bound to it; names that it has already are an error."""
        from headrace.resource_coercion import to_resource_definitions

        given = to_resource_definitions(resource_defs)
        clashes = sorted(
            key for key in given if key in self.resource_defs and self.resource_defs[key] is not given[key]
        )
        if clashes:
            raise DagsterInvalidInvocationError(
                f"{self.key!r} has resources of its own for {', '.join(clashes)}; remove them, or use other names."
            )
        return self.with_attributes(resource_defs={**given, **self.resource_defs})

    def to_source_asset(self) -> Any:
        """The asset as one that is made elsewhere."""
        from headrace.source_asset import SourceAsset

        return SourceAsset(
            self.key,
            metadata=self._spec.metadata,
            io_manager_key=self.io_manager_key,
            description=self._spec.description,
            group_name=self._spec.group_name,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function directly, in a test: with plain values, and a context where it takes one."""
        from headrace.direct_call import call_directly

        return call_directly(self, args, kwargs)

    def __repr__(self) -> str:
        return f"AssetsDefinition({self.key!r})"


def build_inputs(function: AssetFunction, ins: Mapping[str, AssetIn], name: str) -> list[AssetInput]:
    """The inputs of an asset's function, with what `ins` says about them."""
    unknown = sorted(set(ins) - set(function.input_types))
    if unknown and not function.accepts_any_input:
        raise DagsterInvalidDefinitionError(
            f'Asset "{name}": ins names "{unknown[0]}", which is no parameter of the function.'
            + check.did_you_mean(unknown[0], function.input_types)
        )
    inputs = []
    for parameter in [*function.input_types, *unknown]:
        given = ins.get(parameter)
        annotated = function.input_types.get(parameter) or resolve_type(Any)
        explicit = given is not None and (given.key is not None or given.key_prefix is not None)
        inputs.append(
            AssetInput(
                parameter,
                (given or AssetIn()).key_for(parameter),
                annotated
                if given is None or given.dagster_type is NO_TYPE
                else resolve_type(given.dagster_type),
                dict(given.metadata) if given else {},
                given.input_manager_key if given else None,
                is_implicit=not explicit,
            )
        )
    return inputs
