"""Parquet: tables, compressed, with their schema."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from headrace.formats import raw, tables
from headrace.formats.format import Content, Format, Source, WrongValueError


class ParquetFormat(Format):
    """Tables as Parquet files."""

    name = "parquet"
    extension = ".parquet"

    def write(self, value: Any, file: BinaryIO) -> Content:
        """Write a table, or bytes or a file that are Parquet already."""
        parquet = _parquet()
        if raw.is_raw(value):
            content = _content_of_raw(value)
            raw.write_raw(value, file)
            return content
        table = tables.to_arrow(value)
        pa = tables.arrow()
        try:
            parquet.write_table(table, file, compression="zstd")
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise WrongValueError(
                f"Parquet cannot hold this table ({' '.join(str(error).split())}). Convert the column, or use an "
                "Arrow IPC or a pickle IO manager."
            ) from error
        return tables.content_of(table)

    def read(self, source: Source, wanted: Any, columns: list[Mapping[str, Any]] | None) -> Any:
        """The table as the kind of data frame that is wanted."""
        parquet = _parquet()
        pa = tables.arrow()
        try:
            table = parquet.ParquetFile(source).read()
        except pa.ArrowInvalid as error:
            raise WrongValueError(f"it is damaged or no Parquet ({error}). Materialize the asset again.") from error
        return tables.from_arrow(table, wanted)


def _parquet() -> Any:
    tables.arrow()
    from pyarrow import parquet

    return parquet


def _content_of_raw(value: Any) -> Content:
    pa, parquet = tables.arrow(), _parquet()
    try:
        file = parquet.ParquetFile(value if isinstance(value, Path) else pa.BufferReader(value))
        return Content(file.metadata.num_rows, tables.columns_of(file.schema_arrow))
    except pa.ArrowInvalid as error:
        raise WrongValueError(
            f"the bytes are no Parquet ({error}). Return a table, or the content of a Parquet file."
        ) from error
    except FileNotFoundError:
        return Content()  # write_raw says it
