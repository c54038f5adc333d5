"""What an asset's function may return or yield besides a plain value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from headrace import check
from headrace.asset_key import AssetKey
from headrace.data_version import DATA_VERSION_TAG, DataVersion
from headrace.metadata import normalize_metadata
from headrace.not_yet import refuse_parameters

if TYPE_CHECKING:
    from headrace.asset_key import CoercibleToAssetKey

T = TypeVar("T")


class _NoValue:
    def __repr__(self) -> str:
        return "no value"


NO_VALUE = _NoValue()


class Output(Generic[T]):
    """A value together with metadata about it: `return Output(df, metadata={"rows": len(df)})`."""

    def __init__(
        self,
        value: T,
        output_name: str = "result",
        metadata: Mapping[str, Any] | None = None,
        data_version: DataVersion | None = None,
        *,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.value = value
        self.output_name = check.inst(output_name, "output_name", str)
        self.metadata = normalize_metadata(metadata)
        self.data_version = check.opt_inst(data_version, "data_version", DataVersion)
        self.tags = check.opt_str_mapping(tags, "tags")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Output) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Output({check.short_repr(self.value)})"


class MaterializeResult(Generic[T]):
    """Says that the function made the asset by itself, with metadata about it.

    With `value=` the value is given to the IO manager as usual; without, no IO manager is called.
    """

    def __init__(
        self,
        asset_key: CoercibleToAssetKey | None = None,
        metadata: Mapping[str, Any] | None = None,
        check_results: Any = None,
        data_version: DataVersion | None = None,
        tags: Mapping[str, str] | None = None,
        value: Any = NO_VALUE,
    ) -> None:
        refuse_parameters("MaterializeResult", {"check_results": check_results})
        self.asset_key = None if asset_key is None else AssetKey.from_coercible(asset_key)
        self.metadata = check.opt_mapping(metadata, "metadata")
        self.check_results: list[Any] = []
        self.data_version = check.opt_inst(data_version, "data_version", DataVersion)
        self.tags = check.opt_str_mapping(tags, "tags")
        self.value = value

    @property
    def has_value(self) -> bool:
        """Whether a value was given; None is a value."""
        return self.value is not NO_VALUE

    def __repr__(self) -> str:
        return f"MaterializeResult(asset_key={self.asset_key!r}, metadata={self.metadata!r})"


class _AssetEvent:
    def __init__(
        self,
        asset_key: CoercibleToAssetKey,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        partition: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        self.asset_key = AssetKey.from_coercible_or_definition(asset_key)
        self.description = check.opt_str(description, "description")
        self.metadata = normalize_metadata(metadata)
        self.partition = check.opt_str(partition, "partition")
        self.tags = check.opt_str_mapping(tags, "tags")

    @property
    def label(self) -> str:
        """The asset's key as people write it."""
        return self.asset_key.to_user_string()

    def with_metadata(self, metadata: Mapping[str, Any] | None) -> Any:
        """A copy with this metadata instead."""
        return type(self)(self.asset_key, self.description, metadata, self.partition, self.tags)

    @property
    def data_version(self) -> str | None:
        """The data version in the tags."""
        return self.tags.get(DATA_VERSION_TAG)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.asset_key!r}, metadata={self.metadata!r})"


class AssetMaterialization(_AssetEvent):
    """The record that an asset was made, with metadata."""


class AssetObservation(_AssetEvent):
    """The record of something seen about an asset, with metadata; nothing was made."""
