"""Azure Data Lake Storage Gen2: IO managers that keep values there. `pip install 'headrace[azure]'` brings it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, ClassVar

from pydantic import Field, field_validator

from headrace.adls2_resource import (
    ADLS2DefaultAzureCredential,
    ADLS2Key,
    ADLS2Resource,
    ADLS2SASToken,
    adls2_resource,
)
from headrace.blob_io_manager import BlobIOManager, ConfigurableBlobIOManager
from headrace.formats.arrow_ipc import ArrowIPCFormat
from headrace.formats.csv_text import CSVFormat
from headrace.formats.json_text import JSONFormat
from headrace.formats.parquet import ParquetFormat
from headrace.formats.pickled import PickleFormat
from headrace.init_resource_context import InitResourceContext
from headrace.io_manager import io_manager
from headrace.resource import ResourceDependency
from headrace.stores.adls2_store import ADLS2Store
from headrace.stores.retries import Retries

__all__ = [
    "ADLS2ArrowIPCIOManager",
    "ADLS2CSVIOManager",
    "ADLS2DefaultAzureCredential",
    "ADLS2JSONIOManager",
    "ADLS2Key",
    "ADLS2ParquetIOManager",
    "ADLS2PickleIOManager",
    "ADLS2Resource",
    "ADLS2SASToken",
    "ConfigurablePickledObjectADLS2IOManager",
    "adls2_pickle_io_manager",
    "adls2_resource",
]


class _ADLS2IOManager(ConfigurableBlobIOManager):
    """Keeps each asset at `<adls2_prefix>/<asset key><extension>`, and each partition below the asset's name."""

    adls2: ResourceDependency[ADLS2Resource]
    adls2_file_system: str = Field(description="Container (file system) of the objects.")
    adls2_prefix: str = Field(default="dagster", description="Beginning of the objects' names; may be empty.")

    def _make(self) -> BlobIOManager:
        return _made(
            self,
            self.adls2,
            self.adls2_file_system,
            self.adls2_prefix,
            self._retries(),
            self.request_timeout,
        )


def _made(
    kind: Any, given: ADLS2Resource, container: str, prefix: str, retries: Retries, timeout: float
) -> BlobIOManager:
    given.check_credential(container)
    client = given.new_blob_client(
        retry_total=0, connection_timeout=min(timeout, 10), read_timeout=timeout, retry_connect=0, retry_read=0
    )
    host = f"{given.storage_account}.dfs.{given.endpoint_suffix}"
    credential = given.credential.credential_type
    store = ADLS2Store(client, given.storage_account, container, retries, host, credential)
    return BlobIOManager(kind._format, store, prefix, _op_output_path, records_path=kind._records_path)


def _op_output_path(run_id: str, *parts: str) -> PurePosixPath:
    return PurePosixPath("storage", run_id, "files", *parts)


class ADLS2PickleIOManager(_ADLS2IOManager):
    """Keeps any Python value in Azure storage as a pickle, at `<adls2_prefix>/<asset key>`, as Dagster does."""

    lease_duration: int = Field(
        default=60,
        description="Taken so that Dagster's config fits; no lease is needed, since a blob is replaced by one request.",
    )

    _format = PickleFormat()
    _records_path: ClassVar[bool] = True

    @field_validator("lease_duration")
    @classmethod
    def _check_lease_duration(cls, value: int) -> int:
        if value != -1 and not 15 <= value <= 60:
            raise ValueError("lease_duration must be -1 (unlimited) or from 15 to 60")
        return value


class ADLS2CSVIOManager(_ADLS2IOManager):
    """Keeps tables (pandas, polars, Arrow) in Azure storage as CSV with a header."""

    _format = CSVFormat()


class ADLS2ParquetIOManager(_ADLS2IOManager):
    """Keeps tables (pandas, polars, Arrow) in Azure storage as Parquet."""

    _format = ParquetFormat()


class ADLS2ArrowIPCIOManager(_ADLS2IOManager):
    """Keeps tables (pandas, polars, Arrow) in Azure storage as Arrow IPC files."""

    _format = ArrowIPCFormat()


class ADLS2JSONIOManager(_ADLS2IOManager):
    """Keeps lists, dicts, text and numbers, and tables, in Azure storage as JSON."""

    _format = JSONFormat()


class ConfigurablePickledObjectADLS2IOManager(ADLS2PickleIOManager):
    """An older name of `ADLS2PickleIOManager`."""


@io_manager(config_schema=ADLS2PickleIOManager.to_config_schema(), required_resource_keys={"adls2"})
def adls2_pickle_io_manager(init_context: InitResourceContext) -> BlobIOManager:
    """Keeps any Python value in Azure storage as a pickle; the resource `adls2` gives the account."""
    config = init_context.resource_config
    given = init_context.resources.original_resource_dict["adls2"]
    retries = Retries(config["max_attempts"], config["retry_delay"])
    container, prefix = config["adls2_file_system"], config["adls2_prefix"]
    return _made(ADLS2PickleIOManager, given, container, prefix, retries, config["request_timeout"])


adls2_pickle_io_manager.stored_format = PickleFormat.name
