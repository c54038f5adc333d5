"""References to environment variables, resolved only where and when a run executes.

An `EnvVar` stands for a value that is not known yet. It is a `str` so that type checkers accept it for
string fields, but it refuses to be used as text: its characters are the variable's name, never its value.
"""

from __future__ import annotations

import builtins
import os
from typing import Any, NoReturn

from headrace import check


class EnvVar(str):
    """The value of an environment variable, looked up when a run needs it: `path=EnvVar("DATA_PATH")`."""

    __slots__ = ()

    def __new__(cls, name: str) -> EnvVar:
        if not isinstance(name, str):
            raise check.wrong_type(name, "name", str)
        if not name:
            raise check.ParameterCheckError('Parameter "name" of EnvVar must not be empty.')
        return super().__new__(cls, name)

    @classmethod
    def int(cls, name: str) -> IntEnvVar:
        """A variable that holds an integer, for `int` fields."""
        return IntEnvVar.create(name)

    @property
    def env_var_name(self) -> str:
        """The variable's name."""
        return str.__str__(self)

    def get_value(self, default: str | None = None) -> str | None:
        """The variable's value in this process now, or `default` where it is not set."""
        return os.environ.get(self.env_var_name, default)

    def _refuse(self, *_: Any) -> NoReturn:
        raise RuntimeError(_refusal("EnvVar", self.env_var_name))

    __str__ = __format__ = __add__ = __radd__ = __mod__ = __rmod__ = __mul__ = __rmul__ = _refuse  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"EnvVar({self.env_var_name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EnvVar) and str.__eq__(self, other) is True

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> builtins.int:
        return hash((EnvVar, self.env_var_name))

    def __reduce__(self) -> tuple[Any, ...]:
        return (EnvVar, (self.env_var_name,))


class IntEnvVar(int):
    """The integer value of an environment variable; made by `EnvVar.int("PORT")`."""

    env_var_name: str

    @classmethod
    def create(cls, name: str) -> IntEnvVar:
        """A reference to the variable `name`."""
        variable = super().__new__(cls, 0)
        variable.env_var_name = check.inst(name, "name", str)
        return variable

    def get_value(self, default: int | None = None) -> int | None:
        """The variable's value in this process now, or `default` where it is not set."""
        text = os.environ.get(self.env_var_name)
        return default if text is None else parse_int(text, self.env_var_name)

    def _refuse(self, *_: Any) -> NoReturn:
        raise RuntimeError(_refusal("EnvVar.int", self.env_var_name))

    __int__ = __index__ = __float__ = __str__ = __format__ = __bool__ = _refuse  # type: ignore[assignment]
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __floordiv__ = _refuse  # type: ignore[assignment]
    __mod__ = __neg__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"EnvVar.int({self.env_var_name!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, IntEnvVar) and self.env_var_name == other.env_var_name

    def __hash__(self) -> int:
        return hash((IntEnvVar, self.env_var_name))

    def __reduce__(self) -> tuple[Any, ...]:
        return (IntEnvVar.create, (self.env_var_name,))


class EnvVarNotSetError(Exception):
    """An environment variable that a value was to come from is not set, or does not hold what is needed."""

    def __init__(self, message: str, env_var_name: str) -> None:
        super().__init__(message)
        self.env_var_name = env_var_name


def parse_int(text: str, name: str) -> int:
    """`text` as an integer; the error names the variable and does not show its value."""
    try:
        return int(text)
    except ValueError:
        raise EnvVarNotSetError(
            f'The environment variable "{name}" does not hold an integer (its value is not shown).', name
        ) from None


def resolve_env_var(variable: EnvVar | IntEnvVar) -> str | int:
    """The variable's value; `EnvVarNotSetError` where it has none."""
    name = variable.env_var_name
    text = os.environ.get(name)
    if text is None:
        raise EnvVarNotSetError(
            f'You have attempted to fetch the environment variable "{name}" which is not set. '
            "Set it in the environment or in the .env file, then start the run again.",
            name,
        )
    return parse_int(text, name) if isinstance(variable, IntEnvVar) else text


def _refusal(kind: str, name: str) -> str:
    return (
        f'{kind}("{name}") is a reference to an environment variable, not its value: it is looked up when a run '
        f'executes, and can only be given to config or resources. For the value now, use {kind}("{name}").get_value() '
        f'or os.getenv("{name}").'
    )
