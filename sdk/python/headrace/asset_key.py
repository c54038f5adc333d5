"""The name of an asset: one or more parts, such as `["raw", "iris"]`."""

from __future__ import annotations

import functools
import json
import keyword
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Union

from headrace import check
from headrace.errors import DagsterInvalidDefinitionError

if TYPE_CHECKING:
    CoercibleToAssetKey = Union["AssetKey", str, Sequence[str]]  # noqa: UP007
    CoercibleToAssetKeyPrefix = Union[str, Sequence[str]]  # noqa: UP007


@functools.total_ordering
class AssetKey:
    """The name of an asset, made of parts: `AssetKey(["raw", "iris"])`.

    A string is one part, slashes included; `AssetKey.from_user_string("raw/iris")` splits it.
    """

    __slots__ = ("parts",)
    parts: tuple[str, ...]

    def __init__(self, path: str | Sequence[str]) -> None:
        if isinstance(path, str):
            parts: tuple[str, ...] = (path,)
        else:
            parts = tuple(check.opt_sequence(path, "path", str))
        if not parts:
            raise check.ParameterCheckError('Parameter "path" must have at least one part.')
        object.__setattr__(self, "parts", parts)

    @property
    def path(self) -> list[str]:
        """The parts as a new list."""
        return list(self.parts)

    def to_string(self) -> str:
        """The parts as JSON: `["raw", "iris"]`."""
        return json.dumps(self.path)

    def to_user_string(self) -> str:
        """The parts joined by slashes: `raw/iris`."""
        return "/".join(self.parts)

    def to_escaped_user_string(self) -> str:
        """Like `to_user_string`, with slashes inside parts escaped by a backslash."""
        return "/".join(part.replace("/", "\\/") for part in self.parts)

    def to_python_identifier(self, suffix: str | None = None) -> str:
        """The parts joined by two underscores, usable as the name of a step."""
        joined = "__".join(self.parts) + (f"__{suffix}" if suffix is not None else "")
        return re.sub(r"[^A-Za-z0-9_]", "_", joined)

    @staticmethod
    def from_user_string(text: str) -> AssetKey:
        """The key of `raw/iris`."""
        return AssetKey(check.inst(text, "text", str).split("/"))

    @staticmethod
    def from_escaped_user_string(text: str) -> AssetKey:
        """The reverse of `to_escaped_user_string`."""
        return AssetKey([part.replace("\\/", "/") for part in re.split(r"(?<!\\)/", text)])

    @staticmethod
    def from_db_string(text: str | None) -> AssetKey | None:
        """The reverse of `to_string`; None where the text is no such key."""
        if not text:
            return None
        try:
            return AssetKey(json.loads(text))
        except (ValueError, check.CheckError):
            return None

    @staticmethod
    def from_coercible(arg: Any) -> AssetKey:
        """A key from a key, a string (one part), or parts."""
        if isinstance(arg, AssetKey):
            return arg
        if isinstance(arg, (str, list, tuple)):
            return AssetKey(arg)
        raise check.wrong_type(arg, "asset key", (AssetKey, str, Sequence))

    @staticmethod
    def from_coercible_or_definition(arg: Any) -> AssetKey:
        """Like `from_coercible`; assets, specs and source assets stand for their key."""
        key = getattr(arg, "key", None)
        return key if isinstance(key, AssetKey) else AssetKey.from_coercible(arg)

    def has_prefix(self, prefix: Sequence[str]) -> bool:
        """Whether the key's first parts are `prefix`."""
        return self.parts[: len(prefix)] == tuple(prefix)

    def with_prefix(self, prefix: str | Sequence[str]) -> AssetKey:
        """The key with more parts in front."""
        return AssetKey([*key_prefix_parts(prefix), *self.parts])

    @property
    def key(self) -> AssetKey:
        """The key itself, so that keys and assets can be asked the same question."""
        return self

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"AssetKey cannot be changed (setting {name!r})")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AssetKey) and self.parts == other.parts

    def __lt__(self, other: object) -> bool:
        return self.parts < other.parts if isinstance(other, AssetKey) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        return f"AssetKey({self.path!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (AssetKey, (self.path,))


def key_prefix_parts(prefix: str | Sequence[str] | None) -> list[str]:
    """A key prefix as a list of parts."""
    if prefix is None:
        return []
    if isinstance(prefix, str):
        return [prefix]
    return check.opt_sequence(prefix, "key_prefix", str)


def asset_key_from_parts(name: str, key_prefix: str | Sequence[str] | None) -> AssetKey:
    """The key of an asset called `name` below `key_prefix`."""
    return AssetKey([*key_prefix_parts(key_prefix), name])


# What a part of an asset's key may hold; dots and dashes are kept in paths.
_VALID_PART = re.compile(r"^[A-Za-z0-9_.\-]+$")
_RESERVED = frozenset(keyword.kwlist) | {
    "context",
    "conf",
    "config",
    "meta",
    "arg_dict",
    "dict",
    "input_arg_dict",
    "output_arg_dict",
    "int",
    "str",
    "float",
    "bool",
    "input",
    "output",
    "type",
}


def check_asset_name(key: AssetKey) -> None:
    """Refuse keys that cannot name a step: other characters than letters, digits, `_`, `.`, `-`, or reserved words."""
    for part in key.parts:
        if not _VALID_PART.match(part):
            hint = " To make a key of several parts, give a list." if "/" in part else ""
            raise DagsterInvalidDefinitionError(
                f'"{part}" is not a valid name in the asset key {key!r}: '
                f"use letters, digits, underscores, dots and dashes only.{hint}"
            )
    if key.to_python_identifier() in _RESERVED:
        raise DagsterInvalidDefinitionError(
            f'"{key.parts[0]}" is a reserved word and cannot be the name of an asset. Give it another name '
            '(`@asset(name="…")`) or a key_prefix.'
        )
