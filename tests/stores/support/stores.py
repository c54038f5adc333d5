"""One store as tests use it: an emulator, what leads code to it, and a look behind the IO managers' backs."""

from __future__ import annotations

import datetime
import os
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from . import servers
from .servers import ACCOUNT, ACCOUNT_KEY, AWS, Server

BUCKET = "warehouse"


class TestedStore(ABC):
    """`environment` leads clients to the emulator; `manager(format)` is an IO manager, quick to give up."""

    __test__ = False
    name: str
    uri_prefix: str
    secrets: tuple[str, ...] = ()

    def __init__(self, server: Server) -> None:
        self.server = server
        self.proxy = server.proxy
        self.environment = self._environment()
        os.environ.update(self.environment)
        self.make_container(BUCKET)

    @abstractmethod
    def _environment(self) -> dict[str, str]: ...

    @abstractmethod
    def make_container(self, name: str) -> None: ...

    @abstractmethod
    def manager(self, format: str, container: str = BUCKET, prefix: str = "made", **settings: Any) -> Any: ...

    @abstractmethod
    def get(self, key: str) -> bytes: ...

    @abstractmethod
    def put(self, key: str, data: bytes) -> None: ...

    @abstractmethod
    def keys(self) -> list[str]: ...

    @abstractmethod
    def delete(self, key: str) -> None: ...


QUICK: dict[str, Any] = {"max_attempts": 3, "retry_delay": 0.001, "request_timeout": 20}


class S3(TestedStore):
    name = "s3"
    uri_prefix = f"s3://{BUCKET}/"
    secrets = (AWS["AWS_SECRET_ACCESS_KEY"],)

    def _environment(self) -> dict[str, str]:
        return {**AWS, "AWS_ENDPOINT_URL": self.server.url}

    def client(self) -> Any:
        import boto3

        return boto3.client("s3", endpoint_url=self.server.address)

    def make_container(self, name: str) -> None:
        self.client().create_bucket(Bucket=name)

    def manager(self, format: str, container: str = BUCKET, prefix: str = "made", **settings: Any) -> Any:
        from headrace import s3

        given = settings.pop("resource", None) or s3.S3Resource()
        cls = getattr(s3, f"S3{format}IOManager")
        return cls(s3_resource=given, s3_bucket=container, s3_prefix=prefix, **{**QUICK, **settings})

    def get(self, key: str) -> bytes:
        return self.client().get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def put(self, key: str, data: bytes) -> None:
        self.client().put_object(Bucket=BUCKET, Key=key, Body=data)

    def keys(self) -> list[str]:
        return [each["Key"] for each in self.client().list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def delete(self, key: str) -> None:
        self.client().delete_object(Bucket=BUCKET, Key=key)


class GCS(TestedStore):
    name = "gcs"
    uri_prefix = f"gs://{BUCKET}/"

    def _environment(self) -> dict[str, str]:
        # Google's client looks at the bucket in the background, for its own telemetry.
        self.proxy.ignored = "GET /storage/v1/b/warehouse?projection=noAcl"
        return {"STORAGE_EMULATOR_HOST": self.server.url, "GOOGLE_CLOUD_PROJECT": "test", "NO_GCE_CHECK": "true"}

    def client(self) -> Any:
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import storage

        options = {"api_endpoint": self.server.address}
        return storage.Client(project="test", credentials=AnonymousCredentials(), client_options=options)

    def make_container(self, name: str) -> None:
        self.client().create_bucket(name)

    def manager(self, format: str, container: str = BUCKET, prefix: str = "made", **settings: Any) -> Any:
        from headrace import gcs

        given = settings.pop("resource", None) or gcs.GCSResource(project="test")
        cls = getattr(gcs, f"GCS{format}IOManager")
        return cls(gcs=given, gcs_bucket=container, gcs_prefix=prefix, **{**QUICK, **settings})

    def get(self, key: str) -> bytes:
        return self.client().bucket(BUCKET).blob(key).download_as_bytes()

    def put(self, key: str, data: bytes) -> None:
        self.client().bucket(BUCKET).blob(key).upload_from_string(data)

    def keys(self) -> list[str]:
        return [each.name for each in self.client().list_blobs(BUCKET)]

    def delete(self, key: str) -> None:
        self.client().bucket(BUCKET).blob(key).delete()


class ADLS2(TestedStore):
    """Azure, with a SAS for the container alone: what the guide has. Nothing but blobs can be touched with it."""

    name = "adls2"
    uri_prefix = f"abfss://{BUCKET}@{ACCOUNT}.dfs.core.windows.net/"

    def _environment(self) -> dict[str, str]:
        return {"HEADRACE_ADLS2_ENDPOINT": f"{self.server.url}/{ACCOUNT}"}

    @property
    def secrets(self) -> tuple[str, ...]:  # type: ignore[override]
        sas = self.container_sas()
        return (ACCOUNT_KEY, sas, sas.rpartition("sig=")[2])

    def client(self) -> Any:
        from azure.storage.blob import BlobServiceClient

        key = {"account_name": ACCOUNT, "account_key": ACCOUNT_KEY}
        return BlobServiceClient(f"{self.server.address}/{ACCOUNT}", credential=key)

    def make_container(self, name: str) -> None:
        self.client().create_container(name)

    def manager(self, format: str, container: str = BUCKET, prefix: str = "made", **settings: Any) -> Any:
        from headrace import adls2

        given = settings.pop("resource", None) or self.resource(sas=self.container_sas(container))
        cls = getattr(adls2, f"ADLS2{format}IOManager")
        return cls(adls2=given, adls2_file_system=container, adls2_prefix=prefix, **{**QUICK, **settings})

    def resource(self, *, sas: str | None = None, key: str | None = None) -> Any:
        from headrace.adls2 import ADLS2Key, ADLS2Resource, ADLS2SASToken

        credential = ADLS2SASToken(token=sas) if sas is not None else ADLS2Key(key=key)
        return ADLS2Resource(storage_account=ACCOUNT, credential=credential)

    def container_sas(self, container: str = BUCKET) -> str:
        from azure.storage.blob import ContainerSasPermissions, generate_container_sas

        may = ContainerSasPermissions(read=True, write=True, create=True)
        return generate_container_sas(ACCOUNT, container, ACCOUNT_KEY, permission=may, expiry=_LATER)

    def account_sas(self) -> str:
        from azure.storage.blob import AccountSasPermissions, ResourceTypes, generate_account_sas

        may = AccountSasPermissions(read=True, write=True, create=True)
        return generate_account_sas(ACCOUNT, ACCOUNT_KEY, ResourceTypes(object=True), may, _LATER)

    def get(self, key: str) -> bytes:
        return self.client().get_blob_client(BUCKET, key).download_blob().readall()

    def put(self, key: str, data: bytes) -> None:
        self.client().get_blob_client(BUCKET, key).upload_blob(data, overwrite=True)

    def keys(self) -> list[str]:
        return [each.name for each in self.client().get_container_client(BUCKET).list_blobs()]

    def delete(self, key: str) -> None:
        self.client().get_blob_client(BUCKET, key).delete_blob()


_LATER = datetime.datetime(2099, 1, 1, tzinfo=datetime.timezone.utc)
KINDS: dict[str, tuple[type[TestedStore], Any]] = {
    "s3": (S3, servers.moto),
    "gcs": (GCS, servers.fake_gcs),
    "adls2": (ADLS2, servers.azurite),
}


def start(name: str, folder: Path) -> TestedStore:
    """A store with an empty bucket."""
    kind, server = KINDS[name]
    return kind(server(folder))
