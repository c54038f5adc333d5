"""Trying a failed step again: `RetryPolicy`, and the exceptions that ask for it or forbid it."""

from __future__ import annotations

import enum
import random
from collections.abc import Mapping
from typing import Any

from headrace import check
from headrace.errors import DagsterInvalidDefinitionError
from headrace.metadata import normalize_metadata


class Backoff(enum.Enum):
    """How the delay grows from one retry to the next."""

    LINEAR = "LINEAR"  # delay × number of the retry
    EXPONENTIAL = "EXPONENTIAL"  # delay × (2^number − 1)


class Jitter(enum.Enum):
    """How the delay is varied, so that many failed steps do not come back at one moment."""

    FULL = "FULL"  # anything from nothing to the whole delay
    PLUS_MINUS = "PLUS_MINUS"  # up to one base delay more or less


class RetryPolicy:
    """How often a failed step is tried again, and after how long: `@asset(retry_policy=RetryPolicy(3, delay=1))`.

    `delay` in seconds; `backoff` and `jitter` vary it and need it. Only failures of the step use retries up: a crash of
    its process does, a full disk under Headrace's home does not.
    """

    def __init__(
        self,
        max_retries: int = 1,
        delay: float | None = None,
        backoff: Backoff | None = None,
        jitter: Jitter | None = None,
    ) -> None:
        self.max_retries = _count(max_retries)
        self.delay = None if delay is None else _seconds(delay, "delay")
        self.backoff = check.opt_inst(backoff, "backoff", Backoff)
        self.jitter = check.opt_inst(jitter, "jitter", Jitter)
        if self.delay is None and (backoff or jitter):
            given = "backoff" if backoff else "jitter"
            raise DagsterInvalidDefinitionError(
                f"RetryPolicy: {given} varies the delay, and there is none: give delay= (seconds)."
            )

    def calculate_delay(self, attempt_num: int) -> float:
        """Seconds to wait before this retry; the first one is 1."""
        base = self.delay or 0.0
        delay = base
        if self.backoff is Backoff.LINEAR:
            delay = base * attempt_num
        elif self.backoff is Backoff.EXPONENTIAL:
            delay = base * (2**attempt_num - 1)
        if self.jitter is Jitter.FULL:
            delay *= random.random()
        elif self.jitter is Jitter.PLUS_MINUS:
            delay += base * random.uniform(-1, 1)
        return max(0.0, delay)

    def to_json(self) -> dict[str, Any]:
        """As the code location protocol has it (section 6)."""
        return {
            "max_retries": self.max_retries,
            "delay": self.delay,
            "backoff": None if self.backoff is None else self.backoff.value.lower(),
            "jitter": None if self.jitter is None else self.jitter.value.lower(),
        }

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RetryPolicy) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.max_retries, self.delay, self.backoff, self.jitter))

    def __repr__(self) -> str:
        return (
            f"RetryPolicy(max_retries={self.max_retries}, delay={self.delay}, "
            f"backoff={self.backoff}, jitter={self.jitter})"
        )


class RetryRequested(Exception):  # noqa: N818 - Dagster's name
    """Raise it in an asset's function to have the step tried again; it goes before the asset's `RetryPolicy`.

    `max_retries` counts all retries of the step; `seconds_to_wait` None means at once. Raise it `from` the error that
    made it necessary: that one is shown.
    """

    def __init__(self, max_retries: int | None = 1, seconds_to_wait: float | None = None) -> None:
        super().__init__()
        self.max_retries = 1 if max_retries is None else _count(max_retries)
        self.seconds_to_wait = (
            None if seconds_to_wait is None else _seconds(seconds_to_wait, "seconds_to_wait")
        )

    def __str__(self) -> str:
        return f"a retry was requested (max_retries {self.max_retries})"


class Failure(Exception):  # noqa: N818 - Dagster's name
    """Raise it to fail a step with a description and metadata; `allow_retries=False` also forbids further attempts."""

    def __init__(
        self,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        allow_retries: bool | None = None,
    ) -> None:
        super().__init__(check.opt_str(description, "description") or "")
        self.description = description
        self.metadata = normalize_metadata(metadata)
        self.allow_retries = True if check.opt_bool(allow_retries, "allow_retries") is None else allow_retries


def wish_of(error: BaseException) -> dict[str, Any] | bool | None:
    """What a step's exception wants of retries, as `step_ended` says it: an object, False, or None for the policy's."""
    if isinstance(error, RetryRequested):
        return {"max_retries": error.max_retries, "seconds": error.seconds_to_wait}
    return False if isinstance(error, Failure) and not error.allow_retries else None


def _count(value: Any) -> int:
    if isinstance(value, bool) or check.inst(value, "max_retries", int) < 0:
        raise DagsterInvalidDefinitionError(f"max_retries must be a whole number from 0 on, not {value!r}.")
    return value


def _seconds(value: Any, name: str) -> float:
    if isinstance(value, bool) or check.inst(value, name, (int, float)) < 0 or value != value:
        raise DagsterInvalidDefinitionError(f"{name} must be a number of seconds from 0 on, not {value!r}.")
    return value
