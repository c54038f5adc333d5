"""Definitions as the daemon and the page are told of them (section 6 of the code location protocol)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from headrace.asset_spec import DEFAULT_IO_MANAGER_KEY, KIND_PREFIX
from headrace.check import short_repr
from headrace.config_fields import describe_model, describe_schema, env_vars_in
from headrace.errors import DagsterInvalidMetadata
from headrace.metadata import to_json
from headrace.resolved import nested_keys
from headrace.resource_definition import ResourceDefinition
from headrace.step_options import StepOptions

if TYPE_CHECKING:
    from headrace.resolved import ResolvedAsset, ResolvedDefinitions


def describe(definitions: ResolvedDefinitions) -> dict[str, Any]:
    """All assets and resources, as JSON. A default IO manager that no asset uses is left out."""
    used = {each.io_manager_key for each in definitions.assets}
    if not used <= definitions.resources.keys():
        used.add(DEFAULT_IO_MANAGER_KEY)
    shown = {
        key: definition
        for key, definition in sorted(definitions.resources.items())
        if key in used or key not in definitions.default_resources
    }
    return {
        "assets": [
            _asset(each, definitions) for each in sorted(definitions.assets, key=lambda each: each.key)
        ],
        "resources": [_resource(key, definition, definitions) for key, definition in shown.items()],
        "env_vars": sorted(
            {name for each in definitions.resources.values() for name in each.env_var_names()}
        ),
        "execution": definitions.executor.to_json(),
    }


def _asset(asset: ResolvedAsset, definitions: ResolvedDefinitions) -> dict[str, Any]:
    spec = asset.spec
    loaded = [
        {"key": each.key.path, "input": each.name, "input_manager_key": each.input_manager_key}
        for each in asset.inputs
    ]
    ordering = [{"key": key.path, "input": None, "input_manager_key": None} for key in asset.ordering_deps]
    known = asset.io_manager_key in definitions.resources
    return {
        "key": asset.key.path,
        "step_key": asset.step_key,
        "group": asset.group,
        "description": spec.description,
        "kinds": sorted(spec.kinds),
        "tags": {name: value for name, value in spec.tags.items() if not name.startswith(KIND_PREFIX)},
        "owners": list(spec.owners),
        "code_version": spec.code_version,
        "metadata": lenient_metadata(spec.metadata),
        "is_external": asset.is_external,
        "deps": [*loaded, *ordering],
        "io_manager_key": asset.io_manager_key if known else DEFAULT_IO_MANAGER_KEY,
        "stores_output": asset.stores_output,
        "required_resources": list(asset.required_resources),
        "config": _asset_config(asset),
        "partitions": None,
        "source": _source(asset),
        **(StepOptions() if asset.definition is None else asset.definition.options).to_json(),
    }


def _asset_config(asset: ResolvedAsset) -> list[dict[str, Any]]:
    if asset.definition is None:
        return []
    if asset.definition.function.config_class is not None:
        return describe_model(asset.definition.function.config_class)
    field = asset.definition.config_field
    return [] if field is None else describe_schema(field, None)


def _source(asset: ResolvedAsset) -> dict[str, Any] | None:
    source = None if asset.definition is None else asset.definition.source
    if source is None:
        return None
    relative = os.path.relpath(source.file)
    file = source.file if relative.startswith(os.pardir) else relative
    return {"file": file, "line": source.line, "last_line": source.last_line}


def lenient_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """Metadata of a definition, which may hold anything: what cannot be stored is shown as text."""
    result: dict[str, Any] = {}
    for label, value in metadata.items():
        try:
            result.update(to_json({label: value}))
        except DagsterInvalidMetadata:
            result.update(to_json({label: short_repr(value)}))
    return result


def _resource(key: str, definition: ResourceDefinition, definitions: ResolvedDefinitions) -> dict[str, Any]:
    return {
        "key": key,
        "type": definition.type_name,
        "description": definition.description,
        "is_io_manager": definition.is_io_manager,
        "in_memory": definitions.is_in_memory(key),
        "format": definitions.format_of(key),
        "nested": sorted(
            {*nested_keys(definition, definitions.resources), *definition.required_resource_keys}
        ),
        "config": [*definition.described_config(), *_anonymous_nested(definition, definitions)],
    }


def _anonymous_nested(
    definition: ResourceDefinition, definitions: ResolvedDefinitions
) -> list[dict[str, Any]]:
    """The config of nested resources without a key of their own, under the field's name."""
    from headrace.resource_coercion import to_resource_definition

    top_level = [getattr(each, "configurable", each) for each in definitions.resources.values()]
    entries = []
    for name, value in definition.nested_values().items():
        if any(value is each for each in top_level):
            continue
        nested = to_resource_definition(value)
        for entry in [*nested.described_config(), *_anonymous_nested(nested, definitions)]:
            entries.append({**entry, "name": f"{name}.{entry['name']}"})
    return entries


def unset_env_vars(definition: ResourceDefinition) -> list[str]:
    """The variables that a resource names and that are not set in this process."""
    return sorted(name for name in definition.env_var_names() if name not in os.environ)


__all__ = ["describe", "env_vars_in", "lenient_metadata", "unset_env_vars"]
