"""The import hook: modules named dagster… whose names are Headrace's."""

from __future__ import annotations

import difflib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

# Module → the module of ours whose public names it has; None: a package of which we have no names yet.
ANSWERED: dict[str, str | None] = {
    "dagster": "headrace",
    "dagster_aws": None,
    "dagster_aws.s3": "headrace.s3",
    "dagster_azure": None,
    "dagster_azure.adls2": "headrace.adls2",
    "dagster_azure.blob": None,
    "dagster_gcp": "headrace.gcs",
    "dagster_gcp.gcs": "headrace.gcs",
}
ROOTS = frozenset(name.partition(".")[0] for name in ANSWERED)

# The release whose public behaviour is honored.
DAGSTER_VERSION = "1.13.27"


def install() -> None:
    """Answers the imports from now on; raises ImportError when dagster itself is imported already."""
    if any(isinstance(finder, CompatFinder) for finder in sys.meta_path):
        return
    real = sys.modules.get("dagster")
    if real is not None:
        where = getattr(real, "__file__", "elsewhere")
        raise ImportError(f"dagster is already imported from {where}: import headrace.compat before it")
    sys.meta_path.insert(0, CompatFinder())


class CompatFinder(importlib.abc.MetaPathFinder):
    """Finds the modules of `ANSWERED`; says clearly which other modules and names of these packages we lack."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname.partition(".")[0] not in ROOTS:
            return None
        if fullname in ANSWERED:
            return importlib.machinery.ModuleSpec(fullname, _Loader(), is_package=True)
        parent, _, name = fullname.rpartition(".")
        # `from dagster import Name` ends here when the module has no such name.
        raise ImportError(missing(parent, name), name=fullname)


class _Loader(importlib.abc.Loader):
    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        return _CompatModule(spec.name, f"Headrace's answer to `import {spec.name}`.")

    def exec_module(self, module: ModuleType) -> None:
        names = public_names(module.__name__)
        module.__dict__["__all__"] = names
        module.__dict__["__version__"] = DAGSTER_VERSION if module.__name__ == "dagster" else "0.29.27"


class _CompatModule(ModuleType):
    """Takes each name from our module when it is first asked for."""

    def __getattr__(self, name: str) -> Any:
        ours = ANSWERED[self.__name__]
        if ours is None or name not in public_names(self.__name__):
            raise AttributeError(missing(self.__name__, name), name=name, obj=self)
        value = getattr(importlib.import_module(ours), name)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *public_names(self.__name__)})


def public_names(module: str) -> list[str]:
    """What `from module import *` gives."""
    ours = ANSWERED[module]
    return [] if ours is None else list(importlib.import_module(ours).__all__)


def missing(module: str, name: str) -> str:
    """The sentence about a name that we do not have."""
    from headrace.not_yet import NAMES_NOT_YET

    if ANSWERED.get(module) == "headrace" and name in NAMES_NOT_YET:
        return f"Headrace does not have {module}.{name} yet. Remove what uses it, or run this code with Dagster for now"
    names = public_names(module) if module in ANSWERED else []
    close = difflib.get_close_matches(name, names, 1)
    hint = f". Did you mean {close[0]}?" if close else ""
    return f"Headrace does not have {module}.{name} yet{hint}"
