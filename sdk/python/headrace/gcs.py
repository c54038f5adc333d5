"""Google Cloud Storage: the resource, and IO managers that keep values there. `pip install 'headrace[gcs]'` brings it."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, ClassVar

from pydantic import Field

from headrace.blob_io_manager import BlobIOManager, ConfigurableBlobIOManager
from headrace.formats.arrow_ipc import ArrowIPCFormat
from headrace.formats.csv_text import CSVFormat
from headrace.formats.json_text import JSONFormat
from headrace.formats.parquet import ParquetFormat
from headrace.formats.pickled import PickleFormat
from headrace.init_resource_context import IAttachDifferentObjectToOpContext, InitResourceContext
from headrace.io_manager import io_manager
from headrace.resource import ConfigurableResource, ResourceDependency
from headrace.resource_definition import resource
from headrace.stores.extras import need
from headrace.stores.gcs_store import GCSStore
from headrace.stores.retries import Retries

__all__ = [
    "ConfigurablePickledObjectGCSIOManager",
    "GCSArrowIPCIOManager",
    "GCSCSVIOManager",
    "GCSJSONIOManager",
    "GCSParquetIOManager",
    "GCSPickleIOManager",
    "GCSResource",
    "gcs_pickle_io_manager",
    "gcs_resource",
]


class GCSResource(ConfigurableResource, IAttachDifferentObjectToOpContext):
    """Gives access to Google Cloud Storage: `get_client()` is Google's own client.

    It looks for credentials itself. The variable `STORAGE_EMULATOR_HOST` leads to an emulator.
    """

    project: str | None = Field(default=None, description="Project of the client.")

    def get_client(self) -> Any:
        """A new `google.cloud.storage.Client`."""
        return need("google.cloud.storage", "gcs").Client(project=self.project)

    def get_object_to_set_on_execution_context(self) -> Any:
        """What `context.resources` shows."""
        return self.get_client()


@resource(config_schema=GCSResource.to_config_schema())
def gcs_resource(init_context: InitResourceContext) -> Any:
    """Google's client for Cloud Storage."""
    return GCSResource.from_resource_context(init_context).get_client()


class _GCSIOManager(ConfigurableBlobIOManager):
    """Keeps each asset at `<gcs_prefix>/<asset key><extension>`, and each partition below the asset's name."""

    gcs: ResourceDependency[GCSResource]
    gcs_bucket: str = Field(description="Bucket of the objects.")
    gcs_prefix: str = Field(default="dagster", description="Beginning of the objects' names; may be empty.")

    def _make(self) -> BlobIOManager:
        return _made(
            self, self.gcs, self.gcs_bucket, self.gcs_prefix, self._retries(), self.request_timeout
        )


def _made(kind: Any, given: Any, bucket: str, prefix: str, retries: Retries, timeout: float) -> BlobIOManager:
    """`given`: a GCSResource, or a client."""
    client = given.get_client() if hasattr(given, "get_client") else given
    store = GCSStore(client, bucket, retries, timeout)
    return BlobIOManager(kind._format, store, prefix, _op_output_path, records_path=kind._records_path)


def _op_output_path(run_id: str, *parts: str) -> PurePosixPath:
    return PurePosixPath("storage", run_id, "files", *parts)


class GCSPickleIOManager(_GCSIOManager):
    """Keeps any Python value in Google Cloud Storage as a pickle, at `<gcs_prefix>/<asset key>`, as Dagster does."""

    _format = PickleFormat()
    _records_path: ClassVar[bool] = True


class GCSCSVIOManager(_GCSIOManager):
    """Keeps tables (pandas, polars, Arrow) in Google Cloud Storage as CSV with a header."""

    _format = CSVFormat()


class GCSParquetIOManager(_GCSIOManager):
    """Keeps tables (pandas, polars, Arrow) in Google Cloud Storage as Parquet."""

    _format = ParquetFormat()


class GCSArrowIPCIOManager(_GCSIOManager):
    """Keeps tables (pandas, polars, Arrow) in Google Cloud Storage as Arrow IPC files."""

    _format = ArrowIPCFormat()


class GCSJSONIOManager(_GCSIOManager):
    """Keeps lists, dicts, text and numbers, and tables, in Google Cloud Storage as JSON."""

    _format = JSONFormat()


class ConfigurablePickledObjectGCSIOManager(GCSPickleIOManager):
    """An older name of `GCSPickleIOManager`."""


@io_manager(config_schema=GCSPickleIOManager.to_config_schema(), required_resource_keys={"gcs"})
def gcs_pickle_io_manager(init_context: InitResourceContext) -> BlobIOManager:
    """Keeps any Python value in Google Cloud Storage as a pickle; the resource `gcs` gives the client."""
    config = init_context.resource_config
    given = init_context.resources.original_resource_dict["gcs"]
    retries = Retries(config["max_attempts"], config["retry_delay"])
    prefix = config["gcs_prefix"]
    return _made(GCSPickleIOManager, given, config["gcs_bucket"], prefix, retries, config["request_timeout"])


gcs_pickle_io_manager.stored_format = PickleFormat.name
