"""Loading an asset's value outside of a step's inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.asset_key import AssetKey
from headrace.asset_spec import IO_MANAGER_KEY_LABEL
from headrace.dagster_type import Any as AnyType
from headrace.dagster_type import resolve_type
from headrace.errors import DagsterInvariantViolationError
from headrace.init_resource_context import ScopedResources
from headrace.input_context import InputContext
from headrace.output_context import EPHEMERAL_RUN_ID, OutputContext
from headrace.resource_scope import ResourceScope

if TYPE_CHECKING:
    from headrace.resolved import ResolvedDefinitions


def load_value(
    resolved: ResolvedDefinitions,
    scope: ResourceScope,
    key: AssetKey,
    *,
    python_type: Any = None,
    partition: str | None = None,
    metadata: dict[str, Any] | None = None,
    log: Any = None,
) -> Any:
    """The stored value of any asset of this code location, by its IO manager."""
    if not resolved.has_asset(key):
        names = [each.key.to_user_string() for each in resolved.assets]
        raise DagsterInvariantViolationError(
            f'There is no asset "{key.to_user_string()}".{check.did_you_mean(key.to_user_string(), names)}'
        )
    asset = resolved.asset(key)
    manager_key = asset.io_manager_key
    partitions = None if partition is None else [partition]
    upstream = OutputContext(
        step_key="none",
        name=key.path[-1],
        run_id=EPHEMERAL_RUN_ID,
        definition_metadata={**asset.spec.metadata, IO_MANAGER_KEY_LABEL: manager_key},
        dagster_type=asset.definition.output_type if asset.definition else AnyType,
        log=log,
        resources=ScopedResources({}),
        asset_key=key,
        asset_spec=asset.spec,
        asset_partition_keys=partitions,
    )
    context = InputContext(
        definition_metadata=metadata,
        upstream_output=upstream,
        dagster_type=AnyType if python_type is None else resolve_type(python_type),
        log=log,
        resource_config=None,
        resources=scope.resources(resolved.resources[manager_key].required_resource_keys),
        asset_key=key,
        partition_key=partition,
        asset_partition_keys=partitions,
    )
    manager = scope.get(manager_key)
    context._resource_config = scope.config_of(manager_key)
    return manager.load_input(context)
