"""Running assets in this process, without a daemon: for tests, notebooks and scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.asset_key import AssetKey
from headrace.assets_definition import AssetsDefinition
from headrace.definitions import flat_assets
from headrace.errors import DagsterInvalidSubsetError, DagsterInvariantViolationError
from headrace.memory_io_manager import mem_io_manager
from headrace.not_yet import refuse_parameters
from headrace.resolved import ResolvedAsset, ResolvedDefinitions, resolve
from headrace.resource_coercion import to_resource_definitions
from headrace.run import plain_run_config
from headrace.storage_folder import temporary_storage

if TYPE_CHECKING:
    from headrace.execution_result import ExecuteInProcessResult


def materialize(
    assets: Sequence[Any],
    run_config: Any = None,
    instance: Any = None,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | None = None,
    raise_on_error: bool = True,
    tags: Mapping[str, str] | None = None,
    selection: Any = None,
) -> ExecuteInProcessResult:
    """Make assets in this process, upstream first.

    Without an IO manager in `resources`, values are stored in a temporary folder (or `HEADRACE_STORAGE`). With
    `raise_on_error` (the default) the first error is raised as it is; otherwise it is in the result, and assets that
    do not need the failed one are made. `selection`: keys of the assets to make; the others only provide inputs.
    """
    from headrace.in_process_run import (
        InProcessRun,
    )  # here, for code locations import this module and never use it

    refuse_parameters("materialize", {"instance": instance, "partition_key": partition_key})
    given = flat_assets(assets, "assets")
    bound = to_resource_definitions(check.opt_mapping(resources, "resources"))
    for each in given:
        if isinstance(each, AssetsDefinition):
            each.with_resources({key: bound[key] for key in bound if key in each.resource_defs})
    resolved = resolve(given, bound)
    resolved.check_upstreams()
    steps = _ordered(resolved, _selected(resolved, selection))
    run = InProcessRun(resolved, steps, plain_run_config(run_config), check.opt_str_mapping(tags, "tags"))
    with temporary_storage():
        return run.execute(raise_on_error)


def materialize_to_memory(
    assets: Sequence[Any],
    run_config: Any = None,
    instance: Any = None,
    resources: Mapping[str, Any] | None = None,
    partition_key: str | None = None,
    raise_on_error: bool = True,
    tags: Mapping[str, str] | None = None,
    selection: Any = None,
) -> ExecuteInProcessResult:
    """Like `materialize`, but values stay in memory, whatever IO managers the assets name."""
    given = flat_assets(assets, "assets")
    keys = sorted(
        {each.io_manager_key for each in given if isinstance(each, AssetsDefinition)} | {"io_manager"}
    )
    named = check.opt_mapping(resources, "resources")
    for key in keys:
        if key in named:
            raise DagsterInvariantViolationError(
                f'materialize_to_memory was given a resource for the IO manager key "{key}". Leave it out: values stay in '
                "memory, whatever IO manager an asset names."
            )
    unbound = [_without_io_managers(each, keys) for each in given]
    return materialize(
        unbound,
        run_config=run_config,
        instance=instance,
        resources={**named, **dict.fromkeys(keys, mem_io_manager)},
        partition_key=partition_key,
        raise_on_error=raise_on_error,
        tags=tags,
        selection=selection,
    )


def _without_io_managers(asset: Any, keys: list[str]) -> Any:
    if not isinstance(asset, AssetsDefinition) or not any(key in asset.resource_defs for key in keys):
        return asset
    return asset.with_attributes(
        resource_defs={key: each for key, each in asset.resource_defs.items() if key not in keys}
    )


def _selected(resolved: ResolvedDefinitions, selection: Any) -> list[ResolvedAsset]:
    """The assets to make; unknown keys are refused by name."""
    makeable = [each for each in resolved.assets if not each.is_external]
    if selection is None or selection == "*":
        return makeable
    names = {each.key.to_user_string(): each for each in makeable}
    chosen: dict[AssetKey, ResolvedAsset] = {}
    for each in _selection_items(selection):
        text = each if isinstance(each, str) else AssetKey.from_coercible_or_definition(each).to_user_string()
        if text not in names:
            raise DagsterInvalidSubsetError(
                f'The selection names "{text}", which is none of the given assets.{check.did_you_mean(text, names)} '
                "(Here a selection is a list of keys; the selection language is for the command line and the page.)"
            )
        chosen[names[text].key] = names[text]
    if not chosen:
        raise DagsterInvalidSubsetError("The selection is empty: there is nothing to make.")
    return list(chosen.values())


def _selection_items(selection: Any) -> Iterable[Any]:
    if isinstance(selection, str):
        return [selection]
    return (
        [selection]
        if isinstance(selection, (AssetKey, AssetsDefinition))
        else check.opt_sequence(selection, "selection")
    )


def _ordered(resolved: ResolvedDefinitions, selected: list[ResolvedAsset]) -> list[ResolvedAsset]:
    """Upstream before downstream, else in the given order; assets between two selected ones count."""
    order: list[ResolvedAsset] = []
    state: dict[AssetKey, bool] = {}
    for start in selected:
        pending = [(start.key, False)]
        while pending:
            key, upstream_done = pending.pop()
            if upstream_done:
                order.append(resolved.asset(key))
            elif key not in state and resolved.has_asset(key):
                state[key] = True
                pending.append((key, True))
                pending.extend((each, False) for each in reversed(resolved.asset(key).upstream_keys))
    chosen = {each.key for each in selected}
    return [each for each in order if each.key in chosen]
