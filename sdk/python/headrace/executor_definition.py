"""How the steps of a code location are run: `Definitions(executor=…)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headrace import check
from headrace.errors import DagsterInvalidConfigError, DagsterInvalidDefinitionError

_ISOLATIONS = ("worker", "step", "in_process")
_STARTS = ("fork", "spawn")


class ExecutorDefinition:
    """How the daemon starts workers for the runs of a code location, and what each of them takes."""

    def __init__(
        self,
        name: str,
        *,
        isolation: str = "worker",
        start: str | None = None,
        max_workers: int | None = None,
        max_rss: int | None = None,
        takes_config: bool = False,
    ) -> None:
        self.name = name
        self.isolation = _one_of(isolation, "isolation", _ISOLATIONS)
        self.start = None if start is None else _one_of(start, "start", _STARTS)
        self.max_workers = _positive(max_workers, "max_workers")
        self.max_rss = _positive(max_rss, "max_rss")
        self._takes_config = takes_config

    def configured(self, config: Any, name: str | None = None, **_: Any) -> ExecutorDefinition:
        """A copy with config: of `multiprocess_executor`, `max_concurrent` and `start_method`."""
        values = check.opt_mapping(config, "config")
        where = f"Config of {self.name}"
        known = ["retries", *(("max_concurrent", "start_method") if self._takes_config else ())]
        for key, value in values.items():
            if key == "tag_concurrency_limits" and self._takes_config:
                raise DagsterInvalidConfigError(
                    f"{where}: headrace has no tag_concurrency_limits here. Give the assets a pool, and limit it in "
                    "headrace.toml under [concurrency.pools]."
                )
            if key not in known:
                raise DagsterInvalidConfigError(
                    f'{where}: unknown field "{key}".{check.did_you_mean(key, known)} Known: {", ".join(known)}.'
                )
            if key == "retries" and value not in ({"enabled": {}}, {"enabled": None}):
                raise DagsterInvalidConfigError(
                    f'{where}: headrace can only have retries enabled: {{"retries": {{"enabled": {{}}}}}}. '
                    "Take the retry_policy from the assets that must not be retried."
                )
        return ExecutorDefinition(
            name or self.name,
            isolation=self.isolation,
            start=_start_of(values.get("start_method"), where) or self.start,
            # 0 is Dagster's way to say: as many as there are cores.
            max_workers=values.get("max_concurrent") or self.max_workers,
            max_rss=self.max_rss,
            takes_config=self._takes_config,
        )

    def to_json(self) -> dict[str, Any]:
        """`execution` of the code location protocol (section 6)."""
        return {
            "isolation": self.isolation,
            "start": self.start,
            "max_workers": self.max_workers,
            "max_rss": self.max_rss,
        }

    def __repr__(self) -> str:
        return f"ExecutorDefinition({self.name})"


def worker_executor(
    *,
    isolation: str = "worker",
    start: str | None = None,
    max_workers: int | None = None,
    max_rss: int | None = None,
) -> ExecutorDefinition:
    """How the steps of a code location are run; Headrace's own.

    `isolation`: "worker" (a few processes take step after step of their run; the default, and the quickest), "step"
    (a process for each step) or "in_process" (one process for the whole run). `start`: "fork" (from the loaded code) or
    "spawn" (a fresh interpreter); None takes fork where the loaded code allows it. `max_workers`: processes of one run at
    a time. `max_rss`: a process that holds more bytes of memory after a step takes no other one.
    """
    return ExecutorDefinition(
        "worker_executor", isolation=isolation, start=start, max_workers=max_workers, max_rss=max_rss
    )


def _start_of(start_method: Any, where: str) -> str | None:
    if start_method is None:
        return None
    names = list(start_method) if isinstance(start_method, Mapping) else [start_method]
    if names == ["spawn"]:
        return "spawn"
    if names == ["forkserver"]:
        return None  # what the host is anyway, where the code allows it
    raise DagsterInvalidConfigError(
        f'{where}: start_method must be {{"spawn": {{}}}} or {{"forkserver": {{}}}}.'
    )


def _one_of(value: Any, name: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise DagsterInvalidDefinitionError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def _positive(value: Any, name: str) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise DagsterInvalidDefinitionError(f"{name} must be a whole number from 1 on, not {value!r}.")
    return value


in_process_executor = ExecutorDefinition("in_process", isolation="in_process")
multiprocess_executor = ExecutorDefinition("multiprocess", isolation="step", takes_config=True)
# Dagster's default; Headrace's is its own default too.
multi_or_in_process_executor = ExecutorDefinition("multi_or_in_process", takes_config=True)
