"""Arrow types from their names, for formats whose bytes do not say the types of their columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from headrace.formats.tables import arrow

_PLAIN = frozenset(
    """null bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float double string large_string date32 date64
    """.split()
)
_OTHER_NAMES = {"halffloat": "float16", "date32[day]": "date32", "date64[ms]": "date64"}
_TIMESTAMP = re.compile(r"timestamp\[(s|ms|us|ns)(?:, tz=(.+))?\]")
_TIME = re.compile(r"(time32|time64|duration)\[(s|ms|us|ns)\]")
_DECIMAL = re.compile(r"decimal128\((\d+), (-?\d+)\)")
_DICTIONARY = re.compile(r"dictionary<values=(.+), indices=(u?int(?:8|16|32|64)), ordered=([01])>")


def type_of(name: str) -> Any:
    """The type that Arrow calls so; None for those that are not known here (nested ones, mostly)."""
    pa = arrow()
    name = _OTHER_NAMES.get(name, name)
    if name in _PLAIN:
        return pa.type_for_alias(name)
    if match := _TIMESTAMP.fullmatch(name):
        return pa.timestamp(match[1], match[2])
    if match := _TIME.fullmatch(name):
        return getattr(pa, match[1])(match[2])
    if match := _DECIMAL.fullmatch(name):
        return pa.decimal128(int(match[1]), int(match[2]))
    if match := _DICTIONARY.fullmatch(name):
        values = type_of(match[1])
        return None if values is None else pa.dictionary(type_of(match[2]), values, match[3] == "1")
    return None


def types_of(columns: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    """Column → type, of those whose type is known."""
    found = {each["name"]: type_of(each["type"]) for each in columns or ()}
    return {name: kind for name, kind in found.items() if kind is not None}


def schema_of(columns: Sequence[Mapping[str, Any]] | None, only: Mapping[str, Any]) -> Any:
    """The schema of these columns where all are known, and they are those of `only` (if that names any); else None."""
    types = types_of(columns)
    if not columns or len(types) != len(columns) or (only and set(types) != set(only)):
        return None
    pa = arrow()
    return pa.schema([pa.field(each["name"], types[each["name"]], each.get("nullable", True)) for each in columns])
