"""Running one step: resources, inputs, the asset's function, its output.

What a step does is reported in order to a `StepReporter`; `StepFailure` says what went wrong, and where.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from headrace.asset_key import AssetKey
from headrace.errors import DagsterInvariantViolationError
from headrace.init_resource_context import ScopedResources
from headrace.log import DagsterLogManager
from headrace.metadata import to_json
from headrace.output import AssetMaterialization, AssetObservation
from headrace.resource_scope import ResourceScope
from headrace.run import DagsterRun, plain_run_config
from headrace.step_failure import StepFailure, phase
from headrace.step_request import StepInput, StepRequest

if TYPE_CHECKING:
    from headrace.resolved import ResolvedAsset, ResolvedDefinitions

__all__ = [
    "ResourceSession",
    "StepFailure",
    "StepInput",
    "StepObserver",
    "StepReporter",
    "StepRequest",
    "around_handle_output",
    "execute_step",
]


class StepReporter(Protocol):
    """Receives what a step does, in order."""

    def inputs_loaded(self, inputs: list[dict[str, Any]]) -> None:
        """`inputs`: `{"name", "asset_key", "metadata", "seconds"}` each."""

    def observed(self, asset_key: list[str], partition: str | None, metadata: dict[str, Any]) -> None:
        """Something was seen about an asset."""

    def materialized(
        self,
        asset_key: list[str],
        partition: str | None,
        metadata_json: dict[str, Any],
        stored: dict[str, Any] | None,
        data_version: str | None,
        tags: dict[str, str],
    ) -> None:
        """An asset was made; for the step's own asset this is the last report."""

    def log(self, level: str, message: str) -> None:
        """`level`: debug, info, warning, error, critical."""


class StepObserver:
    """Sees the Python objects of a step; `materialize()` makes its events from them. This one looks at nothing."""

    is_watching = False

    def input_loaded(self, name: str, key: AssetKey, manager_key: str, metadata: Mapping[str, Any]) -> None:
        """An IO manager loaded an input."""

    def input_checked(self, name: str, type_name: str) -> None:
        """An input is of its type."""

    def output_made(self, value: Any, type_name: str, metadata: Mapping[str, Any]) -> None:
        """The function's value is of its type."""

    def event(self, event: AssetMaterialization | AssetObservation) -> None:
        """A materialization or an observation was recorded, the asset's own one included."""

    def output_handled(self, manager_key: str, metadata: Mapping[str, Any]) -> None:
        """An IO manager stored the value."""


class ResourceSession(AbstractContextManager):
    """The resources of one worker: set up on first need, torn down at the end; for one run at a time."""

    def __init__(self, resolved: ResolvedDefinitions) -> None:
        self.resolved = resolved
        self._scope: ResourceScope | None = None
        self._run_id: str | None = None
        self._sink: Callable[[str, str], None] = lambda level, message: None
        # One for all steps: making a logger costs more than most of them.
        self.log = DagsterLogManager(lambda level, message: self._sink(level, message))

    def scope(self, request: StepRequest, reporter: StepReporter) -> ResourceScope:
        """The resources of the request's run. Those of an earlier run are torn down first."""
        self._sink = reporter.log
        if self._scope is None or self._run_id != request.run_id:
            self.close()
            self._run_id = request.run_id
            self._scope = ResourceScope(
                self.resolved.resources,
                resource_config=plain_run_config(request.run_config).get("resources"),
                what=f"job {request.job_name}",
                log=self.log,
                run=run_of(request),
            )
        return self._scope

    def close(self) -> None:
        """Tear all resources down; the last error is raised."""
        scope, self._scope = self._scope, None
        if scope is not None:
            scope.close()

    def __exit__(self, *exc_info: object) -> None:
        self.close()


@contextlib.contextmanager
def _no_watch() -> Iterator[Any]:
    yield None


# A factory of context managers around an IO manager's handle_output. What it yields may be None
# or an object with `single_path() -> str | None`: the one file that was opened for writing.
around_handle_output: Callable[[], AbstractContextManager[Any]] = _no_watch


def run_of(request: StepRequest) -> DagsterRun:
    """The run that a request belongs to."""
    return DagsterRun(
        request.run_id, request.job_name, request.run_config, dict(request.tags), number=request.run_number
    )


def execute_step(
    resolved: ResolvedDefinitions,
    session: ResourceSession,
    request: StepRequest,
    reporter: StepReporter,
    observer: StepObserver | None = None,
) -> None:
    """Run one step, reporting as it goes; raises `StepFailure`."""
    from headrace.step_inputs import load_inputs
    from headrace.step_output import run_function

    asset = resolved.asset(AssetKey(request.asset_key))
    if asset.definition is None:
        raise StepFailure(f"{asset.key!r} has no function in this code location.", phase="asset")
    step = Step(resolved, asset, session, request, reporter, observer or StepObserver())
    try:
        step.prepare()
        values = load_inputs(step)
        run_function(step, values)
    except StepFailure as failure:
        source = asset.definition.source
        failure.source = None if source is None else (source.file, source.line)
        raise


class Step:
    """What the parts of a running step share."""

    def __init__(
        self,
        resolved: ResolvedDefinitions,
        asset: ResolvedAsset,
        session: ResourceSession,
        request: StepRequest,
        reporter: StepReporter,
        observer: StepObserver,
    ) -> None:
        assert asset.definition is not None
        self.resolved = resolved
        self.asset = asset
        self.definition = asset.definition
        self.request = request
        self.reporter = reporter
        self.observer = observer
        self.run = run_of(request)
        self.log = session.log
        self._session = session

    @property
    def name(self) -> str:
        """The step's asset, as people write it."""
        return self.asset.key.to_user_string()

    def prepare(self) -> None:
        """Read the run config, and set up every resource that the step needs."""
        with phase("config", f"Config of step {self.name}"):
            self.scope = self._session.scope(self.request, self.reporter)
            ops = plain_run_config(self.request.run_config).get("ops", {})
            self.op_config: dict[str, Any] = dict(ops.get(self.asset.step_key) or {})
        with phase("resources", f"Resources of step {self.name}"):
            for key in self.asset.required_resources:
                self.scope.get(key)
            self.resources: ScopedResources = self.scope.resources(self.definition.required_resource_keys)

    def emit(self, event: AssetMaterialization | AssetObservation) -> None:
        """Report an event of the user's."""
        self.observer.event(event)
        key, metadata = event.asset_key.path, to_json(event.metadata)
        if isinstance(event, AssetObservation):
            self.reporter.observed(key, event.partition, metadata)
        else:
            self.reporter.materialized(
                key, event.partition, metadata, None, event.data_version, dict(event.tags)
            )

    @functools.cached_property
    def request_inputs(self) -> dict[str, StepInput]:
        """What the request says about each input."""
        return {each.name: each for each in self.request.inputs}

    def manager(self, key: str) -> Any:
        """The living IO manager (or input manager) of this key."""
        manager = self.scope.get(key)
        if not hasattr(manager, "load_input"):
            raise DagsterInvariantViolationError(
                f'The resource "{key}" is used as an IO manager, but is {type(manager).__name__}.'
            )
        return manager

    def resources_of(self, key: str) -> ScopedResources:
        """The resources that a resource requires."""
        return self.scope.resources(self.resolved.resources[key].required_resource_keys)


def seconds_since(start: float) -> float:
    """Elapsed time."""
    return time.perf_counter() - start
