"""How the daemon runs an asset's step: what `@asset` was given as `retry_policy`, `pool` and `op_tags`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headrace import check
from headrace.errors import DagsterInvalidDefinitionError
from headrace.retry_policy import RetryPolicy

PRIORITY_TAG = "dagster/priority"
POOL_TAG = "dagster/concurrency_key"  # the older way to name a pool
TIME_LIMIT_TAG = "headrace/time_limit"  # seconds
MEMORY_LIMIT_TAG = "headrace/memory_limit"  # bytes, or a number with KiB, MiB or GiB
_UNITS = {"": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30}
_POOL = re.compile(r"[A-Za-z0-9_/]+")


@dataclass(frozen=True)
class StepOptions:
    """Retries, pool, priority and limits of a step. Values are checked when it is made."""

    op_tags: Mapping[str, Any] = field(default_factory=dict)
    retry_policy: RetryPolicy | None = None
    pool: str | None = None
    priority: int = 0
    time_limit: float | None = None  # seconds of one attempt
    memory_limit: int | None = None  # bytes beyond what the worker holds at the step's start

    @staticmethod
    def read(op_tags: Mapping[str, Any] | None, retry_policy: Any, pool: Any) -> StepOptions:
        """From the arguments of `@asset`."""
        tags = check.opt_mapping(op_tags, "op_tags")
        return StepOptions(
            tags,
            check.opt_inst(retry_policy, "retry_policy", RetryPolicy),
            _pool(check.opt_str(pool, "pool"), tags.get(POOL_TAG)),
            _number(tags, PRIORITY_TAG, int) or 0,
            _positive(tags, TIME_LIMIT_TAG, _number(tags, TIME_LIMIT_TAG, float)),
            _positive(tags, MEMORY_LIMIT_TAG, _size(tags)),
        )

    def to_json(self) -> dict[str, Any]:
        """As the code location protocol has it (section 6)."""
        return {
            "retry_policy": None if self.retry_policy is None else self.retry_policy.to_json(),
            "pool": self.pool,
            "priority": self.priority,
            "time_limit": self.time_limit,
            "memory_limit": self.memory_limit,
        }


def _pool(pool: str | None, tag: Any) -> str | None:
    if pool is not None and tag is not None and pool != tag:
        raise DagsterInvalidDefinitionError(
            f'The pool is given twice: pool="{pool}", and "{tag}" as the op tag {POOL_TAG}.'
        )
    name = tag if pool is None else pool
    if name is not None and (not isinstance(name, str) or not _POOL.fullmatch(name)):
        raise DagsterInvalidDefinitionError(f"The pool {name!r} may hold only letters, digits, _ and /.")
    return name


def _number(tags: Mapping[str, Any], tag: str, kind: Any) -> Any:
    if tag not in tags:
        return None
    try:
        return kind(str(tags[tag]))
    except ValueError:
        what = "a whole number" if kind is int else "a number of seconds"
        raise DagsterInvalidDefinitionError(f"The op tag {tag} must be {what}, not {tags[tag]!r}.") from None


def _size(tags: Mapping[str, Any]) -> int | None:
    if MEMORY_LIMIT_TAG not in tags:
        return None
    match = re.fullmatch(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)\s*", str(tags[MEMORY_LIMIT_TAG]))
    if match is None or match[2].lower() not in _UNITS:
        raise DagsterInvalidDefinitionError(
            f'The op tag {MEMORY_LIMIT_TAG} must be a number of bytes, or one with a unit such as "512 MiB", '
            f"not {tags[MEMORY_LIMIT_TAG]!r}."
        )
    return int(float(match[1]) * _UNITS[match[2].lower()])


def _positive(tags: Mapping[str, Any], tag: str, value: Any) -> Any:
    if value is not None and not value > 0:
        raise DagsterInvalidDefinitionError(f"The op tag {tag} must be more than 0, not {tags[tag]!r}.")
    return value
