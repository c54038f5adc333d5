"""The events of a run in this process, under Dagster's names."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any

from headrace.asset_key import AssetKey
from headrace.output import AssetMaterialization, AssetObservation


class DagsterEventType(str, enum.Enum):
    """What happened."""

    RUN_START = "PIPELINE_START"
    RUN_SUCCESS = "PIPELINE_SUCCESS"
    RUN_FAILURE = "PIPELINE_FAILURE"
    ENGINE_EVENT = "ENGINE_EVENT"
    RESOURCE_INIT_STARTED = "RESOURCE_INIT_STARTED"
    RESOURCE_INIT_SUCCESS = "RESOURCE_INIT_SUCCESS"
    RESOURCE_INIT_FAILURE = "RESOURCE_INIT_FAILURE"
    LOGS_CAPTURED = "LOGS_CAPTURED"
    STEP_START = "STEP_START"
    STEP_INPUT = "STEP_INPUT"
    STEP_OUTPUT = "STEP_OUTPUT"
    STEP_SUCCESS = "STEP_SUCCESS"
    STEP_FAILURE = "STEP_FAILURE"
    STEP_UP_FOR_RETRY = "STEP_UP_FOR_RETRY"
    STEP_RESTARTED = "STEP_RESTARTED"
    LOADED_INPUT = "LOADED_INPUT"
    HANDLED_OUTPUT = "HANDLED_OUTPUT"
    ASSET_MATERIALIZATION = "ASSET_MATERIALIZATION"
    ASSET_OBSERVATION = "ASSET_OBSERVATION"


@dataclass(frozen=True)
class SerializableErrorInfo:
    """An exception as data."""

    message: str
    cls_name: str | None = None
    stack: list[str] = field(default_factory=list)
    cause: SerializableErrorInfo | None = None

    def to_string(self) -> str:
        """The exception as text."""
        return self.message + "".join(self.stack)


@dataclass(frozen=True)
class StepRetryData:
    """Why a step is tried again, and after how many seconds."""

    error: SerializableErrorInfo
    seconds_to_wait: float | None = None


@dataclass(frozen=True)
class StepMaterializationData:
    """What a materialization event holds."""

    materialization: AssetMaterialization


@dataclass(frozen=True)
class AssetObservationData:
    """What an observation event holds."""

    asset_observation: AssetObservation


@dataclass(frozen=True)
class StepFailureData:
    """What a failure event holds."""

    error: SerializableErrorInfo
    phase: str
    user_failure_data: Any = None


@dataclass(frozen=True)
class IOData:
    """What an event of an input or output holds."""

    name: str
    manager_key: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    type_name: str | None = None

    @property
    def input_name(self) -> str:
        """The input's name."""
        return self.name

    @property
    def output_name(self) -> str:
        """The output's name."""
        return self.name


@dataclass(frozen=True)
class DagsterEvent:
    """One event of a run."""

    event_type: DagsterEventType
    job_name: str
    message: str
    step_key: str | None = None
    event_specific_data: Any = None

    @property
    def event_type_value(self) -> str:
        """The type's name, as stored."""
        return self.event_type.value

    @property
    def node_name(self) -> str | None:
        """The step's name."""
        return self.step_key

    @property
    def is_step_event(self) -> bool:
        """Whether it belongs to a step."""
        return self.step_key is not None

    @property
    def is_step_failure(self) -> bool:
        """Whether a step failed."""
        return self.event_type is DagsterEventType.STEP_FAILURE

    @property
    def is_step_up_for_retry(self) -> bool:
        """Whether a step failed and is tried again."""
        return self.event_type is DagsterEventType.STEP_UP_FOR_RETRY

    @property
    def is_step_restarted(self) -> bool:
        """Whether a step began again."""
        return self.event_type is DagsterEventType.STEP_RESTARTED

    @property
    def is_step_success(self) -> bool:
        """Whether a step succeeded."""
        return self.event_type is DagsterEventType.STEP_SUCCESS

    @property
    def is_failure(self) -> bool:
        """Whether something failed."""
        failures = (
            DagsterEventType.STEP_FAILURE,
            DagsterEventType.RUN_FAILURE,
            DagsterEventType.RESOURCE_INIT_FAILURE,
        )
        return self.event_type in failures

    @property
    def is_step_materialization(self) -> bool:
        """Whether an asset was made."""
        return self.event_type is DagsterEventType.ASSET_MATERIALIZATION

    @property
    def is_asset_observation(self) -> bool:
        """Whether something was seen about an asset."""
        return self.event_type is DagsterEventType.ASSET_OBSERVATION

    @property
    def is_handled_output(self) -> bool:
        """Whether an IO manager stored a value."""
        return self.event_type is DagsterEventType.HANDLED_OUTPUT

    @property
    def is_loaded_input(self) -> bool:
        """Whether an IO manager loaded a value."""
        return self.event_type is DagsterEventType.LOADED_INPUT

    @property
    def asset_materialization(self) -> AssetMaterialization | None:
        """The materialization of such an event."""
        return getattr(self.event_specific_data, "materialization", None)

    @property
    def materialization(self) -> AssetMaterialization:
        """The materialization of such an event."""
        assert self.is_step_materialization
        return self.event_specific_data.materialization

    @property
    def step_materialization_data(self) -> StepMaterializationData:
        """What a materialization event holds."""
        assert self.is_step_materialization
        return self.event_specific_data

    @property
    def asset_observation_data(self) -> AssetObservationData:
        """What an observation event holds."""
        assert self.is_asset_observation
        return self.event_specific_data

    @property
    def step_failure_data(self) -> StepFailureData:
        """What a failure event holds."""
        assert self.is_step_failure
        return self.event_specific_data

    @property
    def asset_key(self) -> AssetKey | None:
        """The asset of a materialization or an observation."""
        data = self.event_specific_data
        event = getattr(data, "materialization", None) or getattr(data, "asset_observation", None)
        return None if event is None else event.asset_key

    @property
    def partition(self) -> str | None:
        """The partition of a materialization or an observation."""
        data = self.event_specific_data
        event = getattr(data, "materialization", None) or getattr(data, "asset_observation", None)
        return None if event is None else event.partition
