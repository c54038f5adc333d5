"""Errors of definitions and execution. The class names are Dagster's, so that `except` clauses keep working."""

from __future__ import annotations


class DagsterError(Exception):
    """Base class of every error that Headrace raises by itself."""


class DagsterInvalidDefinitionError(DagsterError):
    """A definition contradicts itself, another definition, or names something that does not exist."""


class DagsterInvalidConfigDefinitionError(DagsterError):
    """A config schema is not a schema."""


class DagsterInvalidConfigError(DagsterError):
    """Config values do not fit their schema, or an environment variable they name is not set.

    `errors` holds one sentence for each problem.
    """

    def __init__(self, message: str, errors: list[str] | None = None) -> None:
        super().__init__(message)
        self.errors = errors if errors is not None else [message]


class DagsterInvalidInvocationError(DagsterError):
    """Something was called or changed in a way it cannot be, such as assigning to a config field."""


class DagsterInvariantViolationError(DagsterError):
    """A rule that the framework relies on was broken by the calling code."""


class DagsterInvalidSubsetError(DagsterError):
    """A selection names assets that do not exist."""


class DagsterInvalidMetadata(DagsterError):
    """A value cannot be stored as metadata."""


class DagsterInvalidPropertyError(DagsterError):
    """A context was asked for something that this kind of run does not have."""


class DagsterUnknownResourceError(DagsterError, AttributeError):
    """A resource was used that the asset did not ask for."""

    def __init__(self, resource_name: str, available: list[str] | None = None) -> None:
        have = f" Available: {', '.join(available)}." if available else " This step has no resources."
        super().__init__(
            f'Unknown resource "{resource_name}": name it in required_resource_keys, '
            f"or take it as a parameter of the function.{have}"
        )
        self.resource_name = resource_name


class DagsterTypeCheckDidNotPass(DagsterError):
    """A value is not of the declared type."""


class DagsterStepOutputNotFoundError(DagsterError):
    """A required output was not produced."""


class DagsterUserCodeExecutionError(DagsterError):
    """User code raised; `user_exception` is what it raised."""

    def __init__(self, message: str, user_exception: BaseException | None = None) -> None:
        super().__init__(message)
        self.user_exception = user_exception


class DagsterExecutionStepExecutionError(DagsterUserCodeExecutionError):
    """The asset's function raised."""


class DagsterExecutionLoadInputError(DagsterUserCodeExecutionError):
    """An IO manager's load_input raised."""


class DagsterExecutionHandleOutputError(DagsterUserCodeExecutionError):
    """An IO manager's handle_output raised."""


class DagsterResourceFunctionError(DagsterUserCodeExecutionError):
    """A resource's own code raised while it was set up."""
