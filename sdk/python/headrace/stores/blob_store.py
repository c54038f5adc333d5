"""What all blob stores have in common: whole objects, retries, and errors that say what to do."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Any, BinaryIO, NoReturn, TypeVar

from headrace.formats.format import Source
from headrace.stores.retries import Retries
from headrace.stores.spool import Spool
from headrace.stores.store import Receipt, Store, Write
from headrace.stores.store_error import (
    Failure,
    StoreError,
    StoreMissingError,
    StoreRefusedError,
    StoreUnavailableError,
)

T = TypeVar("T")

# Nothing but the bucket can be missing for that.
_STORING = "Storing"

# What sockets raise where a client passes it on.
NETWORK_ERRORS = (ConnectionError, TimeoutError)


class BlobStore(Store):
    """One bucket or container.

    A value is written to a temporary file first, so that each attempt sends the same bytes, and sent only when it is
    complete: as one request, or in parts that the store puts together at the end. Whatever dies in between, the store
    has the old object or the new one. Nothing is asked before it is needed: neither whether the bucket is there, which
    the credentials may not allow, nor for folders, which there are none of.
    """

    # What people call the store, the bucket, and the place where it is named in a config.
    product: str
    container_word: str
    container_field: str

    def __init__(self, container: str, retries: Retries) -> None:
        self.container = container
        self._retries = retries

    # What each cloud does in its own way. Errors are its client's.

    @abstractmethod
    def _upload(self, key: str, file: BinaryIO, size: int) -> str | None:
        """Send the file, which is at its start; the object's etag."""

    @abstractmethod
    def _download(self, key: str, file: BinaryIO) -> str | None:
        """Write the object to a file; its etag."""

    @abstractmethod
    def _exists(self, key: str) -> bool:
        """Whether there is such an object."""

    @abstractmethod
    def _delete(self, key: str) -> None:
        """Remove the object."""

    @abstractmethod
    def _failure(self, error: Exception) -> Failure | None:
        """What the client's error means; None for an error that is not of the client's."""

    @abstractmethod
    def address(self, path: PurePosixPath) -> str:
        """The object's address, for people: as it is, without credentials."""

    @abstractmethod
    def _where(self) -> str:
        """Which bucket of which account or endpoint, for people."""

    @abstractmethod
    def _credentials_remedy(self) -> str:
        """What to do where the credentials are not accepted."""

    # Store.

    def put(self, path: PurePosixPath, write: Write, log: Any) -> Receipt:
        """Write to a temporary file, then send it."""
        with Spool() as spool:
            write(spool)
            content_hash = spool.sha256()
            size = spool.size()

            def send() -> str | None:
                spool.seek(0)
                return self._upload(path.as_posix(), spool, size)

            return Receipt(size, self._attempt(_STORING, path, send, log), content_hash)

    @contextmanager
    def get(self, path: PurePosixPath, log: Any) -> Iterator[Source]:
        """The object's bytes in a temporary file."""
        with Spool() as spool:

            def receive() -> str | None:
                spool.seek(0)
                spool.truncate()
                return self._download(path.as_posix(), spool)

            spool.etag = self._attempt("Loading", path, receive, log)
            spool.seek(0)
            yield spool

    def exists(self, path: PurePosixPath, log: Any) -> bool:
        """Whether there is such an object."""
        return self._attempt("Looking for", path, lambda: self._exists(path.as_posix()), log)

    def delete(self, path: PurePosixPath, log: Any) -> None:
        """Remove the object."""
        self._attempt("Removing", path, lambda: self._delete(path.as_posix()), log)

    def uri(self, path: PurePosixPath) -> str | None:
        """The object's address, percent-encoded."""
        from urllib.parse import quote

        return quote(self.address(path), safe=":/@")

    def _attempt(self, doing: str, path: PurePosixPath, operation: Callable[[], T], log: Any) -> T:
        what = f"{doing} {self.address(path)}"
        try:
            return self._retries.run(what, operation, self._failure, log)
        except Exception as error:
            failure = self._failure(error)
            if failure is None:
                raise
            self._raise(what, path, failure, error)

    def _raise(self, what: str, path: PurePosixPath, failure: Failure, error: Exception) -> NoReturn:
        if failure.is_missing_object and not what.startswith(_STORING):
            import errno

            raise FileNotFoundError(errno.ENOENT, f"{self.product} has no such object", self.address(path)) from error
        if failure.kind == "container" or failure.status == 404:
            raise StoreMissingError(
                f"{what}: there is no {self._where()} ({failure}). Create it, or correct {self.container_field} of the "
                "IO manager."
            ) from error
        if failure.kind == "credentials" or failure.status in (401, 403):
            raise StoreRefusedError(
                f"{what}: {self.product} refused access to {self._where()} ({failure}). {self._credentials_remedy()}"
            ) from error
        if failure.is_transient:
            attempts = self._retries.max_attempts
            raise StoreUnavailableError(
                f"{what}: no success with {self._where()} in {attempts} {'attempt' if attempts == 1 else 'attempts'}, "
                f"at last: {failure}. What was stored before is unchanged. Check endpoint and network and start the step "
                "again; max_attempts and retry_delay of the IO manager say how long it tries."
            ) from error
        raise StoreError(f"{what}: {self.product} answered {failure}. What was stored before is unchanged.") from error
