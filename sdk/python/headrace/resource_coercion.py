"""Turning whatever is given as a resource into a resource definition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headrace.annotations import is_class
from headrace.errors import DagsterInvalidDefinitionError
from headrace.resource_definition import ResourceDefinition


def to_resource_definition(value: Any, key: str = "") -> ResourceDefinition:
    """The definition behind `value`: definitions as they are, configured classes, IO managers, any other object."""
    from headrace.io_manager import IOManager, IOManagerDefinition
    from headrace.resource import ConfigurableResourceFactory, PartialResource

    if isinstance(value, ResourceDefinition):
        return value
    if isinstance(value, (ConfigurableResourceFactory, PartialResource)):
        return value.get_resource_definition()
    if is_class(value) and issubclass(value, ConfigurableResourceFactory):
        raise DagsterInvalidDefinitionError(
            f'The resource "{key}" is the class {value.__name__}; give an instance: {value.__name__}(…).'
        )
    if isinstance(value, IOManager):
        return IOManagerDefinition.hardcoded_io_manager(value)
    return ResourceDefinition.hardcoded_resource(value)


def to_resource_definitions(values: Mapping[str, Any]) -> dict[str, ResourceDefinition]:
    """Definitions by key."""
    return {key: to_resource_definition(value, key) for key, value in values.items()}
