"""Python's own format: any value, for Python only."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from headrace import check
from headrace.errors import DagsterInvariantViolationError
from headrace.formats.format import Content, Format, Source, WrongValueError
from headrace.formats.wanted_type import table_type

PICKLE_PROTOCOL = 4
NOT_PICKLABLE = (
    pickle.PicklingError,
    AttributeError,
    TypeError,
    RecursionError,
    ImportError,
    NotImplementedError,
)
_NOTHING_KNOWN = Content()


class DamagedPickleError(WrongValueError, pickle.UnpicklingError):
    """Stored bytes that are no whole pickle."""


class PickleFormat(Format):
    """Pickles, without a file extension."""

    name = "pickle"
    extension = None

    def write(self, value: Any, file: BinaryIO) -> Content:
        """Pickle any value."""
        try:
            pickle.dump(value, file, protocol=PICKLE_PROTOCOL)
        except NOT_PICKLABLE as error:
            raise _not_picklable(value, error) from error
        if table_type(type(value)) is None:
            return _NOTHING_KNOWN
        from headrace.formats.tables import content_of_value

        return content_of_value(value)

    def read(self, source: Source, wanted: Any, columns: list[Mapping[str, Any]] | None) -> Any:
        """The value; a data frame as the kind that is wanted."""
        if isinstance(source, Path):
            with source.open("rb") as file:
                value = _load(file)
        else:
            value = _load(source)
        if not isinstance(wanted, str) or table_type(type(value)) in (None, wanted):
            return value
        from headrace.formats.tables import converted

        return converted(value, wanted)


def _load(file: BinaryIO) -> Any:
    try:
        return pickle.load(file)
    except (pickle.UnpicklingError, EOFError) as error:
        raise DamagedPickleError(f"it is damaged or no pickle ({error}). Materialize the asset again.") from error


def _not_picklable(value: Any, error: BaseException) -> DagsterInvariantViolationError:
    why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return DagsterInvariantViolationError(
        f"Object {check.short_repr(value)} is not picklable ({why}). This IO manager stores pickles, because "
        "steps may run in different processes (the multiprocess executor). Return something that can be pickled, use "
        "another IO manager for this asset, or mem_io_manager with the in-process executor. The value stored before, "
        "if any, is unchanged."
    )
