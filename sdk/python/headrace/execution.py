"""Running one step: resources, inputs, the asset's function, its output."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass
class StepInput:
    """Where one input of a step comes from (an entry of `run_step`'s `inputs`)."""

    name: str
    asset_key: list[str]
    partition: str | None = None
    code_location: str | None = None
    in_run: bool = False
    materialization: dict[str, Any] | None = None


@dataclass
class StepRequest:
    """One step to run (`run_step` of the code location protocol)."""

    run_id: str
    step_key: str
    asset_key: list[str]
    run_number: int | None = None
    attempt: int = 1
    partition: str | None = None
    inputs: list[StepInput] = field(default_factory=list)
    run_config: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def from_message(message: dict[str, Any]) -> StepRequest:
        """Read a `run_step` message; unknown fields are ignored."""
        raise NotImplementedError


class StepReporter(Protocol):
    """Receives what a step does, in order."""

    def inputs_loaded(self, inputs: list[dict[str, Any]]) -> None:
        """`inputs`: `{"name", "asset_key", "metadata", "seconds"}` each."""

    def observed(self, asset_key: list[str], partition: str | None, metadata: dict[str, Any]) -> None: ...

    def materialized(
        self,
        asset_key: list[str],
        partition: str | None,
        metadata_json: dict[str, Any],
        stored: dict[str, Any] | None,
        data_version: str | None,
        tags: dict[str, str],
    ) -> None: ...

    def log(self, level: str, message: str) -> None:
        """`level`: debug, info, warning, error, critical."""


class StepFailure(Exception):
    """A step failed; `__cause__` is the user's own exception where there is one.

    `phase`: resources, config, load_input, asset, type_check, handle_output.
    `framework_type`: the name of Dagster's error class for this failure, or None.
    """

    def __init__(self, message: str, *, phase: str, framework_type: str | None = None) -> None:
        super().__init__(message)
        self.phase = phase
        self.framework_type = framework_type


class ResourceSession(AbstractContextManager):
    """The resources of one worker: set up on first need, torn down at the end."""

    def __init__(self, resolved: Any) -> None:
        self.resolved = resolved

    def __exit__(self, *exc_info: object) -> None:
        raise NotImplementedError


@contextlib.contextmanager
def _no_watch() -> Iterator[Any]:
    yield None


# A factory of context managers around an IO manager's handle_output. What it yields may be None
# or an object with `single_path() -> str | None`: the one file that was opened for writing.
around_handle_output: Callable[[], AbstractContextManager[Any]] = _no_watch


def execute_step(resolved: Any, session: ResourceSession, request: StepRequest, reporter: StepReporter) -> None:
    """Run one step, reporting as it goes; raises `StepFailure`."""
    raise NotImplementedError
