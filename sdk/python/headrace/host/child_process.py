"""Processes that user code starts with `multiprocessing`: they import its modules, which may say `from dagster import …`.

A spawned child of multiprocessing first runs the module that its parent's `__main__` names. That is made this one, so
that dagster's names are answered there as they are here.
"""

from __future__ import annotations

import importlib.util
import os
import sys

_VARIABLE = "HEADRACE_COMPAT"


def set_up_child_processes() -> None:
    """Once in a host or spawned worker, before user code is imported."""
    finder = sys.modules.get("headrace.compat")
    os.environ.pop(_VARIABLE, None)
    if finder is not None:
        os.environ[_VARIABLE] = "dagster"
    sys.modules["__main__"].__spec__ = importlib.util.find_spec(__name__)


if __name__ == "__mp_main__" and os.environ.get(_VARIABLE) == "dagster":
    import headrace.compat  # noqa: F401
