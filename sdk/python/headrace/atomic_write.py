"""Writing a file so that it is either the old one or the new one, whatever happens in between."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_SUFFIX = ".headrace-tmp"
_LONGEST_NAME = 200


def atomic_write(
    path: str | os.PathLike[str], write: Callable[[BinaryIO], None], *, durable: bool | None = None
) -> int:
    """Call `write` with a temporary file beside `path`, then put it in `path`'s place. Returns its size.

    If `write` raises, or the process is killed, the file at `path` stays as it was. A temporary file left behind by
    a killed process is used again by the next write of the same path. `durable` (default: `HEADRACE_DURABILITY` is
    `full`) also syncs file and folder, so that a power cut keeps one of the two as well.
    """
    target = os.fspath(path)
    if os.path.islink(target):
        target = os.path.realpath(target)  # the link stays, the file it leads to is replaced
    folder, name = os.path.split(target)
    durable = _is_durable() if durable is None else durable
    descriptor, temporary = _open_temporary(folder, name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            size = os.fstat(file.fileno()).st_size
            _keep_mode(file.fileno(), target)
            if durable:
                os.fsync(file.fileno())
            os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    if durable:
        sync_folder(folder)
    return size


def make_folders(folder: Path, *, durable: bool | None = None) -> None:
    """Make a folder and those above it that are missing; `durable` as in `atomic_write`.

    Without syncing the names of new folders, a value that is synced itself could be out of reach after a power cut.
    """
    durable = _is_durable() if durable is None else durable
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        if durable:
            sync_folder(str(new.parent))


def sync_folder(folder: str) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder or ".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_durable() -> bool:
    return os.environ.get("HEADRACE_DURABILITY") == "full"


def _open_temporary(folder: str, name: str) -> tuple[int, str]:
    """A locked, empty file; its fixed name lets a leftover be found again, the lock says whether it is one."""
    fixed = os.path.join(folder, f".{name[:_LONGEST_NAME]}{_SUFFIX}")
    descriptor = os.open(fixed, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is_still(descriptor, fixed):
            os.ftruncate(descriptor, 0)
            return descriptor, fixed
    except BlockingIOError:
        pass  # another process is writing the same path now
    except OSError:
        os.unlink(fixed)  # no locks here: nobody can use that name
    os.close(descriptor)
    own = os.path.join(folder, f".{name[:_LONGEST_NAME]}.{secrets.token_hex(8)}{_SUFFIX}")
    return os.open(own, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), own


def _is_still(descriptor: int, path: str) -> bool:
    """Whether `path` still names the open file: another writer may have moved it to its target."""
    try:
        named = os.stat(path)
    except FileNotFoundError:
        return False
    opened = os.fstat(descriptor)
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)


def _keep_mode(descriptor: int, target: str) -> None:
    """A file that is replaced keeps its permissions."""
    with contextlib.suppress(OSError):
        os.fchmod(descriptor, os.stat(target).st_mode & 0o7777)
