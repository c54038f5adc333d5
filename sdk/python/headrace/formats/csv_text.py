"""CSV with a header: UTF-8, commas, text in quotes, so that a missing value and an empty text are told apart."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from headrace.formats import arrow_types, raw, tables
from headrace.formats.format import Content, Format, Source, WrongValueError


class CSVFormat(Format):
    """Tables as CSV. The bytes do not say the types of the columns: they are kept with the materialization."""

    name = "csv"
    extension = ".csv"

    def write(self, value: Any, file: BinaryIO) -> Content:
        """Write a table, or bytes or a file that are CSV already."""
        if raw.is_raw(value):
            raw.write_raw(value, file)
            return Content()
        pa = tables.arrow()
        from pyarrow import csv

        table = tables.to_arrow(tables.with_index_as_columns(value))
        _check_columns(table)
        content = tables.content_of(table)
        try:
            csv.write_csv(_with_plain_columns(table), file)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise WrongValueError(f"CSV cannot hold this table ({error}). Use a Parquet IO manager.") from error
        return content

    def read(self, source: Source, wanted: Any, columns: list[Mapping[str, Any]] | None) -> Any:
        """The table; columns of which nothing is known get the type that their values look like."""
        pa = tables.arrow()
        from pyarrow import csv

        types = arrow_types.types_of(columns)
        options = csv.ConvertOptions(
            column_types={name: _written_as(kind) for name, kind in types.items()},
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""] if columns else [*_NULLS, ""],
        )
        parse = csv.ParseOptions(newlines_in_values=True)
        try:
            with _opened(source) as file:
                table = csv.read_csv(file, parse_options=parse, convert_options=options)
        except pa.ArrowInvalid as error:
            raise WrongValueError(f"it is damaged or no CSV ({error}). Materialize the asset again.") from error
        return tables.from_arrow(_restored(table, columns, types), wanted)


# Without known types, what other programs write for a missing value.
_NULLS = ("NA", "N/A", "NaN", "nan", "NULL", "null", "None", "#N/A")


def _opened(source: Source) -> Any:
    pa = tables.arrow()
    return pa.OSFile(str(source)) if isinstance(source, Path) else pa.PythonFile(source, "r")


def _check_columns(table: Any) -> None:
    pa = tables.arrow()
    names = table.column_names
    again = sorted({name for name in names if names.count(name) > 1})
    if again:
        raise WrongValueError(f"the table has more than one column of the name {again[0]!r}. Rename one of them.")
    for field in table.schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise WrongValueError(
                f"the column {field.name!r} of type {field.type} has no place in CSV. Use a Parquet IO manager, or turn "
                "the column into text."
            )


def _with_plain_columns(table: Any) -> Any:
    """Types that CSV is not written of, as ones that it is: the values of dictionaries, numbers for durations."""
    pa = tables.arrow()
    fields = [field.with_type(_written_as(field.type)) for field in table.schema]
    return table.cast(pa.schema(fields)) if fields != list(table.schema) else table


def _written_as(kind: Any) -> Any:
    pa = tables.arrow()
    if pa.types.is_dictionary(kind):
        return _written_as(kind.value_type)
    if pa.types.is_float16(kind):
        return pa.float32()
    return pa.int64() if pa.types.is_duration(kind) else kind


def _restored(table: Any, columns: list[Mapping[str, Any]] | None, types: Mapping[str, Any]) -> Any:
    """The columns' own types and whether they may be null."""
    pa = tables.arrow()
    nullable = {each["name"]: each.get("nullable", True) for each in columns or ()}
    fields = [
        pa.field(field.name, types.get(field.name, field.type), nullable.get(field.name, True))
        for field in table.schema
    ]
    schema = pa.schema(fields)
    return table if schema == table.schema else table.cast(schema)
