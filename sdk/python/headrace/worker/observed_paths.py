"""Which files an IO manager writes: seen through Python's audit events, so that `path` is known even if nobody logs it.

Files that native code opens by itself (Parquet by pyarrow, say) are not seen.
"""

from __future__ import annotations

import os
import sys
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR
_NOT_DATA = ("/dev/", "/proc/", "/sys/")

_watch: WrittenFiles | None = None
_hook_added = False


class WrittenFiles:
    """A context manager around `handle_output`; afterwards `single_path` tells the one file that was written."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}  # absolute path → the path as user code gave it

    def __enter__(self) -> WrittenFiles:
        global _watch, _hook_added
        if not _hook_added:
            sys.addaudithook(_on_event)
            _hook_added = True
        self._outer = _watch
        _watch = self
        return self

    def __exit__(self, *error: object) -> None:
        global _watch
        _watch = self._outer

    def single_path(self) -> str | None:
        """The path as user code gave it; None when no file, or more than one, was written and is still there."""
        found = [path for absolute, path in self._written.items() if os.path.isfile(absolute)]
        return found[0] if len(found) == 1 else None

    def opened(self, path: Any, flags: Any) -> None:
        if not isinstance(flags, int) or not flags & _WRITING or isinstance(path, int):
            return
        given = os.fsdecode(path)
        absolute = os.path.abspath(given)
        if not absolute.startswith(_NOT_DATA) and "/__pycache__/" not in absolute:
            self._written[absolute] = given

    def renamed(self, source: Any, target: Any) -> None:
        """Temporary name, then rename: the target counts. A renamed folder takes its files along."""
        given_source, given_target = os.fsdecode(source), os.fsdecode(target)
        old, new = os.path.abspath(given_source), os.path.abspath(given_target)
        for written in list(self._written):
            if written == old:
                del self._written[written]
                self._written[new] = given_target
            elif written.startswith(old + os.sep):
                del self._written[written]
                rest = written[len(old) :]
                self._written[new + rest] = given_target.rstrip(os.sep) + rest


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    if _watch is None:
        return
    try:
        if event == "open":
            _watch.opened(arguments[0], arguments[2])
        elif event == "os.rename" and arguments[2] == -1 and arguments[3] == -1:
            _watch.renamed(arguments[0], arguments[1])
        elif event == "sqlite3.connect":
            _watch.opened(arguments[0], os.O_RDWR)
    except (TypeError, ValueError, IndexError, RecursionError):
        pass  # a path that is none: user code will hear of it
