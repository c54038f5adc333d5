"""The built-in IO managers: a format, which turns values into bytes and back, and a store, which keeps them whole."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import check
from headrace.dagster_type import Any as AnyType
from headrace.formats.format import Content, Format, Source, WrongValueError
from headrace.formats.wanted_type import wanted_type
from headrace.input_context import InputContext
from headrace.metadata import IntMetadataValue, MetadataValue, TextMetadataValue
from headrace.output_context import OutputContext
from headrace.stores.local_store import LocalStore
from headrace.stores.store import Receipt, Store
from headrace.table_metadata import TableColumn, TableColumnConstraints, TableSchema
from headrace.upath_io_manager import UPathIOManager


class StoredIOManager(UPathIOManager):
    """Keeps values in one format in one store; records their size, and rows and columns of tables.

    The producer's value decides how it is written, the consumer's annotation what it is given.
    """

    def __init__(self, format: Format, store: Store, base_path: Any = None) -> None:
        self.extension = format.extension
        super().__init__(base_path)
        self.format = format
        self.store = store
        self._inputs: str | None = None

    def dump_to_path(self, context: OutputContext, obj: Any, path: Any) -> None:
        """Write the value."""
        content = Content()

        def write(file: Any) -> None:
            nonlocal content
            content = self.format.write(obj, file)

        try:
            receipt = self.store.put(path, write, context.log)
        except WrongValueError as error:
            raise type(error)(
                f"{_name(context, self)} cannot store {_asset(context)}: {error} "
                "What was stored before, if anything, is unchanged."
            ) from error
        uri = self.store.uri(path)
        if uri is not None:
            # A pickle's columns are Python's, which nobody else reads.
            schema = content.columns if self.format.extension is not None else None
            context.set_stored(uri, self.format.name, schema=schema, bytes=receipt.bytes, etag=receipt.etag)
        if obj is not None:
            context._stored_metadata = self._describe(path, receipt, content)

    def _describe(self, path: Any, receipt: Receipt, content: Content) -> dict[str, MetadataValue]:
        found: dict[str, MetadataValue] = {"bytes": IntMetadataValue(receipt.bytes)}
        if content.rows is not None:
            found["rows"] = IntMetadataValue(content.rows)
        if content.columns is not None:
            found["schema"] = MetadataValue.table_schema(_table_schema(content.columns))
        if receipt.content_hash is not None:
            found["content_hash"] = TextMetadataValue(receipt.content_hash)
        return found

    def get_metadata(self, context: OutputContext, obj: Any) -> Mapping[str, Any]:
        """Size, rows, columns and hash, as far as they are known. What the asset itself said goes before them."""
        said = context._output_metadata
        found = context._stored_metadata
        return {label: value for label, value in found.items() if label not in said} if said else found

    def load_from_path(self, context: InputContext, path: Any) -> Any:
        """Read the value as the type that the parameter is annotated with."""
        wanted = self._wanted(context)
        stored = (context._materialization or {}).get("stored") or {}
        columns = stored.get("schema") if stored.get("format") == self.format.name else None
        try:
            with self.store.get(path, context.log) as source:
                if self.format.extension is not None and wanted in (bytes, Path):
                    return self._raw(source, path, wanted)
                return self.format.read(source, wanted, columns)
        except WrongValueError as error:
            raise type(error)(
                f"{_name(context, self)} cannot load {_asset(context)} from {self._shown(path)}: {error}"
            ) from error

    def _wanted(self, context: InputContext) -> Any:
        """What the consumer is annotated with; for formats that do not keep the Python type, else the producer."""
        several = context._partition_keys is not None and len(context._partition_keys) != 1
        kind = context._dagster_type
        wanted = None if kind is None or kind is AnyType else wanted_type(kind.typing_type, in_dict=several)
        if wanted is not None or self.format.extension is None:
            return wanted
        upstream = context.upstream_output
        kind = None if upstream is None else upstream._dagster_type
        made = None if kind is None or kind is AnyType else wanted_type(kind.typing_type)
        return None if made in (bytes, Path) or not isinstance(made, str) else made

    def _raw(self, source: Source, path: Any, wanted: Any) -> Any:
        if wanted is bytes:
            return source.read_bytes() if isinstance(source, Path) else source.read()
        if isinstance(source, Path):
            if not source.is_file():
                raise FileNotFoundError(2, "No such file", str(source))
            return source
        import shutil
        import tempfile

        file = Path(tempfile.mkdtemp(dir=self._folder_of_inputs()), path.name)
        with file.open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
        return file

    def _folder_of_inputs(self) -> str:
        if self._inputs is None:
            import tempfile

            self._inputs = tempfile.mkdtemp(prefix="headrace-inputs-")
        return self._inputs

    def close(self) -> None:
        """Remove the files that were handed out as paths."""
        folder, self._inputs = self._inputs, None
        if folder is not None:
            import shutil

            shutil.rmtree(folder, ignore_errors=True)

    def _shown(self, path: Any) -> str:
        return str(path)


class LocalIOManager(StoredIOManager):
    """One format in a folder."""

    def __init__(self, format: Format, base_path: str | os.PathLike[str]) -> None:
        super().__init__(format, LocalStore(), base_path)


def _table_schema(columns: list[Mapping[str, Any]]) -> TableSchema:
    return TableSchema(
        [
            TableColumn(each["name"], each["type"], constraints=TableColumnConstraints(nullable=each["nullable"]))
            for each in columns
        ]
    )


def _name(context: InputContext | OutputContext, manager: StoredIOManager) -> str:
    key = context._manager_key
    return f'IO manager "{key}"' if key is not None else f"The {manager.format.name} IO manager"


def _asset(context: InputContext | OutputContext) -> str:
    with contextlib.suppress(check.CheckError):
        if context.has_asset_key:
            partition = f', partition "{context._partition_keys[0]}"' if context._partition_keys else ""
            return f'asset "{context.asset_key.to_user_string()}"{partition}'
    return "the value"
