"""Where the default IO manager keeps its files when it was given no folder."""

from __future__ import annotations

import atexit
import contextlib
import contextvars
import os
from collections.abc import Iterator

_temporary: contextvars.ContextVar[str | None] = contextvars.ContextVar("headrace_storage", default=None)
_of_this_process: dict[int, str] = {}


def storage_folder() -> str:
    """`HEADRACE_STORAGE` (set by the daemon), else the folder of the `materialize()` that is running, else a
    temporary one of this process."""
    folder = os.environ.get("HEADRACE_STORAGE") or _temporary.get()
    return folder if folder else _process_folder()


@contextlib.contextmanager
def temporary_storage() -> Iterator[None]:
    """A storage folder for the time of the `with` block."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="headrace-") as folder:
        token = _temporary.set(os.path.join(folder, "storage"))
        try:
            yield
        finally:
            _temporary.reset(token)


def _process_folder() -> str:
    pid = os.getpid()
    if pid not in _of_this_process:
        import tempfile

        folder = tempfile.mkdtemp(prefix="headrace-")
        _of_this_process[pid] = folder
        atexit.register(_remove, pid, folder)
    return os.path.join(_of_this_process[pid], "storage")


def _remove(pid: int, folder: str) -> None:
    import shutil

    if os.getpid() == pid:  # a forked process must not remove its parent's
        shutil.rmtree(folder, ignore_errors=True)
