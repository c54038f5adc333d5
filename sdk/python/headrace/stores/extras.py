"""The clouds' own clients, which are extras of the package."""

from __future__ import annotations

import importlib
from typing import Any


def need(module: str, extra: str) -> Any:
    """The module; where it is missing, the error says which extra brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"{module} is not installed here: pip install 'headrace[{extra}]' ({error})", name=module
        ) from error
