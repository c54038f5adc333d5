"""The partition properties that input and output contexts share."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from headrace import check
from headrace.errors import DagsterInvariantViolationError


class PartitionInfo:
    """Mixed into contexts. `_partition_keys` is None for an unpartitioned asset."""

    _partition_key: str | None = None
    _partition_keys: Sequence[str] | None = None
    # Set on the output context that an input context hands out: its partitions are better asked of the input.
    _is_upstream_of_input = False

    def _warn_if_upstream(self, name: str) -> None:
        if self._is_upstream_of_input:
            warnings.warn(
                f"context.upstream_output.{name} speaks of the upstream step; ask context.{name} instead.",
                stacklevel=3,
            )

    @property
    def has_partition_key(self) -> bool:
        """Whether the run is for one partition."""
        self._warn_if_upstream("has_partition_key")
        return self._partition_key is not None

    @property
    def partition_key(self) -> str:
        """The run's partition; an error in an unpartitioned run."""
        self._warn_if_upstream("partition_key")
        if self._partition_key is None:
            raise check.CheckError("partition_key was asked for in a run that has no partition.")
        return self._partition_key

    @property
    def has_asset_partitions(self) -> bool:
        """Whether the asset of this context is partitioned."""
        self._warn_if_upstream("has_asset_partitions")
        return self._partition_keys is not None

    @property
    def asset_partition_keys(self) -> list[str]:
        """The asset's partitions that this context is about."""
        self._warn_if_upstream("asset_partition_keys")
        if self._partition_keys is None:
            raise check.CheckError("asset_partition_keys was asked for an asset that has no partitions.")
        return list(self._partition_keys)

    @property
    def asset_partition_key(self) -> str:
        """The asset's partition that this context is about; an error unless it is exactly one."""
        self._warn_if_upstream("asset_partition_key")
        if self._partition_keys is None:
            raise check.CheckError("asset_partition_key was asked for an asset that has no partitions.")
        if len(self._partition_keys) != 1:
            raise check.CheckError(
                f"asset_partition_key was asked for, but there are {len(self._partition_keys)} partitions; "
                "use asset_partition_keys."
            )
        return self._partition_keys[0]

    @property
    def asset_partition_key_range(self) -> Any:
        """Not there yet."""
        raise DagsterInvariantViolationError(
            "headrace has no `PartitionKeyRange` yet: use asset_partition_keys."
        )

    @property
    def asset_partitions_def(self) -> Any:
        """Not there yet."""
        raise DagsterInvariantViolationError("headrace has no `PartitionsDefinition` yet.")

    @property
    def asset_partitions_time_window(self) -> Any:
        """Not there yet."""
        raise DagsterInvariantViolationError("headrace has no `TimeWindow` yet.")

    def _set_partitions(self, partition_key: str | None, keys: Sequence[str] | None, has_asset: bool) -> None:
        """A partition key together with an asset stands for that one partition of the asset."""
        self._partition_key = check.opt_str(partition_key, "partition_key")
        if keys is None and partition_key is not None and has_asset:
            keys = [partition_key]
        self._partition_keys = None if keys is None else list(keys)
