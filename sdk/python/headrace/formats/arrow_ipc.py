"""Arrow IPC files: tables exactly as they are in memory, and quickest to read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from headrace.formats import raw, tables
from headrace.formats.format import Content, Format, Source, WrongValueError


class ArrowIPCFormat(Format):
    """Tables as Arrow IPC files (the format with a footer, not a stream)."""

    name = "arrow_ipc"
    extension = ".arrow"

    def write(self, value: Any, file: BinaryIO) -> Content:
        """Write a table, or bytes or a file that are Arrow IPC already."""
        pa = tables.arrow()
        if raw.is_raw(value):
            content = _content_of_raw(value)
            raw.write_raw(value, file)
            return content
        table = tables.to_arrow(value)
        with pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        return tables.content_of(table)

    def read(self, source: Source, wanted: Any, columns: list[Mapping[str, Any]] | None) -> Any:
        """The table as the kind of data frame that is wanted."""
        pa = tables.arrow()
        try:
            # Mapped: pages are read as they are needed, and stay those of this file when it is replaced.
            with pa.memory_map(str(source)) if isinstance(source, Path) else pa.PythonFile(source, "r") as file:
                table = pa.ipc.open_file(file).read_all()
        except pa.ArrowInvalid as error:
            raise WrongValueError(f"it is damaged or no Arrow IPC file ({error}). Materialize the asset again.") from error
        return tables.from_arrow(table, wanted)


def _content_of_raw(value: Any) -> Content:
    pa = tables.arrow()
    try:
        with pa.OSFile(str(value)) if isinstance(value, Path) else pa.BufferReader(value) as file:
            reader = pa.ipc.open_file(file)
            rows = sum(reader.get_batch(number).num_rows for number in range(reader.num_record_batches))
            return Content(rows, tables.columns_of(reader.schema))
    except pa.ArrowInvalid as error:
        raise WrongValueError(
            f"the bytes are no Arrow IPC file ({error}). Return a table, or the content of such a file."
        ) from error
    except FileNotFoundError:
        return Content()  # write_raw says it
