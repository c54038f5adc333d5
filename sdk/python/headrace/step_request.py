"""One step to run, as the daemon asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class StepInput:
    """Where one input of a step comes from (an entry of `run_step`'s `inputs`)."""

    name: str
    asset_key: list[str]
    partition: str | None = None
    code_location: str | None = None
    in_run: bool = False
    # The materialization to read; None where the asset was never materialized.
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
    job_name: str = "__ASSET_JOB"

    @staticmethod
    def from_message(message: dict[str, Any]) -> StepRequest:
        """Read a `run_step` message; unknown fields are ignored, null means not given."""
        values = _known(_REQUEST_FIELDS, message)
        values["inputs"] = [StepInput(**_known(_INPUT_FIELDS, each)) for each in message.get("inputs") or []]
        return StepRequest(**values)


_REQUEST_FIELDS = frozenset(each.name for each in fields(StepRequest))
_INPUT_FIELDS = frozenset(each.name for each in fields(StepInput))


def _known(names: frozenset[str], message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if value is not None and name in names}
