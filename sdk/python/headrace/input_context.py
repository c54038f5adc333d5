"""What an IO manager's `load_input` is told about the value it loads."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.asset_key import AssetKey
from headrace.errors import DagsterInvariantViolationError
from headrace.init_resource_context import ScopedResources
from headrace.metadata import MetadataValue, normalize_metadata
from headrace.output import AssetObservation
from headrace.output_context import OutputContext, context_resources, missing
from headrace.partition_info import PartitionInfo

if TYPE_CHECKING:
    from headrace.asset_key import CoercibleToAssetKey
    from headrace.dagster_type import DagsterType


class InputContext(PartitionInfo, contextlib.AbstractContextManager):
    """Passed to `load_input`: the upstream asset, the input's name and type, and the output it was stored by.

    Properties that were not given (in tests) raise `DagsterInvariantViolationError` when they are read.
    """

    def __init__(
        self,
        *,
        name: str | None = None,
        job_name: str | None = None,
        config: Any = None,
        definition_metadata: Mapping[str, Any] | None = None,
        upstream_output: OutputContext | Callable[[], OutputContext] | None = None,
        dagster_type: DagsterType | None = None,
        log: Any = None,
        resource_config: Mapping[str, Any] | None = None,
        resources: ScopedResources | None = None,
        asset_key: AssetKey | None = None,
        partition_key: str | None = None,
        asset_partition_keys: Sequence[str] | None = None,
        materialization: Mapping[str, Any] | None = None,
        closing: Any = None,
    ) -> None:
        self._name = name
        self._job_name = job_name
        self._config = config
        self._definition_metadata = dict(definition_metadata or {})
        self._upstream_output = upstream_output
        self._dagster_type = dagster_type
        self._log = log
        self._resource_config = resource_config
        self._resources = resources
        self._asset_key = asset_key
        self._set_partitions(partition_key, asset_partition_keys, asset_key is not None)
        self._materialization = materialization
        self._closing = closing
        # The IO manager's key, for messages; None in tests.
        self._manager_key: str | None = None
        self._metadata: dict[str, MetadataValue] = {}
        self._observations: list[AssetObservation] = []
        self._consumed_events = 0

    def __enter__(self) -> InputContext:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._closing is not None:
            self._closing.close()

    def _given(self, value: Any, name: str) -> Any:
        if value is None:
            raise missing(name, "InputContext")
        return value

    @property
    def has_input_name(self) -> bool:
        """Whether the value is loaded for a parameter, not for `load_asset_value`."""
        return self._name is not None

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self._given(self._name, "name")

    @property
    def job_name(self) -> str:
        """The job's name."""
        return self._given(self._job_name, "job_name")

    @property
    def op_def(self) -> Any:
        """Not there yet."""
        raise DagsterInvariantViolationError("headrace has no `OpDefinition` yet.")

    @property
    def step_context(self) -> Any:
        """Not there yet."""
        raise DagsterInvariantViolationError("headrace has no `StepExecutionContext` yet.")

    @property
    def instance(self) -> Any:
        """Not there yet."""
        raise DagsterInvariantViolationError("headrace has no `DagsterInstance` yet.")

    @property
    def config(self) -> Any:
        """The run's config of this input, by the IO manager's input config schema."""
        return self._config

    @property
    def definition_metadata(self) -> dict[str, Any]:
        """The metadata of the input's definition (`AssetIn(metadata=…)`)."""
        return self._definition_metadata

    @property
    def metadata(self) -> dict[str, Any]:
        """An older name of `definition_metadata`."""
        return self._definition_metadata

    @property
    def upstream_output(self) -> OutputContext | None:
        """The output that stored the value."""
        if callable(self._upstream_output):  # made on first use: few IO managers ask for it
            self._upstream_output = self._upstream_output()
        return self._upstream_output

    @property
    def dagster_type(self) -> DagsterType:
        """The declared type of the parameter."""
        return self._given(self._dagster_type, "dagster_type")

    @property
    def log(self) -> Any:
        """The step's log."""
        return self._given(self._log, "log")

    @property
    def resource_config(self) -> Mapping[str, Any] | None:
        """The config of the IO manager itself."""
        return self._resource_config

    @property
    def resources(self) -> ScopedResources:
        """The resources that the IO manager requires."""
        return self._given(self._resources, "resources")

    @property
    def has_asset_key(self) -> bool:
        """Whether the value is an asset's."""
        return self._asset_key is not None

    @property
    def asset_key(self) -> AssetKey:
        """The upstream asset's key."""
        return self._given(self._asset_key, "asset_key")

    def get_identifier(self) -> list[str]:
        """The upstream output's run, step and name."""
        upstream = self.upstream_output
        if upstream is None:
            raise check.CheckError("There is no upstream output, so that there is no identifier.")
        return upstream.get_identifier()

    def get_asset_identifier(self) -> list[str]:
        """The parts of the asset's key, and its partition where there is one."""
        if self._asset_key is None:
            raise missing("asset_key", "InputContext")
        if self._partition_keys is not None:
            return [*self._asset_key.path, self.asset_partition_key]
        return self._asset_key.path

    def add_input_metadata(self, metadata: Mapping[str, Any], description: str | None = None) -> None:
        """Record metadata with the loading of the input; for an asset also as an observation of it."""
        values = normalize_metadata(metadata)
        self._metadata.update(values)
        if self._asset_key is None:
            return
        partitions: list[str | None] = (
            list(self._partition_keys) if self._partition_keys is not None else [None]
        )
        for partition in partitions:
            self._observations.append(AssetObservation(self._asset_key, description, values, partition))

    def get_observations(self) -> list[AssetObservation]:
        """The observations that `add_input_metadata` made so far."""
        return list(self._observations)

    def consume_events(self) -> Iterator[AssetObservation]:
        """The observations since the last call."""
        while self._consumed_events < len(self._observations):
            self._consumed_events += 1
            yield self._observations[self._consumed_events - 1]

    def consume_logged_metadata(self) -> dict[str, MetadataValue]:
        """What `add_input_metadata` recorded; it is forgotten here."""
        recorded, self._metadata = self._metadata, {}
        return recorded


def build_input_context(
    name: str | None = None,
    config: Any = None,
    definition_metadata: Mapping[str, Any] | None = None,
    upstream_output: OutputContext | None = None,
    dagster_type: Any = None,
    resource_config: Mapping[str, Any] | None = None,
    resources: Mapping[str, Any] | ScopedResources | None = None,
    op_def: Any = None,
    step_context: Any = None,
    asset_key: CoercibleToAssetKey | None = None,
    partition_key: str | None = None,
    asset_partition_key_range: Any = None,
    asset_partitions_def: Any = None,
    instance: Any = None,
    metadata: Mapping[str, Any] | None = None,
) -> InputContext:
    """A context for calling `load_input` in a test. As a context manager it tears given resources down."""
    from headrace.dagster_type import resolve_type
    from headrace.log import get_log_manager
    from headrace.not_yet import refuse_parameters

    refuse_parameters(
        "build_input_context",
        {
            "op_def": op_def,
            "step_context": step_context,
            "asset_partitions_def": asset_partitions_def,
            "asset_partition_key_range": asset_partition_key_range,
            "instance": instance,
        },
    )
    scoped, closing = context_resources(resources)
    return InputContext(
        name=check.opt_str(name, "name"),
        config=config,
        definition_metadata=check.opt_mapping(definition_metadata or metadata, "definition_metadata"),
        upstream_output=check.opt_inst(upstream_output, "upstream_output", OutputContext),
        dagster_type=None if dagster_type is None else resolve_type(dagster_type),
        log=get_log_manager(),
        resource_config=check.opt_mapping(resource_config, "resource_config"),
        resources=scoped,
        asset_key=None if asset_key is None else AssetKey.from_coercible(asset_key),
        partition_key=partition_key,
        closing=closing,
    )
