"""Annotations of functions as objects, also where they are written as strings."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from typing import Any


def resolved_annotations(fn: Callable[..., Any]) -> dict[str, Any]:
    """Parameter (and `return`) → annotation. Strings that cannot be evaluated are left out."""
    target = inspect.unwrap(fn)
    if not hasattr(target, "__annotations__") and callable(target):
        target = type(target).__call__
    try:
        return typing.get_type_hints(target, include_extras=True)
    except Exception:
        return _one_by_one(target)


def _one_by_one(fn: Any) -> dict[str, Any]:
    """The annotations that can be evaluated: one that names something unknown must not cost the others."""
    try:
        written = dict(getattr(fn, "__annotations__", {}) or {})
    except Exception:
        return {}
    scope = getattr(fn, "__globals__", {})
    result = {}
    for name, annotation in written.items():
        if isinstance(annotation, str):
            try:
                annotation = eval(annotation, scope)  # noqa: S307 - the user's own annotation, in their own module
            except Exception:
                continue
        result[name] = annotation
    return result
