"""Where the value of an asset's parameter comes from, when its name does not say it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.asset_key import AssetKey, key_prefix_parts
from headrace.not_yet import refuse_parameters

if TYPE_CHECKING:
    from headrace.asset_key import CoercibleToAssetKey

NO_TYPE = object()


class AssetIn:
    """One input of an asset: `ins={"iris": AssetIn(key_prefix="raw")}`.

    `input_manager_key` loads it with another IO manager than the upstream asset's; `metadata` is what that manager
    sees as `context.definition_metadata`.
    """

    def __init__(
        self,
        key: CoercibleToAssetKey | None = None,
        metadata: Mapping[str, Any] | None = None,
        key_prefix: str | Sequence[str] | None = None,
        input_manager_key: str | None = None,
        partition_mapping: Any = None,
        dagster_type: Any = NO_TYPE,
    ) -> None:
        refuse_parameters("AssetIn", {"partition_mapping": partition_mapping})
        if key is not None and key_prefix is not None:
            raise check.CheckError("AssetIn takes `key` or `key_prefix`, not both.")
        self.key = None if key is None else AssetKey.from_coercible_or_definition(key)
        self.metadata = check.opt_mapping(metadata, "metadata")
        self.key_prefix = None if key_prefix is None else key_prefix_parts(key_prefix)
        self.input_manager_key = check.opt_str(input_manager_key, "input_manager_key")
        self.dagster_type = dagster_type

    @staticmethod
    def from_coercible(value: Any) -> AssetIn:
        """An `AssetIn` from one, or from a key or an asset."""
        return value if isinstance(value, AssetIn) else AssetIn(key=value)

    def key_for(self, parameter: str) -> AssetKey:
        """The upstream key of the parameter of this name."""
        if self.key is not None:
            return self.key
        return AssetKey([*(self.key_prefix or []), parameter])
