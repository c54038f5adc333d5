"""Writing a file so that it is either the old one or the new one, whatever happens in between."""

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import secrets
import stat
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
    target, mode = _target(os.fspath(path))
    folder, name = os.path.split(target)
    durable = _is_durable() if durable is None else durable
    descriptor, temporary = _open_temporary(folder, name)
    try:
        with io.BufferedWriter(io.FileIO(descriptor, "wb")) as file:
            write(file)
            file.flush()
            size = os.fstat(descriptor).st_size
            if mode is not None:
                with contextlib.suppress(OSError):
                    os.fchmod(descriptor, mode)  # a file that is replaced keeps its permissions
            if durable:
                os.fsync(descriptor)
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
        opened = os.fstat(descriptor)
        if _is_still(opened, fixed):
            if opened.st_size > 0:
                os.ftruncate(descriptor, 0)
            return descriptor, fixed
    except BlockingIOError:
        pass  # another process is writing the same path now
    except OSError:
        os.unlink(fixed)  # no locks here: nobody can use that name
    os.close(descriptor)
    own = os.path.join(folder, f".{name[:_LONGEST_NAME]}.{secrets.token_hex(8)}{_SUFFIX}")
    return os.open(own, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), own


def _target(path: str) -> tuple[str, int | None]:
    """The file to replace, and the permissions it has (None where there is none yet)."""
    try:
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode):  # the link stays, the file it leads to is replaced
            path = os.path.realpath(path)
            found = os.stat(path)
    except OSError:
        return path, None
    return path, stat.S_IMODE(found.st_mode)


def _is_still(opened: os.stat_result, path: str) -> bool:
    """Whether `path` still names the open file: another writer may have moved it to its target."""
    try:
        named = os.stat(path)
    except FileNotFoundError:
        return False
    return (named.st_dev, named.st_ino) == (opened.st_dev, opened.st_ino)
