"""Collecting the assets of modules and packages."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType
from typing import Any

from headrace import check
from headrace.asset_key import AssetKey, key_prefix_parts
from headrace.asset_spec import AssetSpec, check_group_name
from headrace.assets_definition import AssetsDefinition
from headrace.errors import DagsterInvalidDefinitionError
from headrace.not_yet import refuse_parameters
from headrace.source_asset import SourceAsset


def load_assets_from_modules(
    modules: Iterable[ModuleType],
    group_name: str | None = None,
    key_prefix: str | Sequence[str] | None = None,
    *,
    automation_condition: Any = None,
    backfill_policy: Any = None,
    source_key_prefix: str | Sequence[str] | None = None,
    include_specs: bool = False,
    **not_yet: Any,
) -> list[Any]:
    """The assets in the variables of modules, and in lists there.

    `key_prefix` and `group_name` give copies; the prefix also applies to dependencies among the loaded assets.
    """
    refuse_parameters(
        "load_assets_from_modules",
        {"automation_condition": automation_condition, "backfill_policy": backfill_policy, **not_yet},
    )
    found = _found(check.opt_sequence(modules, "modules", ModuleType), include_specs)
    return _with_attributes(found, check_group_name(group_name), key_prefix, source_key_prefix)


def load_assets_from_package_module(package_module: ModuleType, *args: Any, **kwargs: Any) -> list[Any]:
    """The assets of a package and all modules below it; arguments as of `load_assets_from_modules`."""
    return load_assets_from_modules(_package_modules(package_module), *args, **kwargs)


def load_assets_from_package_name(package_name: str, *args: Any, **kwargs: Any) -> list[Any]:
    """Like `load_assets_from_package_module`, by the package's name."""
    return load_assets_from_package_module(importlib.import_module(package_name), *args, **kwargs)


def load_assets_from_current_module(*args: Any, **kwargs: Any) -> list[Any]:
    """The assets of the module that calls this; arguments as of `load_assets_from_modules`."""
    frame = inspect.currentframe()
    caller = inspect.getmodule(frame.f_back) if frame is not None and frame.f_back is not None else None
    if caller is None:
        raise DagsterInvalidDefinitionError(
            "load_assets_from_current_module must be called by code in a module."
        )
    return load_assets_from_modules([caller], *args, **kwargs)


def _package_modules(package: ModuleType) -> Iterator[ModuleType]:
    check.inst(package, "package_module", ModuleType)
    yield package
    for info in pkgutil.walk_packages(getattr(package, "__path__", []), prefix=f"{package.__name__}."):
        yield importlib.import_module(info.name)


def _found(modules: list[ModuleType], include_specs: bool) -> list[Any]:
    """Assets in the order of their modules; the same object once, one key on two objects is an error."""
    kinds: tuple[type, ...] = (AssetsDefinition, SourceAsset, *((AssetSpec,) if include_specs else ()))
    by_key: dict[AssetKey, tuple[Any, ModuleType]] = {}
    for module in modules:
        for each in _module_objects(module, kinds):
            known = by_key.get(each.key)
            if known is None:
                by_key[each.key] = (each, module)
            elif known[0] is not each and not (isinstance(each, AssetSpec) and known[0] == each):
                raise DagsterInvalidDefinitionError(
                    f"Asset key {each.key!r} is defined more than once: in module {known[1].__name__} "
                    f"and in module {module.__name__}."
                )
    return [each for each, _ in by_key.values()]


def _module_objects(module: ModuleType, kinds: tuple[type, ...]) -> Iterator[Any]:
    for value in list(vars(module).values()):
        if isinstance(value, kinds):
            yield value
        elif isinstance(value, list) and any(isinstance(each, kinds) for each in value):
            yield from (each for each in value if isinstance(each, kinds))


def _with_attributes(
    found: list[Any], group_name: str | None, key_prefix: Any, source_key_prefix: Any
) -> list[Any]:
    if group_name is None and key_prefix is None and source_key_prefix is None:
        return found
    prefix, source_prefix = key_prefix_parts(key_prefix), key_prefix_parts(source_key_prefix)
    renamed: dict[AssetKey, AssetKey] = {}
    for each in found:
        applied = source_prefix if isinstance(each, SourceAsset) else prefix
        if applied:
            renamed[each.key] = each.key.with_prefix(applied)
    return [_copy(each, renamed, group_name) for each in found]


def _copy(asset: Any, renamed: dict[AssetKey, AssetKey], group_name: str | None) -> Any:
    key = renamed.get(asset.key, asset.key)
    own_group = asset._spec.group_name if isinstance(asset, AssetsDefinition) else asset.group_name
    if group_name is not None and own_group is not None:
        raise DagsterInvalidDefinitionError(
            f'Asset "{asset.key.to_user_string()}" has the group "{own_group}", so that it cannot be loaded with the '
            f'group "{group_name}".'
        )
    if isinstance(asset, SourceAsset):
        return asset.with_attributes(key=key, group_name=group_name)
    if isinstance(asset, AssetSpec):
        deps = [renamed.get(dep.asset_key, dep.asset_key) for dep in asset.deps]
        return asset.replace_attributes(key=key, deps=deps, group_name=group_name or own_group)
    spec = asset._spec.replace_attributes(group_name=group_name or own_group)
    return asset.with_attributes(key=key, upstream_keys=renamed, spec=spec)
