"""JSON: plain values as one JSON text; a table as an array with one object a row, each on a line of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, BinaryIO

from headrace.formats import raw
from headrace.formats.format import Content, Format, Source, WrongValueError
from headrace.formats.wanted_type import ARROW, PANDAS, POLARS, table_type, type_text

_NOTHING_KNOWN = Content()


class JSONFormat(Format):
    """Values as JSON in UTF-8."""

    name = "json"
    extension = ".json"

    def write(self, value: Any, file: BinaryIO) -> Content:
        """Write what JSON can hold exactly: other values are refused instead of changed."""
        if raw.is_raw(value):
            raw.write_raw(value, file)
            return _NOTHING_KNOWN
        if table_type(type(value)) is not None:
            return _write_table(value, file)
        _check(value, "the value", 0)
        file.write(_text(value))
        return _NOTHING_KNOWN

    def read(self, source: Source, wanted: Any, columns: list[Mapping[str, Any]] | None) -> Any:
        """The value; as a data frame where one is wanted and it is an array of objects."""
        try:
            value = json.loads(raw.read_bytes(source))
        except ValueError as error:
            raise WrongValueError(f"it is damaged or no JSON ({error}). Materialize the asset again.") from error
        return _as_table(value, wanted, columns) if wanted in (PANDAS, POLARS, ARROW) else value


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _check(value: Any, where: str, depth: int) -> None:
    """JSON gives back only some of Python's values as they were."""
    if depth > 200:
        raise WrongValueError(f"{where} is nested more than 200 deep, or holds itself.")
    if value is None or type(value) in (str, bool, int):
        return
    if type(value) is float:
        if value - value != 0:  # NaN and the infinities
            raise WrongValueError(f"{where} is {value}, which JSON has no number for. Use None, or a pickle IO manager.")
    elif type(value) is list:
        for index, item in enumerate(value):
            _check(item, f"{where}[{index}]", depth + 1)
    elif type(value) is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise WrongValueError(
                    f"{where} has the key {key!r} of type {type(key).__name__}; keys in JSON are strings. Use str(key)."
                )
            _check(item, f"{where}[{key!r}]", depth + 1)
    else:
        raise WrongValueError(
            f"{where} is of type {type(value).__module__}.{type(value).__qualname__}, which JSON cannot give back as it "
            "was. Return str, int, float, bool, None, lists and dicts of them, or a table; or use a pickle IO manager."
        )


def _write_table(value: Any, file: BinaryIO) -> Content:
    from headrace.formats import tables

    table = tables.to_arrow(tables.with_index_as_columns(value))
    before = b"[\n"
    for batch in table.to_batches(max_chunksize=4096):
        for row in batch.to_pylist():
            _check(row, "a row", 0)
            file.write(before + _text(row))
            before = b",\n"
    file.write(b"[]\n" if table.num_rows == 0 else b"\n]\n")
    return tables.content_of(table)


def _as_table(value: Any, wanted: Any, columns: list[Mapping[str, Any]] | None) -> Any:
    from headrace.formats import arrow_types, tables

    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise WrongValueError(
            f"it is not an array of objects, so that it cannot be given as {type_text(wanted)}. Leave the annotation "
            "out, or annotate the parameter as what it is."
        )
    pa = tables.arrow()
    schema = arrow_types.schema_of(columns, value[0] if value else {})
    try:
        table = pa.Table.from_pylist(value, schema=schema)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise WrongValueError(f"its rows do not make a table ({error}).") from error
    return tables.from_arrow(table, wanted)
