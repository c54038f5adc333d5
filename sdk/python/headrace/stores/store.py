"""The interface of stores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, NamedTuple

from headrace.formats.format import Source

Write = Callable[[BinaryIO], Any]


class Receipt(NamedTuple):
    """What a store knows of an object that it has just taken. `content_hash`: SHA-256 of its bytes, in hex."""

    bytes: int
    etag: str | None = None
    content_hash: str | None = None


class Store(ABC):
    """Puts and gets whole objects. A reader, and whoever comes after a crash, sees the old one or the new one.

    Paths are those of the IO manager's own kind, below its base. `log` takes what people should know of retries.
    """

    @abstractmethod
    def put(self, path: Any, write: Write, log: Any) -> Receipt:
        """Store what `write` writes to the file that it is given; if it raises, nothing has changed."""

    @abstractmethod
    def get(self, path: Any, log: Any) -> AbstractContextManager[Source]:
        """The object, for the time of the `with` block; `FileNotFoundError` where there is none."""

    @abstractmethod
    def uri(self, path: Any) -> str | None:
        """The absolute address, percent-encoded; None where there is none."""
