"""What an asset's function is told, and how it adds metadata: `context`."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.asset_key import AssetKey
from headrace.data_version import DataVersion
from headrace.errors import DagsterInvalidPropertyError, DagsterInvariantViolationError
from headrace.init_resource_context import ScopedResources
from headrace.metadata import normalize_metadata
from headrace.output import AssetMaterialization, AssetObservation
from headrace.run import DagsterRun

if TYPE_CHECKING:
    from headrace.assets_definition import AssetsDefinition

_current: contextvars.ContextVar[OpExecutionContext | None] = contextvars.ContextVar(
    "headrace_context", default=None
)

# Properties of features that are still to come.
_NOT_YET = frozenset(
    """instance job_def op_def op repository_def partition_key_range partition_time_window multi_partition_key
    selected_asset_check_keys get_asset_provenance get_step_execution_context pdb step_launcher
    asset_partition_key_range asset_partitions_def_for_input asset_partitions_def_for_output
    asset_partitions_time_window_for_input asset_partitions_time_window_for_output
    asset_partition_key_range_for_input asset_partition_key_range_for_output""".split()
)


@dataclass
class StepState:
    """What the running step shares with its context."""

    run: DagsterRun
    resources: ScopedResources
    log: Any
    asset: AssetsDefinition | None = None
    op_config: Any = None
    retry_number: int = 0
    partition: str | None = None
    emit: Callable[[AssetMaterialization | AssetObservation], None] = lambda event: None
    load_value: Callable[..., Any] | None = None
    # As the function gave them.
    output_metadata: dict[str, Any] = field(default_factory=dict)
    asset_metadata: dict[str, Any] = field(default_factory=dict)
    data_version: str | None = None


class OpExecutionContext:
    """The context of a running step."""

    def __init__(self, state: StepState) -> None:
        self._state = state

    @staticmethod
    def get() -> OpExecutionContext:
        """The context of the step that is running now."""
        context = _current.get()
        if context is None:
            raise DagsterInvariantViolationError("No step is running, so that there is no context.")
        return context

    def __getattr__(self, name: str) -> Any:
        if name in _NOT_YET:
            raise DagsterInvalidPropertyError(f"headrace has no `context.{name}` yet.")
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    @property
    def log(self) -> Any:
        """The step's log: `context.log.info("…")`."""
        return self._state.log

    @property
    def resources(self) -> ScopedResources:
        """The resources named in `required_resource_keys`."""
        return self._state.resources

    @property
    def run(self) -> DagsterRun:
        """The run."""
        return self._state.run

    @property
    def dagster_run(self) -> DagsterRun:
        """The run."""
        return self._state.run

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self._state.run.run_id

    @property
    def run_config(self) -> Mapping[str, Any]:
        """The run's config."""
        return self._state.run.run_config

    @property
    def run_tags(self) -> Mapping[str, str]:
        """The run's tags."""
        return self._state.run.tags

    def has_tag(self, key: str) -> bool:
        """Whether the run has a tag."""
        return key in self.run_tags

    def get_tag(self, key: str) -> str | None:
        """A tag of the run, or None."""
        return self.run_tags.get(key)

    @property
    def job_name(self) -> str:
        """The job's name."""
        return self._state.run.job_name

    @property
    def op_config(self) -> Any:
        """The asset's config, by its `config_schema`."""
        return self._state.op_config

    @property
    def retry_number(self) -> int:
        """0 in the first attempt, then 1, 2, …"""
        return self._state.retry_number

    @property
    def assets_def(self) -> AssetsDefinition:
        """The asset's definition."""
        if self._state.asset is None:
            raise DagsterInvalidPropertyError("No asset is being made with this context.")
        return self._state.asset

    @property
    def has_assets_def(self) -> bool:
        """Whether an asset is being made with this context."""
        return self._state.asset is not None

    @property
    def asset_key(self) -> AssetKey:
        """The asset's key."""
        return self.assets_def.key

    @property
    def selected_asset_keys(self) -> set[AssetKey]:
        """The assets that this step makes."""
        return {self.asset_key}

    @property
    def selected_output_names(self) -> set[str]:
        """The outputs that this step makes: `result`."""
        return {"result"}

    @property
    def is_subset(self) -> bool:
        """Whether the step makes only some of its assets: never, as it makes one."""
        return False

    def asset_key_for_output(self, output_name: str = "result") -> AssetKey:
        """The asset that an output makes."""
        self._check_output(output_name)
        return self.asset_key

    def output_for_asset_key(self, asset_key: AssetKey) -> str:
        """The output that makes an asset."""
        self._check_own_key(asset_key)
        return "result"

    def asset_key_for_input(self, input_name: str) -> AssetKey:
        """The upstream asset of a parameter."""
        keys = self.assets_def.keys_by_input_name
        if input_name not in keys:
            raise check.CheckError(f'"{input_name}" is no input.{check.did_you_mean(input_name, keys)}')
        return keys[input_name]

    @property
    def has_partition_key(self) -> bool:
        """Whether the run is for one partition."""
        return self._state.partition is not None

    @property
    def has_partition_key_range(self) -> bool:
        """Whether the run is for a range of partitions."""
        return False

    @property
    def partition_key(self) -> str:
        """The run's partition; an error in an unpartitioned run."""
        if self._state.partition is None:
            raise check.CheckError("partition_key was asked for in a run that has no partition.")
        return self._state.partition

    @property
    def partition_keys(self) -> list[str]:
        """The run's partitions; an error in an unpartitioned run."""
        return [self.partition_key]

    def asset_partition_key_for_output(self, output_name: str = "result") -> str:
        """The partition that an output is for."""
        self._check_output(output_name)
        return self.partition_key

    def get_mapping_key(self) -> str | None:
        """Always None for assets."""
        return None

    def describe_op(self) -> str:
        """The step in words."""
        return f'step "{self.assets_def.step_key}"'

    def _check_output(self, output_name: str | None) -> None:
        if output_name not in (None, "result"):
            raise DagsterInvariantViolationError(
                f'There is no output "{output_name}": an asset has one, "result".'
            )

    def _check_own_key(self, asset_key: Any) -> None:
        if asset_key is not None and AssetKey.from_coercible(asset_key) != self.asset_key:
            raise DagsterInvariantViolationError(
                f"{asset_key!r} is not made by this step, which makes {self.asset_key!r}."
            )

    def add_output_metadata(
        self, metadata: Mapping[str, Any], output_name: str | None = None, mapping_key: str | None = None
    ) -> None:
        """Record metadata with the materialization. A later value replaces an earlier one of the same label."""
        self._check_output(output_name)
        normalize_metadata(check.inst(metadata, "metadata", Mapping))  # what cannot be stored is refused here
        self._state.output_metadata.update(metadata)

    def get_output_metadata(
        self, output_name: str = "result", mapping_key: str | None = None
    ) -> dict[str, Any] | None:
        """What `add_output_metadata` recorded so far; None where nothing was."""
        self._check_output(output_name)
        return dict(self._state.output_metadata) or None

    def add_asset_metadata(
        self, metadata: Mapping[str, Any], asset_key: Any = None, partition_key: str | None = None
    ) -> None:
        """Record metadata with the materialization; it wins over all other metadata."""
        self._check_own_key(asset_key)
        if partition_key is not None and partition_key != self._state.partition:
            raise DagsterInvariantViolationError(f'This step does not make the partition "{partition_key}".')
        normalize_metadata(check.inst(metadata, "metadata", Mapping))
        self._state.asset_metadata.update(metadata)

    def set_data_version(self, asset_key: Any, data_version: DataVersion) -> None:
        """Say which version the asset's value has."""
        self._check_own_key(asset_key)
        self._state.data_version = check.inst(data_version, "data_version", DataVersion).value

    def log_event(self, event: AssetMaterialization | AssetObservation) -> None:
        """Record another materialization or an observation, at once."""
        self._state.emit(check.inst(event, "event", (AssetMaterialization, AssetObservation)))

    def load_asset_value(
        self, asset_key: Any, *, python_type: Any = None, partition_key: str | None = None
    ) -> Any:
        """The value of any asset of this code location, by its IO manager."""
        if self._state.load_value is None:
            raise DagsterInvariantViolationError("load_asset_value works in runs only.")
        return self._state.load_value(
            AssetKey.from_coercible_or_definition(asset_key), python_type, partition_key
        )


class AssetExecutionContext(OpExecutionContext):
    """The context of a running asset: log, run, partition, resources, and metadata of the materialization."""

    @property
    def op_execution_context(self) -> OpExecutionContext:
        """The same as the context of a step."""
        return self

    def get_op_execution_context(self) -> OpExecutionContext:
        """The same as the context of a step."""
        return self

    @staticmethod
    def get() -> AssetExecutionContext:
        """The context of the asset that is being made now."""
        context = OpExecutionContext.get()
        assert isinstance(context, AssetExecutionContext)
        return context


@contextlib.contextmanager
def entered(context: OpExecutionContext) -> Iterator[None]:
    """Make `context` the current one."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)
