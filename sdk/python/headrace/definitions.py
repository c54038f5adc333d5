"""`Definitions`: all that a code location offers."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from headrace import check
from headrace.asset_key import AssetKey
from headrace.asset_spec import AssetSpec
from headrace.assets_definition import AssetsDefinition
from headrace.errors import DagsterInvariantViolationError
from headrace.executor_definition import ExecutorDefinition
from headrace.metadata import normalize_metadata
from headrace.not_yet import refuse_parameters
from headrace.resource_coercion import to_resource_definitions
from headrace.resource_definition import ResourceDefinition
from headrace.source_asset import SourceAsset

# Methods of features that are still to come.
_NOT_YET = frozenset(
    """get_job_def resolve_job_def get_sensor_def resolve_sensor_def get_schedule_def resolve_schedule_def
    get_implicit_global_asset_job_def resolve_implicit_global_asset_job_def get_all_job_defs resolve_all_job_defs
    get_asset_graph resolve_asset_graph permissive_map_resolved_asset_specs map_resolved_asset_specs schedules sensors
    jobs loggers asset_checks component_tree get_component_tree""".split()
)
_ASSET_KINDS = (AssetsDefinition, AssetSpec, SourceAsset)


class Definitions:
    """The assets and resources of a code location; a module has one, in a variable.

    Making it checks little, so that a module can be imported without its resources; the whole is checked when it is
    loaded (`validate_loadable`, the daemon, or a run).
    """

    def __init__(
        self,
        assets: Iterable[Any] | None = None,
        schedules: Iterable[Any] | None = None,
        sensors: Iterable[Any] | None = None,
        jobs: Iterable[Any] | None = None,
        resources: Mapping[str, Any] | None = None,
        executor: Any = None,
        loggers: Mapping[str, Any] | None = None,
        asset_checks: Iterable[Any] | None = None,
        metadata: Mapping[str, Any] | None = None,
        component_tree: Any = None,
    ) -> None:
        refuse_parameters(
            "Definitions",
            {
                "schedules": _listed(schedules),
                "sensors": _listed(sensors),
                "jobs": _listed(jobs),
                "loggers": loggers,
                "asset_checks": _listed(asset_checks),
                "component_tree": component_tree,
            },
        )
        self._assets = flat_assets(assets, "assets")
        self._resources = check.opt_mapping(resources, "resources")
        self._metadata = normalize_metadata(metadata)
        self._executor = check.opt_inst(executor, "executor", ExecutorDefinition)
        self._resource_definitions: dict[str, ResourceDefinition] | None = None

    @property
    def assets(self) -> list[Any]:
        """The assets, as they were given."""
        return list(self._assets)

    @property
    def resources(self) -> dict[str, Any]:
        """The resources, as they were given."""
        return dict(self._resources)

    @property
    def metadata(self) -> dict[str, Any]:
        """Metadata of the code location."""
        return dict(self._metadata)

    @property
    def executor(self) -> ExecutorDefinition | None:
        """How steps are run; None: as Headrace does by itself."""
        return self._executor

    @property
    def resource_definitions(self) -> dict[str, ResourceDefinition]:
        """The resources as definitions."""
        if self._resource_definitions is None:
            self._resource_definitions = to_resource_definitions(self._resources)
        return self._resource_definitions

    @staticmethod
    def merge(*def_sets: Definitions) -> Definitions:
        """All of several definitions. The same resource key with different objects is an error."""
        assets: list[Any] = []
        resources: dict[str, Any] = {}
        metadata: dict[str, Any] = {}
        executor: ExecutorDefinition | None = None
        for number, each in enumerate(def_sets):
            check.inst(each, f"def_sets[{number}]", Definitions)
            assets.extend(each._assets)
            for key, value in each._resources.items():
                if key in resources and resources[key] is not value:
                    raise DagsterInvariantViolationError(
                        f'Definitions cannot be merged: the resource "{key}" is not the same object in all of them.'
                    )
                resources[key] = value
            metadata.update(each._metadata)
            if executor is not None and each._executor not in (None, executor):
                raise DagsterInvariantViolationError(
                    "Definitions cannot be merged: more than one of them has an executor."
                )
            executor = executor or each._executor
        return Definitions(assets=assets, resources=resources, executor=executor, metadata=metadata)

    @staticmethod
    def merge_unbound_defs(*def_sets: Definitions) -> Definitions:
        """The same as `merge`."""
        return Definitions.merge(*def_sets)

    @staticmethod
    def validate_loadable(defs: Definitions) -> None:
        """Check the whole; raises what loading it would."""
        resolved = check.inst(defs, "defs", Definitions).resolved()
        resolved.check_upstreams()

    def resolved(self) -> Any:
        """The definitions, checked."""
        from headrace.resolved import ResolvedDefinitions

        return ResolvedDefinitions.resolve(self)

    def get_all_asset_specs(self) -> list[AssetSpec]:
        """The specs of all assets."""
        return [_full_spec(each) for each in self._assets]

    resolve_all_asset_specs = get_all_asset_specs

    def get_assets_def(self, key: Any) -> AssetsDefinition:
        """The asset with this key."""
        wanted = AssetKey.from_coercible(key)
        for each in self._assets:
            if each.key == wanted and isinstance(each, AssetsDefinition):
                return each
        names = [each.key.to_user_string() for each in self._assets]
        hint = check.did_you_mean(wanted.to_user_string(), names)
        raise DagsterInvariantViolationError(
            f'There is no asset "{wanted.to_user_string()}" with a function.{hint}'
        )

    resolve_assets_def = get_assets_def

    def get_repository_def(self) -> Any:
        """The definitions, checked as the daemon checks them when it loads the code location."""
        resolved = self.resolved()
        resolved.check_upstreams()
        return resolved

    def __getattr__(self, name: str) -> Any:
        if name in _NOT_YET:
            raise AttributeError(f"headrace has no `Definitions.{name}` yet.")
        raise AttributeError(f"Definitions has no attribute {name!r}")

    def map_asset_specs(
        self, *, func: Callable[[AssetSpec], AssetSpec], selection: Any = None
    ) -> Definitions:
        """A copy whose assets' specs are what `func` makes of them."""
        if selection is not None:
            raise DagsterInvariantViolationError(
                "headrace has no `selection` for map_asset_specs yet: leave it out."
            )
        return Definitions(
            assets=map_asset_specs(func, self._assets),
            resources=self._resources,
            executor=self._executor,
            metadata=self._metadata,
        )

    def load_asset_value(
        self,
        asset_key: Any,
        *,
        python_type: Any = None,
        instance: Any = None,
        partition_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Any:
        """The stored value of an asset, loaded by its IO manager in this process."""
        with self.get_asset_value_loader(instance) as loader:
            return loader.load_asset_value(
                asset_key, python_type=python_type, partition_key=partition_key, metadata=metadata
            )

    @contextlib.contextmanager
    def get_asset_value_loader(self, instance: Any = None) -> Iterator[AssetValueLoader]:
        """Loads several values; resources are set up once, and torn down at the end of the `with` block."""
        from headrace.resource_scope import ResourceScope

        if instance is not None:
            raise DagsterInvariantViolationError(
                "headrace has no `DagsterInstance` yet: leave out `instance`."
            )
        resolved = self.resolved()
        with contextlib.closing(ResourceScope(resolved.resources)) as scope:
            yield AssetValueLoader(resolved, scope)

    def __repr__(self) -> str:
        return f"Definitions({len(self._assets)} assets, resources {sorted(self._resources)})"


class AssetValueLoader:
    """Loads stored values of assets; made by `Definitions.get_asset_value_loader`."""

    def __init__(self, resolved: Any, scope: Any) -> None:
        self._resolved = resolved
        self._scope = scope

    def load_asset_value(
        self,
        asset_key: Any,
        *,
        python_type: Any = None,
        partition_key: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        resource_config: Any = None,
    ) -> Any:
        """The stored value of an asset."""
        from headrace.load_value import load_value
        from headrace.log import get_log_manager

        refuse_parameters("load_asset_value", {"resource_config": resource_config})
        return load_value(
            self._resolved,
            self._scope,
            AssetKey.from_coercible_or_definition(asset_key),
            python_type=python_type,
            partition=partition_key,
            metadata=check.opt_mapping(metadata, "metadata"),
            log=get_log_manager(lambda level, message: None),
        )


def _listed(values: Iterable[Any] | None) -> list[Any] | None:
    return None if values is None else list(values)


def flat_assets(values: Iterable[Any] | None, name: str) -> list[Any]:
    """A list of assets, checked; a list inside (as loaders return) is an error that says what to do."""
    result: list[Any] = []
    for number, each in enumerate(check.opt_sequence(values, name)):
        if isinstance(each, (list, tuple)) and all(isinstance(one, _ASSET_KINDS) for one in each):
            raise check.CheckError(
                f"{name}[{number}] is a list of assets. Put a star before it ({name}=[*…]), or add the lists."
            )
        if not isinstance(each, _ASSET_KINDS):
            hint = " A plain function must be decorated with @asset." if callable(each) else ""
            raise check.CheckError(f"{check.wrong_type(each, f'{name}[{number}]', _ASSET_KINDS)}{hint}")
        result.append(each)
    return result


def _full_spec(asset: Any) -> AssetSpec:
    if isinstance(asset, AssetsDefinition):
        return asset.get_asset_spec()
    return asset.to_spec() if isinstance(asset, SourceAsset) else asset


def map_asset_specs(func: Callable[[AssetSpec], AssetSpec], iterable: Iterable[Any]) -> list[Any]:
    """Assets and specs, each with the spec that `func` makes of its own."""
    return [
        each.map_asset_specs(func) if isinstance(each, AssetsDefinition) else func(_full_spec(each))
        for each in iterable
    ]


def with_resources(
    definitions: Iterable[Any],
    resource_defs: Mapping[str, Any],
    resource_config_by_key: Mapping[str, Any] | None = None,
) -> list[Any]:
    """Assets with resources bound to them."""
    refuse_parameters("with_resources", {"resource_config_by_key": resource_config_by_key})
    bound = to_resource_definitions(check.opt_mapping(resource_defs, "resource_defs"))
    return [
        each.with_resources(bound) if isinstance(each, AssetsDefinition) else each for each in definitions
    ]
