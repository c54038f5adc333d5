"""The interface of formats."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

# What a value is read from: a file of this machine, or an open file that can seek.
Source = Path | BinaryIO


class WrongValueError(Exception):
    """A value that a format cannot hold, or stored bytes that it cannot read, or not as what was asked for.

    The message says what is wrong and then what to do; who was storing or loading which asset is added by the IO manager.
    """


class Content(NamedTuple):
    """What is known of a stored value without reading it again. Columns are `{"name", "type", "nullable"}`."""

    rows: int | None = None
    columns: list[Mapping[str, Any]] | None = None


class Format(ABC):
    """Turns a value into bytes and back."""

    # As `stored.format` of a materialization names it, and the ending of its files.
    name: str
    extension: str | None

    @abstractmethod
    def write(self, value: Any, file: BinaryIO) -> Content:
        """Write the value; `WrongValueError` where this format cannot hold it."""

    @abstractmethod
    def read(self, source: Source, wanted: Any, columns: list[Mapping[str, Any]] | None) -> Any:
        """The value as the type that is wanted (None: as it comes).

        `columns`: what `write` told of them, for formats whose bytes do not say it.
        """
