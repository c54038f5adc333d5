"""What `materialize()` returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from headrace import check
from headrace.asset_key import AssetKey
from headrace.errors import DagsterInvariantViolationError
from headrace.output import AssetMaterialization, AssetObservation
from headrace.run import DagsterRun
from headrace.run_events import DagsterEvent, DagsterEventType, StepFailureData


class ExecuteInProcessResult:
    """The outcome of a run in this process: success, values, events."""

    def __init__(
        self,
        run: DagsterRun,
        success: bool,
        events: list[DagsterEvent],
        step_by_key: dict[AssetKey, str],
        values: dict[str, Any],
    ) -> None:
        self._run = run
        self._success = success
        self._events = events
        self._step_by_key = step_by_key
        self._values = values

    @property
    def success(self) -> bool:
        """Whether every step succeeded."""
        return self._success

    @property
    def run_id(self) -> str:
        """The run's id."""
        return self._run.run_id

    @property
    def dagster_run(self) -> DagsterRun:
        """The run."""
        return self._run

    @property
    def all_events(self) -> list[DagsterEvent]:
        """All events, in order."""
        return list(self._events)

    @property
    def all_node_events(self) -> list[DagsterEvent]:
        """The events of steps, in order."""
        return [each for each in self._events if each.is_step_event]

    def filter_events(self, event_filter: Callable[[DagsterEvent], bool]) -> list[DagsterEvent]:
        """The events that the filter takes."""
        return [each for each in self._events if event_filter(each)]

    def events_for_node(self, node_name: str) -> list[DagsterEvent]:
        """The events of one step."""
        self._check_node(node_name)
        return [each for each in self._events if each.step_key == node_name]

    def output_for_node(self, node_str: str, output_name: str = "result") -> Any:
        """The value that a step made."""
        self._check_node(node_str)
        if output_name != "result":
            raise DagsterInvariantViolationError(
                f'Step "{node_str}" has no output "{output_name}", only "result".'
            )
        if node_str not in self._values:
            raise DagsterInvariantViolationError(
                f"No outputs found for output 'result' from node '{node_str}'."
            )
        return self._values[node_str]

    def output_value(self, output_name: str = "result") -> Any:
        """Outputs of graphs; a run of assets has none."""
        raise DagsterInvariantViolationError(
            "A run of assets has no output of its own: use asset_value or output_for_node."
        )

    def asset_value(self, asset_key: Any) -> Any:
        """The value that the function of an asset made."""
        key = AssetKey.from_coercible(asset_key)
        if key not in self._step_by_key:
            names = [each.to_user_string() for each in self._step_by_key]
            raise check.CheckError(
                f"{key!r} was not part of this run.{check.did_you_mean(key.to_user_string(), names)}"
            )
        return self.output_for_node(self._step_by_key[key])

    def asset_materializations_for_node(self, node_name: str) -> list[AssetMaterialization]:
        """The materializations of one step."""
        return [
            each.materialization for each in self.events_for_node(node_name) if each.is_step_materialization
        ]

    def asset_observations_for_node(self, node_name: str) -> list[AssetObservation]:
        """The observations of one step."""
        events = self.events_for_node(node_name)
        return [each.event_specific_data.asset_observation for each in events if each.is_asset_observation]

    def get_asset_materialization_events(self) -> list[DagsterEvent]:
        """All events of materializations."""
        return self._of_type(DagsterEventType.ASSET_MATERIALIZATION)

    def get_asset_observation_events(self) -> list[DagsterEvent]:
        """All events of observations."""
        return self._of_type(DagsterEventType.ASSET_OBSERVATION)

    def get_asset_check_evaluations(self) -> list[Any]:
        """Always empty: asset checks are not there yet."""
        return []

    def get_step_failure_events(self) -> list[DagsterEvent]:
        """All events of failed steps."""
        return self._of_type(DagsterEventType.STEP_FAILURE)

    def get_step_success_events(self) -> list[DagsterEvent]:
        """All events of steps that succeeded."""
        return self._of_type(DagsterEventType.STEP_SUCCESS)

    def get_failed_step_keys(self) -> set[str]:
        """The steps that failed."""
        return {each.step_key for each in self.get_step_failure_events() if each.step_key is not None}

    def failure_data_for_node(self, node_name: str) -> StepFailureData | None:
        """Why a step failed; None where it did not."""
        failures = [each for each in self.events_for_node(node_name) if each.is_step_failure]
        return failures[0].step_failure_data if failures else None

    def retry_attempts_for_node(self, node_name: str) -> int:
        """How often a step was tried again."""
        return sum(each.is_step_restarted for each in self.events_for_node(node_name))

    def is_node_success(self, node_name: str) -> bool:
        """Whether a step succeeded."""
        return any(each.is_step_success for each in self.events_for_node(node_name))

    def is_node_failed(self, node_name: str) -> bool:
        """Whether a step failed."""
        return any(each.is_step_failure for each in self.events_for_node(node_name))

    def _of_type(self, event_type: DagsterEventType) -> list[DagsterEvent]:
        return [each for each in self._events if each.event_type is event_type]

    def _check_node(self, name: str) -> None:
        steps = self._step_by_key.values()
        if name not in steps:
            raise DagsterInvariantViolationError(
                f"{self._run.job_name} has no op named {name}.{check.did_you_mean(name, steps)}"
            )
