"""Definitions after checking: every name resolved, ready to be described and executed.

`ResolvedDefinitions.resolve` is the one place where definition errors that need the whole
picture are found: duplicate keys, cycles, unknown IO managers and resources.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.asset_key import AssetKey
from headrace.asset_spec import (
    DEFAULT_GROUP,
    DEFAULT_IO_MANAGER_KEY,
    IO_MANAGER_KEY_LABEL,
    TABLE_NAME_LABEL,
    AssetSpec,
)
from headrace.assets_definition import AssetsDefinition
from headrace.dagster_type import DagsterType
from headrace.errors import DagsterInvalidDefinitionError
from headrace.executor_definition import ExecutorDefinition, worker_executor
from headrace.filesystem_io_manager import default_io_manager_definition
from headrace.io_manager import InputManagerDefinition
from headrace.resource_coercion import to_resource_definitions
from headrace.resource_definition import ResourceDefinition
from headrace.source_asset import SourceAsset

if TYPE_CHECKING:
    from headrace.definitions import Definitions


@dataclass
class ResolvedInput:
    """A loaded input, its upstream key resolved."""

    name: str
    key: AssetKey
    dagster_type: DagsterType
    metadata: dict[str, Any]
    input_manager_key: str | None


@dataclass
class ResolvedAsset:
    """One asset of this code location."""

    key: AssetKey
    step_key: str
    spec: AssetSpec
    definition: AssetsDefinition | None
    io_manager_key: str
    inputs: list[ResolvedInput] = field(default_factory=list)
    # Upstream assets that are not loaded.
    ordering_deps: list[AssetKey] = field(default_factory=list)
    # Every resource that making the asset needs, those that resources need included.
    required_resources: list[str] = field(default_factory=list)

    @property
    def is_external(self) -> bool:
        """Whether nothing here makes the asset."""
        return self.definition is None

    @property
    def group(self) -> str:
        """The asset's group."""
        return self.spec.group_name or DEFAULT_GROUP

    @property
    def stores_output(self) -> bool:
        """Whether the function's value goes to an IO manager."""
        return self.definition is not None and not self.definition.output_type.is_nothing

    @property
    def upstream_keys(self) -> list[AssetKey]:
        """All upstream keys."""
        return list(dict.fromkeys([*(each.key for each in self.inputs), *self.ordering_deps]))


class ResolvedDefinitions:
    """All assets and resources of one code location, checked."""

    def __init__(
        self,
        assets: list[ResolvedAsset],
        resources: dict[str, ResourceDefinition],
        default_resources: frozenset[str] = frozenset(),
        executor: ExecutorDefinition | None = None,
    ) -> None:
        self.assets = assets
        self.resources = resources
        # The keys that nobody gave: they are shown only where an asset uses them.
        self.default_resources = default_resources
        self.executor = executor or worker_executor()
        self.asset_keys = tuple(asset.key for asset in assets)
        self._by_key = {asset.key: asset for asset in assets}

    @staticmethod
    def resolve(defs: Definitions) -> ResolvedDefinitions:
        """Check `defs` and resolve it; raises the definition errors of `headrace.errors`."""
        return resolve(defs.assets, defs.resource_definitions, defs.executor)

    def asset(self, key: AssetKey) -> ResolvedAsset:
        """The asset with this key; `KeyError` when there is none."""
        return self._by_key[key]

    def has_asset(self, key: AssetKey) -> bool:
        """Whether this code location defines the asset."""
        return key in self._by_key

    def load_manager_key(self, resolved_input: ResolvedInput) -> str | None:
        """The resource that loads an input; None where the upstream asset is not of this code location."""
        if resolved_input.input_manager_key is not None:
            return resolved_input.input_manager_key
        upstream = self._by_key.get(resolved_input.key)
        return None if upstream is None else upstream.io_manager_key

    def is_in_memory(self, resource_key: str) -> bool:
        """Whether an IO manager's values live in one process only."""
        return bool(getattr(self.resources.get(resource_key), "in_memory", False))

    def format_of(self, resource_key: str) -> str | None:
        """What an IO manager stores values as, where it is one of ours."""
        definition = self.resources.get(resource_key)
        kind = getattr(getattr(definition, "resource_cls", None), "_format", None)
        return getattr(kind, "name", None) or getattr(definition, "stored_format", None)

    def check_upstreams(self) -> None:
        """Refuse loaded inputs that nothing here defines; the daemon asks this over all code locations instead."""
        names = [key.to_user_string() for key in self._by_key]
        for asset in self.assets:
            for each in asset.inputs:
                if each.key not in self._by_key:
                    hint = check.did_you_mean(each.key.to_user_string(), names) + _unread(asset, each.name)
                    raise DagsterInvalidDefinitionError(
                        f'Input asset "{each.key.to_string()}" of asset "{asset.key.to_user_string()}" is not produced '
                        f"by any of the provided asset ops and is not one of the provided sources.{hint}"
                    )

    def secret_values(self) -> set[str]:
        """Literal secrets in the resources' config, for masking; variables that are set count with their values."""
        return {
            secret
            for definition in self.resources.values()
            for secret in definition.secret_values()
            if secret
        }

    def describe(self) -> dict[str, Any]:
        """The definitions as the code location protocol wants them (section 6)."""
        from headrace.describe import describe

        return describe(self)


def _unread(asset: ResolvedAsset, parameter: str) -> str:
    """A parameter that was meant to be a resource may have an annotation that could not be evaluated."""
    unread = asset.definition.function.unread_annotations if asset.definition is not None else {}
    if parameter not in unread:
        return ""
    return (
        f" (If it is a resource: its annotation `{unread[parameter]}` names nothing in the function's module, "
        "so that it could not be read.)"
    )


def resolve(
    assets: Iterable[Any],
    top_level: dict[str, ResourceDefinition],
    executor: ExecutorDefinition | None = None,
) -> ResolvedDefinitions:
    """Check assets and resources against each other."""
    unique = _unique_assets(assets)
    resources = _all_resources(unique, top_level)
    names = _InputNames(unique)
    steps = _step_keys(unique)
    resolved = [_resolved_asset(each, steps, names) for each in unique]
    given = {*top_level, *(key for each in unique for key in getattr(each, "resource_defs", ()))}
    definitions = ResolvedDefinitions(resolved, resources, frozenset(resources.keys() - given), executor)
    _check_cycles(definitions)
    _check_resources(definitions)
    for asset in resolved:
        asset.required_resources = _required_resources(asset, definitions)
    return definitions


def _unique_assets(assets: Iterable[Any]) -> list[Any]:
    """The same object once; two objects with one key are an error."""
    by_key: dict[AssetKey, Any] = {}
    for each in assets:
        known = by_key.get(each.key)
        if known is None or known is each:
            by_key[each.key] = each
        elif isinstance(known, AssetSpec) and isinstance(each, AssetSpec) and known == each:
            continue
        else:
            places = "".join(f"\n  {_place(one)}" for one in (known, each))
            raise DagsterInvalidDefinitionError(
                f"Duplicate asset key: {each.key!r}. Two definitions have it:{places}"
            )
    return list(by_key.values())


def _place(asset: Any) -> str:
    source = asset.source if isinstance(asset, AssetsDefinition) else None
    return (
        f"{source.file}, line {source.line}"
        if source is not None
        else f"{type(asset).__name__} without a function"
    )


def _step_keys(assets: list[Any]) -> dict[AssetKey, str]:
    """One step name for each asset that has a function; names that would clash are numbered."""
    taken: set[str] = set()
    result: dict[AssetKey, str] = {}
    for key in sorted(each.key for each in assets):
        base = name = key.to_python_identifier()
        number = 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        result[key] = name
    return result


def spec_of(asset: Any) -> AssetSpec:
    """The spec of anything that `Definitions(assets=…)` takes."""
    if isinstance(asset, AssetsDefinition):
        return asset._spec
    return asset.to_spec() if isinstance(asset, SourceAsset) else asset


class _InputNames:
    """Finds the asset that a parameter means when no asset has the one-part key of its name."""

    def __init__(self, assets: list[Any]) -> None:
        self._keys = {each.key for each in assets}
        self._by_group_and_name: dict[tuple[str, str], list[AssetKey]] = {}
        self._by_table: dict[str, list[AssetKey]] = {}
        for each in assets:
            spec = spec_of(each)
            slot = (spec.group_name or DEFAULT_GROUP, each.key.parts[-1])
            self._by_group_and_name.setdefault(slot, []).append(each.key)
            table = spec.metadata.get(TABLE_NAME_LABEL)
            if table is not None:
                self._by_table.setdefault(str(getattr(table, "value", table)), []).append(each.key)

    def find(self, key: AssetKey, group: str, is_implicit: bool) -> AssetKey:
        if key in self._keys or not is_implicit:
            return key
        candidates = self._by_group_and_name.get((group, key.parts[-1]), []) or self._by_table.get(
            key.parts[-1], []
        )
        return candidates[0] if len(candidates) == 1 else key


def _resolved_asset(asset: Any, steps: dict[AssetKey, str], names: _InputNames) -> ResolvedAsset:
    spec = spec_of(asset)
    if not isinstance(asset, AssetsDefinition):
        io_manager_key = spec.metadata.get(IO_MANAGER_KEY_LABEL, DEFAULT_IO_MANAGER_KEY)
        deps = [dep.asset_key for dep in spec.deps]
        return ResolvedAsset(asset.key, steps[asset.key], spec, None, str(io_manager_key), ordering_deps=deps)
    group = spec.group_name or DEFAULT_GROUP
    inputs = [
        ResolvedInput(
            each.name,
            names.find(each.key, group, each.is_implicit),
            each.dagster_type,
            each.metadata,
            each.input_manager_key,
        )
        for each in asset.inputs
    ]
    loaded = {each.key for each in inputs}
    ordering = [dep.asset_key for dep in spec.deps if dep.asset_key not in loaded]
    return ResolvedAsset(asset.key, steps[asset.key], spec, asset, asset.io_manager_key, inputs, ordering)


def _all_resources(
    assets: list[Any], top_level: dict[str, ResourceDefinition]
) -> dict[str, ResourceDefinition]:
    """Resources bound to assets win over top-level ones; one key cannot mean two things to assets that use it."""
    bound: dict[str, ResourceDefinition] = {}
    owner: dict[str, AssetKey] = {}
    for each in assets:
        for key, definition in to_resource_definitions(getattr(each, "resource_defs", None) or {}).items():
            if key in bound and _object(bound[key]) is not _object(definition):
                raise _two_meanings(key, each.key, f"asset {owner[key].to_user_string()}")
            bound[key] = definition
            owner[key] = each.key
    for key in bound:
        if key not in top_level or _object(top_level[key]) is _object(bound[key]):
            continue
        user = _other_user(key, assets, top_level)
        if user is not None:
            raise _two_meanings(key, owner[key], f"the top level of the definitions, which {user} uses")
    resources = {**top_level, **bound}
    resources.setdefault(DEFAULT_IO_MANAGER_KEY, default_io_manager_definition())
    return resources


def _two_meanings(key: str, asset: AssetKey, other: str) -> DagsterInvalidDefinitionError:
    return DagsterInvalidDefinitionError(
        f'The resource "{key}" of asset {asset.to_user_string()} is another one than that of {other}. '
        "Give them different names."
    )


def _other_user(key: str, assets: list[Any], top_level: dict[str, ResourceDefinition]) -> str | None:
    """Who means the top-level resource `key`, although assets have one of their own under that name."""
    for each in assets:
        if not isinstance(each, AssetsDefinition) or key in each.resource_defs:
            continue
        managers = {each.io_manager_key, *(one.input_manager_key for one in each.inputs)}
        if key in each.required_resource_keys or key in managers:
            return f"asset {each.key.to_user_string()}"
    for name, definition in top_level.items():
        if key in definition.required_resource_keys:
            return f'the resource "{name}"'
    return None


def _object(definition: ResourceDefinition) -> Any:
    """The object that a definition was made from."""
    return getattr(definition, "configurable", definition)


def _check_cycles(definitions: ResolvedDefinitions) -> None:
    done: set[AssetKey] = set()
    for asset in definitions.assets:
        path: list[AssetKey] = []
        _walk(definitions, asset.key, path, done)


def _walk(
    definitions: ResolvedDefinitions, start: AssetKey, path: list[AssetKey], done: set[AssetKey]
) -> None:
    """Depth first without recursion, as graphs may be deep."""
    pending = [(start, iter(_known_upstream(definitions, start)))] if start not in done else []
    path.extend(key for key, _ in pending)
    on_path = set(path)
    while pending:
        key, upstream = pending[-1]
        following = next(upstream, None)
        if following is None:
            pending.pop()
            on_path.discard(path.pop())
            done.add(key)
        elif following in on_path:
            circle = [*path[path.index(following) :], following]
            names = " → ".join(each.to_user_string() for each in reversed(circle))
            raise DagsterInvalidDefinitionError(f"Assets depend on each other in a circle: {names}.")
        elif following not in done:
            pending.append((following, iter(_known_upstream(definitions, following))))
            path.append(following)
            on_path.add(following)


def _known_upstream(definitions: ResolvedDefinitions, key: AssetKey) -> list[AssetKey]:
    return [each for each in definitions.asset(key).upstream_keys if definitions.has_asset(each)]


def _check_resources(definitions: ResolvedDefinitions) -> None:
    resources = definitions.resources
    for key, definition in resources.items():
        for needed in sorted(definition.required_resource_keys):
            _check_exists(needed, f'the resource "{key}"', resources)
        _check_partial_nested(key, definition, resources)
    _check_resource_cycles(resources)
    for asset in definitions.assets:
        shown = f'asset "{asset.key.to_user_string()}"'
        if asset.definition is not None:
            _check_io_manager(
                asset.io_manager_key, f"output 'result' of op '{asset.step_key}' ({shown})", resources
            )
            for needed in sorted(asset.definition.required_resource_keys):
                _check_exists(needed, shown, resources)
        for each in asset.inputs:
            manager = definitions.load_manager_key(each)
            if manager is not None:
                where = f"input '{each.name}' of op '{asset.step_key}' ({shown})"
                _check_io_manager(manager, where, resources, may_only_load=True)


def _check_resource_cycles(resources: dict[str, ResourceDefinition]) -> None:
    done: set[str] = set()

    def visit(key: str, path: list[str]) -> None:
        if key in path:
            circle = " → ".join([*path[path.index(key) :], key])
            raise DagsterInvalidDefinitionError(f"Resources need each other in a circle: {circle}.")
        if key in done or key not in resources:
            return
        for needed in sorted(resources[key].required_resource_keys):
            visit(needed, [*path, key])
        done.add(key)

    for key in sorted(resources):
        visit(key, [])


def _check_exists(key: str, by: str, resources: dict[str, ResourceDefinition]) -> None:
    if key not in resources:
        raise DagsterInvalidDefinitionError(
            f'The resource "{key}" is required by {by} but was not provided.{check.did_you_mean(key, resources)} '
            f"Provided: {', '.join(sorted(resources))}."
        )


def _check_io_manager(
    key: str, by: str, resources: dict[str, ResourceDefinition], *, may_only_load: bool = False
) -> None:
    managers = sorted(each for each, definition in resources.items() if definition.is_io_manager)
    definition = resources.get(key)
    if definition is not None and definition.is_io_manager:
        return
    if may_only_load and isinstance(definition, InputManagerDefinition):
        return
    problem = "was not provided" if definition is None else f"is no IO manager but {definition.type_name}"
    raise DagsterInvalidDefinitionError(
        f'The IO manager with key "{key}", required by {by}, {problem}.{check.did_you_mean(key, managers)} '
        f"Available IO manager keys: {managers}."
    )


def _check_partial_nested(
    key: str, definition: ResourceDefinition, resources: dict[str, ResourceDefinition]
) -> None:
    for name, value in definition.nested_values().items():
        missing = getattr(value, "get_resource_definition", lambda: None)()
        if missing is None or not missing.missing_fields:
            continue
        if not any(_object(each) is value for each in resources.values()):
            raise DagsterInvalidDefinitionError(
                f'The resource "{name}" nested in "{key}" is to be configured at launch, so it must also be provided '
                "under a key of its own."
            )


def _required_resources(asset: ResolvedAsset, definitions: ResolvedDefinitions) -> list[str]:
    """The resources that making the asset needs, closed over what those need."""
    if asset.definition is None:
        return []
    needed = set(asset.definition.required_resource_keys)
    if asset.stores_output:
        needed.add(asset.io_manager_key)
    needed |= {
        manager for each in asset.inputs if (manager := definitions.load_manager_key(each)) is not None
    }
    return sorted(close_over(needed, definitions.resources))


def close_over(keys: Iterable[str], resources: dict[str, ResourceDefinition]) -> set[str]:
    """`keys` and every resource that those need, nested ones with a key of their own included."""
    closed: set[str] = set()
    pending = list(keys)
    while pending:
        key = pending.pop()
        if key in closed or key not in resources:
            continue
        closed.add(key)
        pending.extend(resources[key].required_resource_keys)
        pending.extend(nested_keys(resources[key], resources))
    return closed


def nested_keys(definition: ResourceDefinition, resources: dict[str, ResourceDefinition]) -> list[str]:
    """The keys of resources nested in `definition` that also stand at the top level."""
    nested = list(definition.nested_values().values())
    return sorted(
        key
        for key, each in resources.items()
        if any(value is each or value is getattr(each, "configurable", None) for value in nested)
    )
