"""What a step knows of the run it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headrace import check
from headrace.config_values import config_to_dict
from headrace.errors import DagsterInvalidConfigError

DAEMON_JOB_NAME = "__ASSET_JOB"
IN_PROCESS_JOB_NAME = "__ephemeral_asset_job__"


@dataclass(frozen=True)
class DagsterRun:
    """A run: its id, tags and run config."""

    run_id: str
    job_name: str = DAEMON_JOB_NAME
    run_config: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    number: int | None = None
    parent_run_id: str | None = None
    root_run_id: str | None = None

    @property
    def is_success(self) -> bool:
        """Whether the run has ended well; not while it is running."""
        return False


class RunConfig:
    """Config of a run, typed: `RunConfig(ops={"setosa": MyConfig(limit=3)}, resources={"db": Database(url="…")})`."""

    def __init__(
        self,
        ops: Mapping[str, Any] | None = None,
        resources: Mapping[str, Any] | None = None,
        loggers: Mapping[str, Any] | None = None,
        execution: Mapping[str, Any] | None = None,
    ) -> None:
        self.ops = check.opt_mapping(ops, "ops")
        self.resources = check.opt_mapping(resources, "resources")
        self.loggers = check.opt_mapping(loggers, "loggers")
        self.execution = check.opt_mapping(execution, "execution")

    def to_config_dict(self) -> dict[str, Any]:
        """The same as plain run config."""
        return {
            "loggers": self.loggers,
            "resources": {key: _entry(value) for key, value in self.resources.items()},
            "ops": {key: _entry(value) for key, value in self.ops.items()},
            "execution": self.execution,
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RunConfig) and self.to_config_dict() == other.to_config_dict()

    __hash__ = None  # type: ignore[assignment]


def _entry(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else {"config": config_to_dict(value)}


_SECTIONS = ("ops", "resources", "loggers", "execution")


def plain_run_config(run_config: Any) -> dict[str, Any]:
    """Run config as a dict, from a dict or a `RunConfig`; unknown sections are refused by name."""
    if not run_config and (run_config is None or isinstance(run_config, dict)):
        return {}
    if isinstance(run_config, RunConfig):
        run_config = run_config.to_config_dict()
    check.inst(run_config, "run_config", (Mapping, RunConfig))
    problems = []
    for name, value in run_config.items():
        if name not in _SECTIONS:
            hint = check.did_you_mean(str(name), _SECTIONS)
            problems.append(
                f'Received unexpected config entry "{name}" at the root.{hint} Expected: {", ".join(_SECTIONS)}.'
            )
        elif value is not None and not isinstance(value, Mapping):
            problems.append(f"Expected an object, got {check.short_repr(value, 60)}, at root:{name}.")
    if problems:
        raise DagsterInvalidConfigError("Error in run config: " + " ".join(problems), problems)
    return {name: dict(value or {}) for name, value in run_config.items()}
