"""Values that are bytes already, stored as they are: `bytes`, and files named by a `pathlib.Path`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, BinaryIO

from headrace.formats.format import Source, WrongValueError


def is_raw(value: Any) -> bool:
    """Whether a value is the content itself."""
    return isinstance(value, (bytes, bytearray, memoryview, Path))


def write_raw(value: Any, file: BinaryIO) -> None:
    """Copy the bytes, or the file that the path names."""
    if not isinstance(value, Path):
        file.write(value)
        return
    try:
        with value.open("rb") as source:
            shutil.copyfileobj(source, file, 1 << 20)
    except (FileNotFoundError, IsADirectoryError) as error:
        raise WrongValueError(
            f"the path {value} names no file ({error.strerror}). A path that an asset returns stands for the content "
            "of that file: write the file first, or return the value itself."
        ) from error


def read_bytes(source: Source) -> bytes:
    """All of it."""
    if isinstance(source, Path):
        return source.read_bytes()
    source.seek(0)
    return source.read()
