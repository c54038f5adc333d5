"""What an IO manager's `handle_output` is told about the value it stores."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.asset_key import AssetKey
from headrace.errors import DagsterInvalidMetadata, DagsterInvariantViolationError
from headrace.init_resource_context import ScopedResources
from headrace.metadata import MetadataValue, normalize_metadata
from headrace.output import AssetMaterialization, AssetObservation
from headrace.partition_info import PartitionInfo

if TYPE_CHECKING:
    from headrace.asset_key import CoercibleToAssetKey
    from headrace.asset_spec import AssetSpec
    from headrace.dagster_type import DagsterType


# The run of outputs that belong to no run, in tests for example.
EPHEMERAL_RUN_ID = "__EPHEMERAL_RUN_ID"


def missing(name: str, kind: str) -> DagsterInvariantViolationError:
    """The error for a property that this context was not given."""
    return DagsterInvariantViolationError(
        f"Attempting to access {name}, but it was not provided when constructing the {kind}."
    )


class OutputContext(PartitionInfo, contextlib.AbstractContextManager):
    """Passed to `handle_output`: which asset, which step and run, and where to put metadata.

    Properties that were not given (in tests) raise `DagsterInvariantViolationError` when they are read.
    """

    def __init__(
        self,
        *,
        step_key: str | None = None,
        name: str | None = None,
        job_name: str | None = None,
        run_id: str | None = None,
        definition_metadata: Mapping[str, Any] | None = None,
        output_metadata: Mapping[str, Any] | None = None,
        mapping_key: str | None = None,
        config: Any = None,
        dagster_type: DagsterType | None = None,
        log: Any = None,
        version: str | None = None,
        resource_config: Mapping[str, Any] | None = None,
        resources: ScopedResources | None = None,
        asset_key: AssetKey | None = None,
        asset_spec: AssetSpec | Callable[[], AssetSpec] | None = None,
        partition_key: str | None = None,
        asset_partition_keys: Sequence[str] | None = None,
        closing: Any = None,
    ) -> None:
        self._step_key = step_key
        self._name = name
        self._job_name = job_name
        self._run_id = run_id
        self._definition_metadata = dict(definition_metadata or {})
        self._output_metadata = dict(output_metadata or {})
        self._mapping_key = mapping_key
        self._config = config
        self._dagster_type = dagster_type
        self._log = log
        self._version = version
        self._resource_config = resource_config
        self._resources = resources
        self._asset_key = asset_key
        self._asset_spec = asset_spec
        self._set_partitions(partition_key, asset_partition_keys, asset_key is not None)
        self._closing = closing
        # The IO manager's key, for messages; None in tests.
        self._manager_key: str | None = None
        self._metadata: dict[str, MetadataValue] = {}
        self._events: list[AssetMaterialization | AssetObservation] = []
        self._consumed_events = 0
        self._stored: dict[str, Any] | None = None
        # What a built-in manager knows of the value it has just stored.
        self._stored_metadata: dict[str, MetadataValue] = {}
        # The keys of all assets of the code location, so that a manager can tell whose a folder is.
        self._all_asset_keys: Sequence[AssetKey] = ()

    def __enter__(self) -> OutputContext:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._closing is not None:
            self._closing.close()

    def _given(self, value: Any, name: str) -> Any:
        if value is None:
            raise missing(name, "OutputContext")
        return value

    @property
    def step_key(self) -> str:
        """The step that made the value."""
        return self._given(self._step_key, "step_key")

    @property
    def name(self) -> str:
        """The output's name: `result` for an asset."""
        return self._given(self._name, "name")

    @property
    def job_name(self) -> str:
        """The job's name."""
        return self._given(self._job_name, "job_name")

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self._given(self._run_id, "run_id")

    @property
    def definition_metadata(self) -> dict[str, Any]:
        """The metadata of the asset's definition."""
        return self._definition_metadata

    @property
    def metadata(self) -> dict[str, Any]:
        """An older name of `definition_metadata`."""
        return self._definition_metadata

    @property
    def output_metadata(self) -> dict[str, Any]:
        """The metadata that the asset's function gave at run time."""
        if self._is_upstream_of_input:
            warnings.warn("context.upstream_output.output_metadata is always empty.", stacklevel=2)
            return {}
        return self._output_metadata

    @property
    def mapping_key(self) -> str | None:
        """Always None for assets."""
        return self._mapping_key

    @property
    def config(self) -> Any:
        """The run's config of this output, by the IO manager's output config schema."""
        return self._config

    @property
    def op_def(self) -> Any:
        """Not there yet."""
        raise DagsterInvariantViolationError("headrace has no `OpDefinition` yet.")

    @property
    def step_context(self) -> Any:
        """Not there yet."""
        self._warn_if_upstream("step_context")
        raise DagsterInvariantViolationError("headrace has no `StepExecutionContext` yet.")

    @property
    def dagster_type(self) -> DagsterType:
        """The declared type of the value."""
        return self._given(self._dagster_type, "dagster_type")

    @property
    def log(self) -> Any:
        """The step's log."""
        return self._given(self._log, "log")

    @property
    def version(self) -> str | None:
        """Always None for assets."""
        return self._version

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
        """The asset's key."""
        return self._given(self._asset_key, "asset_key")

    @property
    def asset_spec(self) -> AssetSpec:
        """The asset's spec."""
        if callable(self._asset_spec):  # made on first use: few IO managers ask for it
            self._asset_spec = self._asset_spec()
        return self._given(self._asset_spec, "asset_spec")

    def get_identifier(self) -> list[str]:
        """Run, step and output, as parts of a name that no other value has."""
        parts = [self.run_id, self.step_key, self.name]
        return [*parts, self._mapping_key] if self._mapping_key is not None else parts

    def get_run_scoped_output_identifier(self) -> list[str]:
        """An older name of `get_identifier`."""
        return self.get_identifier()

    def get_output_identifier(self) -> list[str]:
        """An older name of `get_identifier`."""
        return self.get_identifier()

    def get_asset_identifier(self) -> list[str]:
        """The parts of the asset's key, and its partition where there is one."""
        if self._asset_key is None:
            raise missing("asset_key", "OutputContext")
        if self._partition_keys is not None:
            return [*self._asset_key.path, self.asset_partition_key]
        return self._asset_key.path

    def get_asset_output_identifier(self) -> list[str]:
        """An older name of `get_asset_identifier`."""
        return self.get_asset_identifier()

    def add_output_metadata(self, metadata: Mapping[str, Any]) -> None:
        """Record metadata with the materialization; a label can be set once."""
        again = sorted(set(check.inst(metadata, "metadata", Mapping)) & set(self._metadata))
        if again:
            raise DagsterInvalidMetadata(f"Metadata was added before under {', '.join(map(repr, again))}.")
        self._metadata.update(normalize_metadata(metadata))

    def get_logged_metadata(self) -> dict[str, MetadataValue]:
        """What `add_output_metadata` recorded so far."""
        return dict(self._metadata)

    def consume_logged_metadata(self) -> dict[str, MetadataValue]:
        """What `add_output_metadata` recorded; it is forgotten here."""
        recorded, self._metadata = self._metadata, {}
        return recorded

    def log_event(self, event: AssetMaterialization | AssetObservation) -> None:
        """Record another materialization or an observation."""
        self._events.append(check.inst(event, "event", (AssetMaterialization, AssetObservation)))

    def get_logged_events(self) -> list[AssetMaterialization | AssetObservation]:
        """What `log_event` recorded so far."""
        return list(self._events)

    def consume_events(self) -> Iterator[AssetMaterialization | AssetObservation]:
        """What `log_event` recorded since the last call."""
        while self._consumed_events < len(self._events):
            self._consumed_events += 1
            yield self._events[self._consumed_events - 1]

    def set_stored(
        self,
        uri: str,
        format: str,
        *,
        schema: Any = None,
        bytes: int | None = None,
        etag: str | None = None,
    ) -> None:
        """Say exactly where and how the value is stored, so that other languages and code locations can load it.

        `uri` is absolute (`file:///…`, `s3://…`), `format` a name such as `parquet`, `csv`, `pickle`.
        """
        check.inst(uri, "uri", str)
        if "://" not in uri:
            raise check.CheckError(f'uri must be absolute, such as "file:///data/a.parquet", but is "{uri}".')
        check.inst(format, "format", str)
        check.opt_inst(bytes, "bytes", int)
        self._stored = {"uri": uri, "format": format, "schema": schema, "bytes": bytes, "etag": etag}

    @property
    def stored(self) -> dict[str, Any] | None:
        """What `set_stored` recorded."""
        return self._stored


def context_resources(resources: Mapping[str, Any] | ScopedResources | None) -> tuple[ScopedResources, Any]:
    """Resources for a context in a test, and what must be closed to tear them down."""
    from headrace.resource_coercion import to_resource_definitions
    from headrace.resource_scope import ResourceScope

    if isinstance(resources, ScopedResources):
        return resources, None
    scope = ResourceScope(to_resource_definitions(check.opt_mapping(resources, "resources")))
    return scope.resources(scope.definitions), scope


def build_output_context(
    step_key: str | None = None,
    name: str | None = None,
    definition_metadata: Mapping[str, Any] | None = None,
    run_id: str | None = None,
    mapping_key: str | None = None,
    config: Any = None,
    dagster_type: Any = None,
    version: str | None = None,
    resource_config: Mapping[str, Any] | None = None,
    resources: Mapping[str, Any] | ScopedResources | None = None,
    op_def: Any = None,
    asset_key: CoercibleToAssetKey | None = None,
    partition_key: str | None = None,
    asset_partitions_def: Any = None,
    asset_partition_key_range: Any = None,
    instance: Any = None,
    asset_spec: AssetSpec | None = None,
    metadata: Mapping[str, Any] | None = None,
    output_metadata: Mapping[str, Any] | None = None,
) -> OutputContext:
    """A context for calling `handle_output` in a test. As a context manager it tears given resources down."""
    from headrace.dagster_type import resolve_type
    from headrace.log import get_log_manager
    from headrace.not_yet import refuse_parameters

    refuse_parameters(
        "build_output_context",
        {
            "op_def": op_def,
            "asset_partitions_def": asset_partitions_def,
            "instance": instance,
            "asset_partition_key_range": asset_partition_key_range,
        },
    )
    scoped, closing = context_resources(resources)
    return OutputContext(
        step_key=check.opt_str(step_key, "step_key"),
        name=check.opt_str(name, "name"),
        run_id=check.opt_str(run_id, "run_id") or EPHEMERAL_RUN_ID,
        definition_metadata=check.opt_mapping(definition_metadata or metadata, "definition_metadata"),
        output_metadata=check.opt_mapping(output_metadata, "output_metadata"),
        mapping_key=check.opt_str(mapping_key, "mapping_key"),
        config=config,
        dagster_type=None if dagster_type is None else resolve_type(dagster_type),
        log=get_log_manager(),
        version=check.opt_str(version, "version"),
        resource_config=check.opt_mapping(resource_config, "resource_config"),
        resources=scoped,
        asset_key=AssetKey.from_coercible(asset_key)
        if asset_key is not None
        else getattr(asset_spec, "key", None),
        asset_spec=asset_spec,
        partition_key=partition_key,
        closing=closing,
    )
