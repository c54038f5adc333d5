"""A step that failed, and the phase of the step it failed in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from headrace.errors import (
    DagsterError,
    DagsterInvalidConfigError,
    DagsterUserCodeExecutionError,
)


class StepFailure(Exception):
    """A step failed; `__cause__` is the user's own exception where there is one.

    `phase`: resources, config, load_input, asset, type_check, handle_output.
    `framework_type`: the name of Dagster's error class for this failure, or None.
    `hint`: what to do about it, where that is known. `source`: file and line of the asset's function.
    """

    def __init__(
        self,
        message: str,
        *,
        phase: str,
        framework_type: str | None = None,
        error: BaseException | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.phase = phase
        self.framework_type = framework_type
        # What a caller in the same process is given: the user's exception, else the framework's.
        self.error = error if error is not None else self
        self.hint = hint
        self.source: tuple[str, int] | None = None


@contextlib.contextmanager
def phase(name: str, what: str, wrapper: type[DagsterUserCodeExecutionError] | None = None) -> Iterator[None]:
    """Turn what goes wrong inside into a `StepFailure` of this phase. `what` says what was being done.

    A user's exception counts as `wrapper`; errors of ours keep their class, and those about config their phase.
    """
    try:
        yield
    except StepFailure:
        raise
    except DagsterUserCodeExecutionError as error:
        user = error.user_exception or error
        raise failure(name, what, user, type(error).__name__) from user
    except DagsterInvalidConfigError as error:
        raise failure("config", what, error, type(error).__name__) from error
    except DagsterError as error:
        raise failure(name, what, error, type(error).__name__) from error
    except Exception as error:
        raise failure(name, what, error, wrapper.__name__ if wrapper else None) from error


def failure(name: str, what: str, error: BaseException, framework_type: str | None) -> StepFailure:
    """The failure for an exception."""
    return StepFailure(
        f"{what}: {type(error).__name__}: {error}", phase=name, framework_type=framework_type, error=error
    )
