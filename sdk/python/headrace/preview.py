"""The first rows of a stored value, for the page: read as data, whatever class it was before. Pickles are never opened."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace.errors import DagsterInvariantViolationError
from headrace.formats.format import Source
from headrace.stored_value import Reader, can_load, open_stored

_MOST_BYTES = 256 * 1024  # of a text file
_MOST_CHARACTERS = 200  # of a cell
_SAFE_INTEGER = 2**53


def preview(reader: Reader, stored: Mapping[str, Any], rows: int) -> dict[str, Any]:
    """`columns` and the first `rows` (null for what is no table), `total_rows` where the file says it, or `text`."""
    if not can_load(stored):
        raise DagsterInvariantViolationError(f"A value stored as {stored.get('format')} has no preview.")
    with open_stored(reader, stored) as source:
        return _READERS[stored["format"]](source, rows, stored)


def _parquet(source: Source, rows: int, stored: Mapping[str, Any]) -> dict[str, Any]:
    from pyarrow import parquet

    file = parquet.ParquetFile(source)
    batch = next(file.iter_batches(batch_size=rows), None) if rows else None
    return _table(file.schema_arrow, batch, rows, file.metadata.num_rows)


def _arrow_ipc(source: Source, rows: int, stored: Mapping[str, Any]) -> dict[str, Any]:
    import pyarrow as pa

    with pa.memory_map(str(source)) if isinstance(source, Path) else pa.PythonFile(source, "r") as file:
        reader = pa.ipc.open_file(file)
        batch = reader.get_batch(0) if reader.num_record_batches else None
        whole = batch is not None and reader.num_record_batches == 1
        return _table(reader.schema, batch, rows, batch.num_rows if whole else None)


def _csv(source: Source, rows: int, stored: Mapping[str, Any]) -> dict[str, Any]:
    text, is_whole = _beginning(source)
    lines = list(csv.reader(io.StringIO(text if is_whole else text[: text.rfind("\n") + 1])))
    names, *found = lines or [[]]
    types = {each["name"]: each for each in stored.get("schema") or []}
    columns = [
        types.get(name, {"name": name, "type": _guessed([line[i] for line in found if i < len(line)]), "nullable": True})
        for i, name in enumerate(map(_shortened, names))
    ]
    shown = [[_shortened(cell) for cell in line] for line in found[:rows]]
    return _answer(columns=columns, rows=shown, total_rows=len(found) if is_whole else None)


def _guessed(cells: list[str]) -> str:
    """The narrowest type that all of a column's texts are, where nobody wrote down which it has."""
    for name, kind in (("int64", int), ("double", float)):
        try:
            if [kind(cell) for cell in cells if cell]:
                return name
        except ValueError:
            pass
    return "string"


def _json(source: Source, rows: int, stored: Mapping[str, Any]) -> dict[str, Any]:
    text, is_whole = _beginning(source)
    return _answer(text=text if is_whole else text + "…")


_READERS = {"parquet": _parquet, "arrow_ipc": _arrow_ipc, "csv": _csv, "json": _json}


def _table(schema: Any, batch: Any, rows: int, total: int | None) -> dict[str, Any]:
    columns = [{"name": each.name, "type": str(each.type), "nullable": each.nullable} for each in schema]
    values = [] if batch is None else [column.slice(0, rows).to_pylist() for column in batch.columns]
    return _answer(columns=columns, rows=[[_cell(each) for each in row] for row in zip(*values)], total_rows=total)  # noqa: B905


def _answer(**given: Any) -> dict[str, Any]:
    return {"columns": None, "rows": None, "total_rows": None, "text": None, **given}


def _beginning(source: Source) -> tuple[str, bool]:
    """Of a text file, and whether that is all of it."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    else:
        data = source.read(_MOST_BYTES + 1)
    return data[:_MOST_BYTES].decode("utf-8-sig", "replace"), len(data) <= _MOST_BYTES


def _cell(value: Any) -> Any:
    """As JSON holds it; what it cannot hold, as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return _shortened(value if isinstance(value, str) else str(value))


def _shortened(text: str) -> str:
    return text if len(text) <= _MOST_CHARACTERS else text[: _MOST_CHARACTERS - 1] + "…"

