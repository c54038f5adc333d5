"""Finding the Definitions in a loaded module."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from headrace.host.command import LoadOptions


class NoDefinitions(Exception):
    """The module holds no Definitions, or more than one; the message names them."""


def find_definitions(module: ModuleType, options: LoadOptions) -> Any:
    """The module's one `Definitions`, else all its assets as one; `--attribute` names another object."""
    if options.attribute is not None:
        return _from_attribute(module, options)
    from headrace import Definitions

    found = _attributes_of(module, Definitions)
    if len(found) > 1:
        names = " and ".join(found)
        raise NoDefinitions(
            f"{options.name} defines {len(found)} Definitions, {names}: keep one, or name one with --attribute "
            f"(Definitions.merge({', '.join(found)}) makes one of them)"
        )
    if found:
        return next(iter(found.values()))
    return _all_assets(module) or _fail(module, options)


def _attributes_of(module: ModuleType, kind: type) -> dict[str, Any]:
    """Name → object, each object once."""
    found: dict[str, Any] = {}
    for name, value in vars(module).items():
        if isinstance(value, kind) and not any(value is other for other in found.values()):
            found[name] = value
    return found


def _from_attribute(module: ModuleType, options: LoadOptions) -> Any:
    from headrace import Definitions

    value: Any = module
    for part in str(options.attribute).split("."):
        if not hasattr(value, part):
            raise NoDefinitions(f'{options.name} has no attribute "{options.attribute}"')
        value = getattr(value, part)
    if callable(value) and not isinstance(value, Definitions) and not _is_asset(value):
        value = value()
    if isinstance(value, Definitions):
        return value
    if _is_asset(value) or (isinstance(value, (list, tuple)) and value and all(map(_is_asset, value))):
        return Definitions(assets=list(value) if isinstance(value, (list, tuple)) else [value])
    raise NoDefinitions(
        f'"{options.attribute}" in {options.name} is a {type(value).__name__}, not a Definitions'
    )


def _is_asset(value: Any) -> bool:
    from headrace import AssetsDefinition

    return isinstance(value, AssetsDefinition)


def _all_assets(module: ModuleType) -> Any:
    from headrace import Definitions, load_assets_from_modules

    assets = load_assets_from_modules([module])
    return Definitions(assets=assets) if assets else None


def _fail(module: ModuleType, options: LoadOptions) -> Any:
    foreign = [name for name, value in vars(module).items() if _is_dagsters(value)]
    if foreign:
        where = getattr(sys.modules.get("dagster"), "__file__", "this Python")
        raise NoDefinitions(
            f'"{foreign[0]}" in {options.name} comes from the dagster package that is installed here ({where}), '
            "not from headrace: add --compat dagster, or import from headrace"
        )
    raise NoDefinitions(
        f"{options.name} has no Definitions and no assets: define `defs = Definitions(assets=[...])` in it"
    )


def _is_dagsters(value: Any) -> bool:
    return type(value).__module__.split(".")[0] == "dagster"
