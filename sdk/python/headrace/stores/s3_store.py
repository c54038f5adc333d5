"""Amazon S3, and what speaks its language."""

from __future__ import annotations

import shutil
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from headrace.stores.blob_store import NETWORK_ERRORS, BlobStore
from headrace.stores.retries import Retries
from headrace.stores.store_error import Failure

# Larger objects are sent in parts.
_LARGEST_PUT = 8 << 20
_PART = 8 << 20
_OF_CREDENTIALS = frozenset(
    {
        "InvalidAccessKeyId",
        "SignatureDoesNotMatch",
        "InvalidToken",
        "ExpiredToken",
        "ExpiredTokenException",
        "AuthorizationHeaderMalformed",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
)


class S3Store(BlobStore):
    """A bucket, through a client of boto3."""

    product = "S3"
    container_word = "bucket"
    container_field = "s3_bucket"

    def __init__(self, client: Any, bucket: str, retries: Retries) -> None:
        super().__init__(bucket, retries)
        self._client = client

    def _upload(self, key: str, file: BinaryIO, size: int) -> str | None:
        if size <= _LARGEST_PUT:
            answer = self._client.put_object(Bucket=self.container, Key=key, Body=file)
        else:
            from boto3.s3.transfer import TransferConfig

            parts = TransferConfig(multipart_threshold=_LARGEST_PUT, multipart_chunksize=_PART)
            self._client.upload_fileobj(_KeptOpen(file), self.container, key, Config=parts)
            answer = self._client.head_object(Bucket=self.container, Key=key)
        return (answer.get("ETag") or "").strip('"') or None

    def _download(self, key: str, file: BinaryIO) -> str | None:
        answer = self._client.get_object(Bucket=self.container, Key=key)
        body = answer["Body"]
        with body:  # not `as`: that would be the stream below it, whose errors are not the client's
            shutil.copyfileobj(body, file, 1 << 20)
        return (answer.get("ETag") or "").strip('"') or None

    def _exists(self, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self.container, Key=key)
        except Exception as error:
            if (failure := self._failure(error)) is not None and failure.status == 404:
                return False
            raise
        return True

    def _delete(self, key: str) -> None:
        self._client.delete_object(Bucket=self.container, Key=key)

    def _failure(self, error: Exception) -> Failure | None:
        from botocore import exceptions

        if isinstance(error, exceptions.ClientError):
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            code = str(error.response.get("Error", {}).get("Code", ""))
            if code == "NoSuchBucket":
                return Failure(status, code, "container")
            return Failure(status, "" if code == str(status) else code, "credentials" if code in _OF_CREDENTIALS else "")
        if isinstance(error, (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)):
            return Failure(None, "no credentials were found", "credentials")
        network = (
            exceptions.HTTPClientError,
            exceptions.ConnectionError,
            exceptions.IncompleteReadError,
            exceptions.ResponseStreamingError,
        )
        return Failure(None, type(error).__name__, "again") if isinstance(error, (*network, *NETWORK_ERRORS)) else None

    def address(self, path: PurePosixPath) -> str:
        return f"s3://{self.container}/{path.as_posix()}"

    def _where(self) -> str:
        return f'bucket "{self.container}" of S3 at {self._client.meta.endpoint_url}'

    def _credentials_remedy(self) -> str:
        return (
            "Give the S3Resource credentials that may read and write there (aws_access_key_id and "
            "aws_secret_access_key, best as EnvVar), or set up what boto3 finds by itself (environment, profile, role)."
        )


class _KeptOpen:
    """boto3 closes what it has sent, but another attempt may need it."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell

    def close(self) -> None:
        """Nothing."""
