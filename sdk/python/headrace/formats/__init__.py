"""How values become bytes: one format a module, each the same for every store."""

from __future__ import annotations

from headrace.formats.format import Content, Format, WrongValueError

__all__ = ["Content", "Format", "WrongValueError"]
