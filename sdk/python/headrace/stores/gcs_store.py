"""Google Cloud Storage."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any, BinaryIO

from headrace.stores.blob_store import NETWORK_ERRORS, BlobStore
from headrace.stores.retries import Retries
from headrace.stores.store_error import Failure

_RATE_LIMITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"})


class GCSStore(BlobStore):
    """A bucket, through Google's own client. Its retries are off: ours can be seen in the step's log."""

    product = "Google Cloud Storage"
    container_word = "bucket"
    container_field = "gcs_bucket"

    def __init__(self, client: Any, bucket: str, retries: Retries, timeout: float) -> None:
        super().__init__(bucket, retries)
        self._client = client
        self._bucket = client.bucket(bucket)
        self._timeout = timeout

    def _upload(self, key: str, file: BinaryIO, size: int) -> str | None:
        blob = self._bucket.blob(key)
        blob.upload_from_file(
            file, size=size, retry=None, timeout=self._timeout, content_type="application/octet-stream"
        )
        return blob.etag

    def _download(self, key: str, file: BinaryIO) -> str | None:
        self._bucket.blob(key).download_to_file(file, retry=None, timeout=self._timeout)
        return None  # what comes with a download is of another kind than what an upload was told

    def _exists(self, key: str) -> bool:
        return self._bucket.blob(key).exists(retry=None, timeout=self._timeout)

    def _delete(self, key: str) -> None:
        self._bucket.blob(key).delete(retry=None, timeout=self._timeout)

    def _failure(self, error: Exception) -> Failure | None:
        import requests
        from google.api_core.exceptions import GoogleAPICallError
        from google.auth import exceptions as auth
        from google.cloud.storage import exceptions as storage

        if isinstance(error, GoogleAPICallError):
            return self._answered(int(error.code or 0), error.message or "", error.errors)
        if isinstance(error, storage.InvalidResponse):
            return self._answered(int(error.response.status_code), getattr(error.response, "text", "") or "", [])
        if isinstance(error, (requests.exceptions.RequestException, auth.TransportError, storage.DataCorruption)):
            return Failure(None, type(error).__name__, "again")
        if isinstance(error, auth.GoogleAuthError):
            return Failure(None, type(error).__name__, "credentials")
        return Failure(None, type(error).__name__, "again") if isinstance(error, NETWORK_ERRORS) else None

    def _answered(self, status: int, text: str, errors: Any) -> Failure:
        reasons = [each.get("reason", "") for each in errors or () if isinstance(each, dict)]
        if status == 403 and _RATE_LIMITS.intersection(reasons):
            return Failure(429, reasons[0])
        missing_bucket = status == 404 and "bucket" in text.lower() and "no such object" not in text.lower()
        return Failure(status, reasons[0] if reasons else "", "container" if missing_bucket else "")

    def address(self, path: PurePosixPath) -> str:
        return f"gs://{self.container}/{path.as_posix()}"

    def _where(self) -> str:
        endpoint = getattr(self._client, "api_endpoint", None) or "storage.googleapis.com"
        return f'bucket "{self.container}" of Google Cloud Storage at {endpoint}'

    def _credentials_remedy(self) -> str:
        return (
            "Set up credentials that may read and write objects there: GOOGLE_APPLICATION_CREDENTIALS names a service "
            "account's key file, `gcloud auth application-default login` makes some for a person."
        )
