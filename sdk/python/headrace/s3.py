"""Amazon S3: the resource, and IO managers that keep values there. Installed with `pip install 'headrace[s3]'`."""

from __future__ import annotations

import weakref
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
from headrace.stores.retries import Retries
from headrace.stores.s3_store import S3Store

__all__ = [
    "ConfigurablePickledObjectS3IOManager",
    "S3ArrowIPCIOManager",
    "S3CSVIOManager",
    "S3JSONIOManager",
    "S3ParquetIOManager",
    "S3PickleIOManager",
    "S3Resource",
    "s3_pickle_io_manager",
    "s3_resource",
]

# Client → the resource that handed it out, so that the older IO manager, which is given a client, can make one of its own.
_resources: weakref.WeakKeyDictionary[Any, S3Resource] = weakref.WeakKeyDictionary()


class S3Resource(ConfigurableResource, IAttachDifferentObjectToOpContext):
    """Gives access to S3: `get_client()` is boto3's own client.

    Without keys, boto3 looks for credentials itself: environment, profile, role. The variable `AWS_ENDPOINT_URL` (or
    the field `endpoint_url`) leads to another store that speaks S3's language.
    """

    use_unsigned_session: bool = Field(default=False, description="Send requests without a signature.")
    region_name: str | None = Field(default=None, description="Region of the client.")
    endpoint_url: str | None = Field(default=None, description="Address of a store other than Amazon's.")
    max_attempts: int = Field(default=5, description="How often a request is sent at most.")
    profile_name: str | None = Field(default=None, description="Profile of the AWS configuration files.")
    use_ssl: bool = Field(default=True, description="Whether to use TLS.")
    verify: bool | None = Field(default=None, description="Whether to verify the store's certificate.")
    aws_access_key_id: str | None = Field(default=None, description="Access key id.")
    aws_secret_access_key: str | None = Field(default=None, description="Secret access key.")
    aws_session_token: str | None = Field(default=None, description="Session token.")

    def get_client(self) -> Any:
        """A new client of boto3, which tries again by itself up to `max_attempts` times."""
        client = self._client(retries={"total_max_attempts": self.max_attempts, "mode": "standard"})
        _resources[client] = self
        return client

    def get_object_to_set_on_execution_context(self) -> Any:
        """What `context.resources` shows."""
        return self.get_client()

    def _client(self, **config: Any) -> Any:
        boto3 = need("boto3", "s3")
        from botocore.config import Config

        if self.use_unsigned_session:
            from botocore import UNSIGNED

            config["signature_version"] = UNSIGNED
        return boto3.session.Session(profile_name=self.profile_name).client(
            "s3",
            region_name=self.region_name,
            endpoint_url=self.endpoint_url,
            use_ssl=self.use_ssl,
            verify=self.verify,
            aws_access_key_id=self.aws_access_key_id,
            aws_secret_access_key=self.aws_secret_access_key,
            aws_session_token=self.aws_session_token,
            config=Config(**config),
        )

    def client_without_retries(self, timeout: float) -> Any:
        """For IO managers, whose own retries can be seen in the step's log."""
        return self._client(
            retries={"total_max_attempts": 1}, connect_timeout=min(timeout, 10), read_timeout=timeout
        )


@resource(config_schema=S3Resource.to_config_schema())
def s3_resource(context: InitResourceContext) -> Any:
    """boto3's client for S3."""
    return S3Resource.from_resource_context(context).get_client()


class _S3IOManager(ConfigurableBlobIOManager):
    """Keeps each asset at `<s3_prefix>/<asset key><extension>`, and each partition below the asset's name."""

    s3_resource: ResourceDependency[S3Resource]
    s3_bucket: str = Field(description="Bucket of the objects.")
    s3_prefix: str = Field(default="dagster", description="Beginning of the objects' keys; may be empty.")

    def _make(self) -> BlobIOManager:
        attempts = self.max_attempts
        if "max_attempts" not in self.model_fields_set:
            attempts = getattr(self.s3_resource, "max_attempts", attempts)
        retries = Retries(attempts, self.retry_delay)
        return _made(self, self.s3_resource, self.s3_bucket, self.s3_prefix, retries, self.request_timeout)


def _made(
    kind: Any, given: Any, bucket: str, prefix: str | None, retries: Retries, timeout: float
) -> BlobIOManager:
    """`given`: an S3Resource, or a client; one that is not of an S3Resource keeps its own retries."""
    found = _resource_of(given)
    if found is not None:
        client = found.client_without_retries(timeout)
    else:
        client = given.get_client() if hasattr(given, "get_client") else given
        retries = Retries(1)
    store = S3Store(client, bucket, retries)
    return BlobIOManager(kind._format, store, prefix, _op_output_path, records_path=kind._records_path)


def _op_output_path(run_id: str, *parts: str) -> PurePosixPath:
    return PurePosixPath("storage", run_id, *(part.replace("[", "--").replace("]", "") for part in parts))


def _resource_of(given: Any) -> S3Resource | None:
    """The resource of which we can make another client: one with a `get_client` of its own is left alone."""
    found = given if isinstance(given, S3Resource) else _resources.get(given)
    return found if found is not None and type(found).get_client is S3Resource.get_client else None


class S3PickleIOManager(_S3IOManager):
    """Keeps any Python value in S3 as a pickle, at `<s3_prefix>/<asset key>`, as Dagster does."""

    _format = PickleFormat()
    _records_path: ClassVar[bool] = True


class S3CSVIOManager(_S3IOManager):
    """Keeps tables (pandas, polars, Arrow) in S3 as CSV with a header."""

    _format = CSVFormat()


class S3ParquetIOManager(_S3IOManager):
    """Keeps tables (pandas, polars, Arrow) in S3 as Parquet."""

    _format = ParquetFormat()


class S3ArrowIPCIOManager(_S3IOManager):
    """Keeps tables (pandas, polars, Arrow) in S3 as Arrow IPC files."""

    _format = ArrowIPCFormat()


class S3JSONIOManager(_S3IOManager):
    """Keeps lists, dicts, text and numbers, and tables, in S3 as JSON."""

    _format = JSONFormat()


class ConfigurablePickledObjectS3IOManager(S3PickleIOManager):
    """An older name of `S3PickleIOManager`."""


@io_manager(config_schema=S3PickleIOManager.to_config_schema(), required_resource_keys={"s3"})
def s3_pickle_io_manager(init_context: InitResourceContext) -> BlobIOManager:
    """Keeps any Python value in S3 as a pickle; the resource `s3` gives the client."""
    config = init_context.resource_config
    given = init_context.resources.original_resource_dict["s3"]
    found = _resource_of(given)
    attempts = config["max_attempts"] if found is None else found.max_attempts
    retries = Retries(attempts, config["retry_delay"])
    prefix = config.get("s3_prefix")
    return _made(S3PickleIOManager, given, config["s3_bucket"], prefix, retries, config["request_timeout"])


s3_pickle_io_manager.stored_format = PickleFormat.name
