"""Which of the types that IO managers know an annotation asks for."""

from __future__ import annotations

import types
import typing
from pathlib import Path, PurePath
from typing import Any, Union

from headrace.annotations import is_class

# Classes of packages that need not be installed, by module and name.
PANDAS, POLARS, ARROW = "pandas.DataFrame", "polars.DataFrame", "pyarrow.Table"
_TABLES = {("pandas", "DataFrame"): PANDAS, ("polars", "DataFrame"): POLARS, ("pyarrow", "Table"): ARROW}


def table_type(kind: type) -> str | None:
    """PANDAS, POLARS, ARROW, or None for a class that is no table. Imports nothing."""
    for base in kind.__mro__:
        found = _TABLES.get((base.__module__.partition(".")[0], base.__name__))
        if found is not None:
            return found
    return None


def wanted_type(annotation: Any, *, in_dict: bool = False) -> Any:
    """`bytes`, `Path`, PANDAS, POLARS or ARROW; the annotation's class where it is another one; None: anything will do.

    Of `X | None` it is X; `in_dict`: of `dict[str, X]` it is X, since each partition is loaded by itself.
    """
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return wanted_type(args[0], in_dict=in_dict)
    if origin is Union or origin is getattr(types, "UnionType", None):
        choices = [each for each in args if each is not type(None)]
        return wanted_type(choices[0], in_dict=in_dict) if len(choices) == 1 else None
    if in_dict and origin is dict:
        return wanted_type(args[1])
    kind = origin if is_class(origin) else annotation
    if not is_class(kind) or kind is object:
        return None
    if kind is bytes:
        return bytes
    if issubclass(kind, PurePath):
        return Path
    return table_type(kind) or kind


def type_text(wanted: Any) -> str:
    """A wanted type as people write it."""
    return wanted if isinstance(wanted, str) else getattr(wanted, "__qualname__", str(wanted))
