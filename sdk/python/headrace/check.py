"""Checks of arguments: a wrong type is refused where it is given, naming parameter, expected and given type."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")


class CheckError(Exception):
    """An assumption of the framework does not hold."""


class ParameterCheckError(CheckError):
    """An argument has the wrong type."""


class NotImplementedCheckError(CheckError):
    """A code path that does not exist."""


def failed(message: str) -> NoReturn:
    """Raise `CheckError`."""
    raise CheckError(message)


def invariant(condition: object, message: str) -> None:
    """Raise `CheckError` with `message` unless `condition` holds."""
    if not condition:
        raise CheckError(message)


def type_name(expected: Any) -> str:
    """A type, or a tuple of types, in words: `str or Mapping`."""
    if isinstance(expected, tuple):
        return " or ".join(type_name(each) for each in expected)
    return getattr(expected, "__name__", str(expected))


def short_repr(value: object, limit: int = 120) -> str:
    """`repr`, cut to `limit` characters; never raises."""
    try:
        text = repr(value)
    except Exception:
        text = f"<{type(value).__name__}>"
    return text if len(text) <= limit else text[: limit - 1] + "…"


def wrong_type(value: object, name: str, expected: Any) -> ParameterCheckError:
    """The error for an argument of the wrong type."""
    return ParameterCheckError(
        f'Parameter "{name}" must be {type_name(expected)}, but got {short_repr(value)} '
        f"of type {type(value).__name__}."
    )


def inst(value: T, name: str, expected: Any) -> T:
    """`value`, which must be an instance of `expected`."""
    if not isinstance(value, expected):
        raise wrong_type(value, name, expected)
    return value


def opt_inst(value: T, name: str, expected: Any) -> T:
    """`value`, which must be None or an instance of `expected`."""
    return value if value is None else inst(value, name, expected)


def opt_str(value: str | None, name: str) -> str | None:
    """`value`, which must be None or a string."""
    return opt_inst(value, name, str)


def opt_bool(value: bool | None, name: str) -> bool | None:
    """`value`, which must be None or a bool."""
    return opt_inst(value, name, bool)


def opt_mapping(value: Mapping[Any, Any] | None, name: str, key_type: Any = str) -> dict[Any, Any]:
    """A copy of `value` as a dict (empty for None); keys must be of `key_type`."""
    if value is None:
        return {}
    inst(value, name, Mapping)
    for key in value:
        if not isinstance(key, key_type):
            raise wrong_type(key, f"{name} key", key_type)
    return dict(value)


def opt_str_mapping(value: Mapping[str, str] | None, name: str) -> dict[str, str]:
    """A copy of `value`, a mapping from strings to strings."""
    result = opt_mapping(value, name)
    for key, item in result.items():
        if not isinstance(item, str):
            raise wrong_type(item, f"{name}[{key!r}]", str)
    return result


def opt_sequence(value: Iterable[Any] | None, name: str, of_type: Any = None) -> list[Any]:
    """A copy of `value` as a list (empty for None); strings are refused."""
    if value is None:
        return []
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise wrong_type(value, name, Sequence)
    items = list(value)
    if of_type is not None:
        for index, item in enumerate(items):
            if not isinstance(item, of_type):
                raise wrong_type(item, f"{name}[{index}]", of_type)
    return items


def opt_callable(value: Callable[..., Any] | None, name: str) -> Callable[..., Any] | None:
    """`value`, which must be None or callable."""
    if value is not None and not callable(value):
        raise wrong_type(value, name, Callable)
    return value


def similar(name: str, candidates: Iterable[str], limit: int = 3) -> list[str]:
    """Candidates that look like `name`, the closest first; differing only in case counts most."""
    unique = sorted({each for each in candidates if each != name})
    same_but_case = [each for each in unique if each.lower() == name.lower()]
    close = difflib.get_close_matches(name, unique, n=limit, cutoff=0.6)
    return [*same_but_case, *(each for each in close if each not in same_but_case)][:limit]


def did_you_mean(name: str, candidates: Iterable[str]) -> str:
    """` Did you mean "x"?` with a leading space, or an empty string."""
    matches = similar(name, candidates)
    return f" Did you mean {' or '.join(chr(34) + each + chr(34) for each in matches)}?" if matches else ""
