"""IO managers that keep tables, or JSON, in a local folder: one class a format."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from headrace.formats.arrow_ipc import ArrowIPCFormat
from headrace.formats.csv_text import CSVFormat
from headrace.formats.format import Format
from headrace.formats.json_text import JSONFormat
from headrace.formats.parquet import ParquetFormat
from headrace.init_resource_context import InitResourceContext
from headrace.input_context import InputContext
from headrace.io_manager import ConfigurableIOManager
from headrace.output_context import OutputContext
from headrace.storage_folder import storage_folder
from headrace.stored_io_manager import LocalIOManager


class _LocalFormatIOManager(ConfigurableIOManager):
    """Keeps each asset at `<base_dir>/<asset key>.<extension>`, and each partition in a folder of the asset's name."""

    base_dir: str | None = Field(
        default=None, description="Folder of the files; without it, the daemon's storage folder."
    )
    _format: ClassVar[Format]

    def create_io_manager(self, context: InitResourceContext) -> LocalIOManager:
        """The IO manager for this folder."""
        return self._made()

    def _made(self) -> LocalIOManager:
        return LocalIOManager(self._format, self.base_dir if self.base_dir is not None else storage_folder())

    def handle_output(self, context: OutputContext, obj: object) -> None:
        """Store the value."""
        self._made().handle_output(context, obj)

    def load_input(self, context: InputContext) -> object:
        """Load the value."""
        return self._made().load_input(context)


class CSVIOManager(_LocalFormatIOManager):
    """Keeps tables (pandas, polars, Arrow) as CSV files with a header, which every program reads."""

    _format = CSVFormat()


class ParquetIOManager(_LocalFormatIOManager):
    """Keeps tables (pandas, polars, Arrow) as Parquet files: small, and with their schema."""

    _format = ParquetFormat()


class ArrowIPCIOManager(_LocalFormatIOManager):
    """Keeps tables (pandas, polars, Arrow) as Arrow IPC files: the quickest to load."""

    _format = ArrowIPCFormat()


class JSONIOManager(_LocalFormatIOManager):
    """Keeps lists, dicts, text and numbers, and tables, as JSON files."""

    _format = JSONFormat()
