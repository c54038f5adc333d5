"""A step that failed, and the phase of the step it failed in."""

from __future__ import annotations

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


class phase:  # noqa: N801 - used as `with phase(…):`; a class, since a generator costs more and every step has six
    """Turn what goes wrong inside into a `StepFailure` of this phase. `what` says what was being done.

    A user's exception counts as `wrapper`; errors of ours keep their class, and those about config their phase.
    """

    __slots__ = ("_name", "_what", "_wrapper")

    def __init__(
        self, name: str, what: str, wrapper: type[DagsterUserCodeExecutionError] | None = None
    ) -> None:
        self._name = name
        self._what = what
        self._wrapper = wrapper

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, StepFailure):
            return
        if isinstance(error, DagsterUserCodeExecutionError):
            user = error.user_exception or error
            raise failure(self._name, self._what, user, type(error).__name__) from user
        if isinstance(error, DagsterInvalidConfigError):
            raise failure("config", self._what, error, type(error).__name__) from error
        if isinstance(error, DagsterError):
            raise failure(self._name, self._what, error, type(error).__name__) from error
        raise failure(
            self._name, self._what, error, self._wrapper.__name__ if self._wrapper else None
        ) from error


def failure(name: str, what: str, error: BaseException, framework_type: str | None) -> StepFailure:
    """The failure for an exception."""
    return StepFailure(
        f"{what}: {type(error).__name__}: {error}", phase=name, framework_type=framework_type, error=error
    )
