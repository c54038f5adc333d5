"""`SourceAsset`: an asset made elsewhere, in the older way of writing it. New code uses `AssetSpec`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.asset_key import AssetKey
from headrace.asset_spec import IO_MANAGER_KEY_LABEL, AssetSpec
from headrace.not_yet import refuse_parameters

if TYPE_CHECKING:
    from headrace.asset_key import CoercibleToAssetKey


class SourceAsset:
    """An asset that nothing here makes, but that assets here load or depend on."""

    def __init__(
        self,
        key: CoercibleToAssetKey,
        metadata: Mapping[str, Any] | None = None,
        io_manager_key: str | None = None,
        io_manager_def: Any = None,
        description: str | None = None,
        partitions_def: Any = None,
        group_name: str | None = None,
        resource_defs: Mapping[str, Any] | None = None,
        observe_fn: Any = None,
        op_tags: Mapping[str, Any] | None = None,
        *,
        auto_observe_interval_minutes: float | None = None,
        legacy_freshness_policy: Any = None,
        automation_condition: Any = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        refuse_parameters(
            "SourceAsset",
            {
                "partitions_def": partitions_def,
                "observe_fn": observe_fn,
                "op_tags": op_tags,
                "auto_observe_interval_minutes": auto_observe_interval_minutes,
                "legacy_freshness_policy": legacy_freshness_policy,
                "automation_condition": automation_condition,
            },
        )
        if io_manager_key is not None and io_manager_def is not None:
            raise check.CheckError("SourceAsset takes `io_manager_key` or `io_manager_def`, not both.")
        self.resource_defs = check.opt_mapping(resource_defs, "resource_defs")
        asset_key = AssetKey.from_coercible(key)
        if io_manager_def is not None:
            io_manager_key = asset_key.to_python_identifier("io_manager")
            self.resource_defs[io_manager_key] = io_manager_def
        self.io_manager_key = check.opt_str(io_manager_key, "io_manager_key")
        self._spec = AssetSpec(
            asset_key, metadata=metadata, description=description, group_name=group_name, tags=tags
        )

    @property
    def key(self) -> AssetKey:
        """The asset's key."""
        return self._spec.key

    @property
    def description(self) -> str | None:
        """What people are told about it."""
        return self._spec.description

    @property
    def group_name(self) -> str | None:
        """Its group."""
        return self._spec.group_name

    @property
    def metadata(self) -> dict[str, Any]:
        """Its metadata."""
        return self._spec.metadata

    @property
    def tags(self) -> dict[str, str]:
        """Its tags."""
        return self._spec.tags

    def to_spec(self) -> AssetSpec:
        """The asset as a spec."""
        if self.io_manager_key is None:
            return self._spec
        return self._spec.replace_attributes(
            metadata={**self._spec.metadata, IO_MANAGER_KEY_LABEL: self.io_manager_key}
        )

    def with_attributes(self, *, key: AssetKey | None = None, group_name: str | None = None) -> SourceAsset:
        """A copy with another key or group."""
        copy = SourceAsset(
            key or self.key,
            metadata=self.metadata,
            io_manager_key=self.io_manager_key,
            description=self.description,
            group_name=group_name or self.group_name,
            resource_defs=self.resource_defs,
            tags=self.tags,
        )
        return copy

    def __repr__(self) -> str:
        return f"SourceAsset({self.key!r})"
