"""Folders of this machine, and, through fsspec, of whatever a `upath.UPath` names."""

from __future__ import annotations

import io
import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import quote

from headrace.atomic_write import atomic_write
from headrace.formats.format import Source
from headrace.stores.store import Receipt, Store, Write


class LocalStore(Store):
    """Files. A new one is written beside its place and moved there when it is complete."""

    def put(self, path: Any, write: Write, log: Any) -> Receipt:
        """Write the file."""
        if isinstance(path, Path):
            return Receipt(atomic_write(path, write))
        buffer = io.BytesIO()
        write(buffer)
        path.write_bytes(buffer.getvalue())
        return Receipt(buffer.tell())

    def get(self, path: Any, log: Any) -> AbstractContextManager[Source]:
        """The file itself."""
        return nullcontext(path) if isinstance(path, Path) else path.open("rb")

    def uri(self, path: Any) -> str | None:
        """A file's `file://` address; what fsspec calls a folder of its own."""
        if isinstance(path, Path):
            return "file://" + quote(os.path.abspath(path))
        return str(path) if "://" in str(path) else None
