"""Annotations of functions as objects, also where they are written as strings."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any, TypeGuard


def resolved_annotations(
    fn: Callable[..., Any], local_names: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Parameter (and `return`) → annotation. Strings that cannot be evaluated are left out.

    `local_names`: what is known where the function is defined, if that is inside another function.
    """
    target = inspect.unwrap(fn)
    if not hasattr(target, "__annotations__") and callable(target):
        target = type(target).__call__
    try:
        return typing.get_type_hints(target, localns=dict(local_names or {}) or None, include_extras=True)
    except Exception:
        return _one_by_one(target, local_names or {})


def _one_by_one(fn: Any, local_names: Mapping[str, Any]) -> dict[str, Any]:
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
                annotation = eval(annotation, scope, dict(local_names))  # noqa: S307 - the user's own annotation, in their own module
            except Exception:
                continue
        result[name] = annotation
    return result


def names_around(fn: Callable[..., Any], frame: FrameType | None) -> Mapping[str, Any] | None:
    """The names known in `frame`, where `fn` is defined inside a function and has annotations written as strings."""
    written = getattr(fn, "__annotations__", None) or {}
    is_local = "<locals>" in getattr(fn, "__qualname__", "")
    if frame is None or not is_local or not any(isinstance(each, str) for each in written.values()):
        return None
    return dict(frame.f_locals)


def is_class(annotation: Any) -> TypeGuard[type]:
    """Whether an annotation is a plain class; in Python 3.10 `list[int]` passes for a type."""
    return isinstance(annotation, type) and typing.get_origin(annotation) is None
