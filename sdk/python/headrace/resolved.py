"""Definitions after checking: every name resolved, ready to be described and executed.

`ResolvedDefinitions.resolve` is the one place where definition errors that need the whole
picture are found (duplicate keys, cycles, unknown IO managers and resources).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headrace.asset_key import AssetKey
    from headrace.definitions import Definitions


@dataclass
class ResolvedAsset:
    """One asset of this code location."""

    key: AssetKey
    step_key: str
    is_external: bool = False
    io_manager_key: str = "io_manager"


@dataclass
class ResolvedDefinitions:
    """All assets and resources of one code location, checked."""

    assets: list[ResolvedAsset] = field(default_factory=list)
    resources: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def resolve(defs: Definitions) -> ResolvedDefinitions:
        """Check `defs` and resolve it; raises the definition errors of `headrace.errors`."""
        raise NotImplementedError

    def asset(self, key: AssetKey) -> ResolvedAsset:
        """The asset with this key; `KeyError` when there is none."""
        raise NotImplementedError

    def describe(self) -> dict[str, Any]:
        """The definitions as the code location protocol wants them (section 6)."""
        raise NotImplementedError
