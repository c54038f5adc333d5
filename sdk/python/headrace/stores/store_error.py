"""What a blob store did not do, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass


class StoreError(Exception):
    """A blob store did not do what it was asked. The message names store, object and remedy, and no secret."""


class StoreRefusedError(StoreError):
    """The store does not accept the credentials, or they do not allow this."""


class StoreMissingError(StoreError):
    """The bucket or container is not there."""


class StoreUnavailableError(StoreError):
    """The store cannot be reached, or is overloaded, also after retries."""


@dataclass(frozen=True)
class Failure:
    """An error of a cloud's client, in one form. `status` is the answer's, None where there was no answer."""

    status: int | None
    code: str
    # "": see status. "container": it is missing. "credentials": there are none, or they are not accepted. "again": no
    # answer, or one that says to come back later.
    kind: str = ""

    @property
    def is_transient(self) -> bool:
        """Whether trying again may help."""
        return self.kind == "again" or self.status in (408, 429, 500, 502, 503, 504)

    @property
    def is_missing_object(self) -> bool:
        """Whether the object is not there."""
        return self.status == 404 and self.kind == ""

    def __str__(self) -> str:
        return " ".join(str(each) for each in (self.status, self.code) if each is not None and each != "")
