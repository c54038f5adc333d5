"""Azure Data Lake Storage Gen2, through its blob API: every account has that, and a SAS for one container is enough."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, BinaryIO

from headrace.stores.blob_store import NETWORK_ERRORS, BlobStore
from headrace.stores.retries import Retries
from headrace.stores.store_error import Failure


class ADLS2Store(BlobStore):
    """A container (a file system, in Data Lake's words), through a `BlobServiceClient` of Azure's."""

    product = "Azure Storage"
    container_word = "container"
    container_field = "adls2_file_system"

    def __init__(
        self, client: Any, account: str, container: str, retries: Retries, host: str, credential: str
    ) -> None:
        """`host`: that of the account in `abfss` addresses. `credential`: its kind, for messages."""
        super().__init__(container, retries)
        self._container = client.get_container_client(container)
        self._account = account
        self._host = host
        self._credential = credential

    def _upload(self, key: str, file: BinaryIO, size: int) -> str | None:
        answer = self._container.get_blob_client(key).upload_blob(file, length=size, overwrite=True)
        return (answer.get("etag") or "").strip('"') or None

    def _download(self, key: str, file: BinaryIO) -> str | None:
        download = self._container.get_blob_client(key).download_blob()
        download.readinto(file)
        return (download.properties.etag or "").strip('"') or None

    def _exists(self, key: str) -> bool:
        return self._container.get_blob_client(key).exists()

    def _delete(self, key: str) -> None:
        self._container.get_blob_client(key).delete_blob()

    def _failure(self, error: Exception) -> Failure | None:
        from azure.core import exceptions

        if isinstance(error, exceptions.HttpResponseError):
            code = getattr(error, "error_code", None)
            code = str(getattr(code, "value", code) or "")
            if error.status_code is None:
                is_refusal = isinstance(error, exceptions.ClientAuthenticationError)
                return Failure(None, type(error).__name__, "credentials" if is_refusal else "again")
            kinds = {
                "ContainerNotFound": "container",
                "InvalidAuthenticationInfo": "credentials",
                "LeaseIdMissing": "again",  # Dagster takes a lease while it writes
            }
            return Failure(error.status_code, code, kinds.get(code, ""))
        if isinstance(error, (exceptions.AzureError, *NETWORK_ERRORS)):
            return Failure(None, type(error).__name__, "again")
        return None

    def address(self, path: PurePosixPath) -> str:
        return f"abfss://{self.container}@{self._host}/{path.as_posix()}"

    def _where(self) -> str:
        return f'container "{self.container}" of storage account "{self._account}"'

    def _credentials_remedy(self) -> str:
        where = f'container "{self.container}" of account "{self._account}"'
        if self._credential == "sas":
            return (
                f"Give the ADLS2 resource a SAS token for {where} that is not expired and allows to read, write and create, "
                'best as EnvVar("…") (older form: {"env": "…"}).'
            )
        if self._credential == "key":
            return f'Give the ADLS2 resource the key of account "{self._account}", best as EnvVar("…").'
        return f"Let the identity that was found read and write {where} (role Storage Blob Data Contributor)."
