"""Errors as people see them: the user's own exception first, our frames folded away.

`describe` makes the error object of the code location protocol (core/protocol/README.md, section 7).
"""

from __future__ import annotations

import os
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from headrace import redaction
from headrace.metadata import to_json
from headrace.retry_policy import Failure, RetryRequested

# Errors of ours that only say where an exception of the user's came from.
_WRAPPERS = {"StepFailure", "DagsterUserCodeExecutionError"}

_LONGEST_MESSAGE = 64 * 1024
_LONGEST_STACK = 256 * 1024

_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep
_IMPORT_MACHINERY = ("<frozen importlib", os.path.join(os.path.dirname(os.__file__), "importlib") + os.sep)
_LIBRARIES = tuple(
    {
        os.path.realpath(path) + os.sep
        for path in (*sysconfig.get_paths().values(), os.path.dirname(os.__file__))
        if path and path not in (sys.prefix, sys.base_prefix, sys.exec_prefix)
    }
)
_LIBRARY_FOLDERS = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


_users_folders: list[str] = []


def add_users_code(path: str) -> None:
    """A folder or file that is the user's wherever it lies: the code location's package may be an installed one."""
    _users_folders.append(os.path.realpath(path))


def describe(
    error: BaseException, *, phase: str | None = None, framework_type: str | None = None
) -> dict[str, Any]:
    """The error object; masked. `phase` and `framework_type` of a `StepFailure` are taken from it."""
    phase = getattr(error, "phase", None) or phase
    framework_type = getattr(error, "framework_type", None) or framework_type
    own = users_own(error)
    if own is not error and framework_type is None and not hasattr(error, "phase"):
        framework_type = type(error).__name__
    shown = _reason(own)
    stack, folded = _format_stack(own)
    file, line = innermost_user_frame(own)
    if file is None and getattr(error, "source", None) is not None:
        file, line = relative(error.source[0]), error.source[1]  # type: ignore[attr-defined]
    return {
        "type": type(shown).__name__,
        "message": redaction.mask_and_cut(_with_hint(message_of(shown), error), _LONGEST_MESSAGE),
        "stack": redaction.mask_and_cut(stack, _LONGEST_STACK),
        "file": file,
        "line": line,
        "phase": phase,
        "framework_type": framework_type,
        "framework_frames": folded,
        **_metadata(own),
    }


def _reason(error: BaseException) -> BaseException:
    """The error that a request for a retry was raised from, which says more than the request."""
    return error.__cause__ if isinstance(error, RetryRequested) and error.__cause__ is not None else error


def _metadata(error: BaseException) -> dict[str, Any]:
    """What `Failure(metadata=…)` tells besides its description."""
    if not isinstance(error, Failure) or not error.metadata:
        return {}
    return {"metadata": redaction.mask_json(to_json(error.metadata))}


def _with_hint(message: str, error: BaseException) -> str:
    """The message, and what to do about it where a `StepFailure` knows that."""
    hint = getattr(error, "hint", None)
    return f"{message} ({hint})" if isinstance(hint, str) and hint not in message else message


def users_own(error: BaseException) -> BaseException:
    """The exception that our wrapping errors were raised from."""
    seen = set()
    while _is_wrapper(error) and error.__cause__ is not None and id(error) not in seen:
        seen.add(id(error))
        error = error.__cause__
    return error


def message_of(error: BaseException) -> str:
    """What the exception says; never raises."""
    try:
        if isinstance(error, SystemExit):
            return f"the code called sys.exit({'' if error.code is None else repr(error.code)})"
        if isinstance(error, SyntaxError):
            return str(error.msg)
        if isinstance(error, ModuleNotFoundError) and error.name and "." not in error.name:
            return f"{error} in {sys.executable}"
        return str(error)
    except Exception:  # noqa: BLE001 - a broken __str__ of the user's
        return f"<{type(error).__name__} whose text could not be made>"


def innermost_user_frame(error: BaseException) -> tuple[str | None, int | None]:
    """File (relative to the working directory where it lies below it) and line of the user's code, or nothing."""
    if isinstance(error, SyntaxError) and error.filename and _is_users_file(error.filename):
        return relative(error.filename), error.lineno
    found: tuple[str | None, int | None] = (None, None)
    for file, line in _frames(error.__traceback__):
        if _is_users_file(file):
            found = relative(file), line
    return found


def relative(path: str) -> str:
    """The path from the working directory, if it lies below it."""
    try:
        here = os.getcwd()
    except FileNotFoundError:
        return path
    path = os.path.abspath(path)
    return os.path.relpath(path, here) if path.startswith(here.rstrip(os.sep) + os.sep) else path


def _is_wrapper(error: BaseException) -> bool:
    return any(
        kind.__name__ in _WRAPPERS and kind.__module__.startswith("headrace.") for kind in type(error).__mro__
    )


def _frames(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno or 0
        trace = trace.tb_next


def _is_ours(file: str) -> bool:
    return file.startswith(_OURS) or file.startswith(_IMPORT_MACHINERY)


def _is_users_file(file: str) -> bool:
    if _is_ours(file) or file.startswith("<"):
        return False
    path = os.path.realpath(file)
    if any(path == folder or path.startswith(folder + os.sep) for folder in _users_folders):
        return True
    return not path.startswith(_LIBRARIES) and not any(folder in path for folder in _LIBRARY_FOLDERS)


class _FoldedStack:
    """Stands in for a `StackSummary`: formats it with our frames as one line."""

    def __init__(self, frames: traceback.StackSummary) -> None:
        self._frames = frames
        self.folded = sum(_is_ours(frame.filename) for frame in frames)

    def __iter__(self) -> Iterator[traceback.FrameSummary]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)

    def format(self, **options: Any) -> list[str]:
        lines: list[str] = []
        run: list[traceback.FrameSummary] = []
        ours = 0
        for frame in (*self._frames, None):
            if frame is not None and _is_ours(frame.filename):
                ours += 1
                continue
            if frame is None or ours:
                lines += traceback.StackSummary.from_list(run).format()
                run = []
                if ours:
                    lines.append(f"  … {ours} {'frame' if ours == 1 else 'frames'} of headrace\n")
                ours = 0
            if frame is not None:
                run.append(frame)
        return lines


def _format_stack(error: BaseException) -> tuple[str, int]:
    """The traceback with causes, and how many frames of ours it hides."""
    trace = traceback.TracebackException.from_exception(error, compact=True)
    folded = 0
    for part in _chain(trace):
        stack = _FoldedStack(part.stack)
        folded += stack.folded
        part.stack = stack  # type: ignore[assignment]
    return "".join(trace.format()), folded


def _chain(trace: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    todo, seen = [trace], set()
    while todo:
        part = todo.pop()
        if part is None or id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        todo += [part.__cause__, part.__context__, *(getattr(part, "exceptions", None) or ())]
