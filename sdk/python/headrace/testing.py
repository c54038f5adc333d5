"""Contexts for calling an asset's function directly in a test."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

from headrace import check
from headrace.asset_context import AssetExecutionContext, StepState
from headrace.assets_definition import AssetsDefinition
from headrace.init_resource_context import ScopedResources
from headrace.log import get_log_manager
from headrace.not_yet import refuse_parameters
from headrace.output import AssetMaterialization, AssetObservation
from headrace.resource_coercion import to_resource_definitions
from headrace.resource_scope import ResourceScope
from headrace.run import DagsterRun

__all__ = ["DirectAssetExecutionContext", "build_asset_context"]


class DirectAssetExecutionContext(AssetExecutionContext, contextlib.AbstractContextManager):
    """A context for `my_asset(build_asset_context(), …)`; afterwards it tells what the function recorded.

    Given resources are set up on first use. Use it in a `with` block to have them torn down.
    """

    def __init__(self, state: StepState, scope: ResourceScope, asset_config: Any) -> None:
        super().__init__(state)
        self._scope = scope
        self._asset_config = asset_config
        self._user_events: list[AssetMaterialization | AssetObservation] = []
        state.emit = self._user_events.append

    def bind(self, asset: AssetsDefinition, config: Any) -> None:
        """Make this the context of an asset that is called now."""
        self._state.asset = asset
        self._state.op_config = config

    @property
    def resources(self) -> ScopedResources:
        """The given resources."""
        return self._scope.resources(self._scope.definitions)

    @property
    def op_config(self) -> Any:
        """The given config."""
        return self._asset_config if self._state.op_config is None else self._state.op_config

    def get_events(self) -> list[AssetMaterialization | AssetObservation]:
        """What the function recorded with `log_event`."""
        return list(self._user_events)

    def consume_events(self) -> list[AssetMaterialization | AssetObservation]:
        """What the function recorded with `log_event`; it is forgotten here."""
        events = list(self._user_events)
        self._user_events.clear()
        return events

    def __enter__(self) -> DirectAssetExecutionContext:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._scope.close()


def build_asset_context(
    resources: Mapping[str, Any] | None = None,
    resources_config: Mapping[str, Any] | None = None,
    asset_config: Mapping[str, Any] | None = None,
    instance: Any = None,
    partition_key: str | None = None,
    partition_key_range: Any = None,
    run_tags: Mapping[str, str] | None = None,
    event_loop: Any = None,
) -> DirectAssetExecutionContext:
    """A context for calling an asset's function directly in a test."""
    refuse_parameters(
        "build_asset_context",
        {"instance": instance, "partition_key_range": partition_key_range, "event_loop": event_loop},
    )
    run = DagsterRun("EPHEMERAL", "__ephemeral_run__", {}, check.opt_str_mapping(run_tags, "run_tags"))
    scope = ResourceScope(
        to_resource_definitions(check.opt_mapping(resources, "resources")),
        resource_config=check.opt_mapping(resources_config, "resources_config"),
        run=run,
    )
    state = StepState(
        run=run,
        resources=ScopedResources({}),
        log=get_log_manager(),
        partition=check.opt_str(partition_key, "partition_key"),
    )
    return DirectAssetExecutionContext(state, scope, asset_config)
