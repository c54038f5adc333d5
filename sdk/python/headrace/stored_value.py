"""Loading a value by what its materialization says of it (`stored`), where the IO manager that stored it is not here.

That is so for assets of other code locations, also those written in another language. The formats are those that every
language reads, never pickle: loading one runs code of whoever could write there. Credentials are the reader's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from headrace.errors import DagsterInvariantViolationError
from headrace.formats.arrow_ipc import ArrowIPCFormat
from headrace.formats.csv_text import CSVFormat
from headrace.formats.format import Format, Source, WrongValueError
from headrace.formats.json_text import JSONFormat
from headrace.formats.parquet import ParquetFormat


class Reader(Protocol):
    """Who reads: whose definitions have the credentials, and who hears of retries. A step is one."""

    resolved: Any
    scope: Any
    log: Any


_FORMATS: Mapping[str, Format] = {
    each.name: each for each in (CSVFormat(), ParquetFormat(), ArrowIPCFormat(), JSONFormat())
}
_REMEDY = "Materialize the asset again."


def can_load(stored: Mapping[str, Any] | None) -> bool:
    """Whether any code location can load what is stored like this."""
    return bool(stored) and stored.get("format") in _FORMATS and _scheme(stored) in _OPENERS  # type: ignore[union-attr]


def load_stored(reader: Reader, stored: Mapping[str, Any], wanted: Any) -> Any:
    """The value as the type that is wanted (None: as it comes)."""
    form = _FORMATS[stored["format"]]
    with open_stored(reader, stored) as source:
        if wanted is bytes:
            return source.read_bytes() if isinstance(source, Path) else source.read()
        if wanted is Path:
            if isinstance(source, Path):
                return source
            raise WrongValueError(
                f"it is not a file of this machine ({stored['uri']}): annotate the parameter as bytes or as a table."
            )
        return form.read(source, wanted, stored.get("schema"))


@contextmanager
def open_stored(reader: Reader, stored: Mapping[str, Any]) -> Iterator[Source]:
    """The bytes, if they are those that were stored."""
    with _OPENERS[_scheme(stored)](reader, stored) as source:
        _check(source, stored)
        yield source


def _scheme(stored: Mapping[str, Any]) -> str:
    return urlsplit(stored.get("uri") or "").scheme


def _check(source: Source, stored: Mapping[str, Any]) -> None:
    """The size, and where the store tells one, the etag."""
    etag = getattr(source, "etag", None)
    if etag and stored.get("etag") and etag != stored["etag"]:
        raise WrongValueError(f"{stored['uri']} was replaced since the asset was materialized. {_REMEDY}")
    expected = stored.get("bytes")
    if isinstance(source, Path):
        size = source.stat().st_size
    else:
        size = source.seek(0, 2)
        source.seek(0)
    if expected is not None and size != expected:
        raise WrongValueError(
            f"{stored['uri']} has {size} bytes, and had {expected} when the asset was materialized. {_REMEDY}"
        )


@contextmanager
def _open_file(reader: Reader, stored: Mapping[str, Any]) -> Iterator[Source]:
    path = Path(unquote(urlsplit(stored["uri"]).path))
    if not path.is_file():
        raise FileNotFoundError(2, f"The stored value is gone. {_REMEDY}", str(path))
    yield path


@contextmanager
def _open_s3(reader: Reader, stored: Mapping[str, Any]) -> Iterator[Source]:
    from headrace.s3 import S3PickleIOManager, S3Resource, _made

    bucket, key = _bucket_and_key(stored)
    resource = _own(reader, S3Resource) or S3Resource()
    manager = _made(S3PickleIOManager, resource, bucket, "", _retries(), _TIMEOUT)
    with manager.store.get(key, reader.log) as source:
        yield source


@contextmanager
def _open_gcs(reader: Reader, stored: Mapping[str, Any]) -> Iterator[Source]:
    from headrace.gcs import GCSPickleIOManager, GCSResource, _made

    bucket, key = _bucket_and_key(stored)
    resource = _own(reader, GCSResource) or GCSResource()
    manager = _made(GCSPickleIOManager, resource, bucket, "", _retries(), _TIMEOUT)
    with manager.store.get(key, reader.log) as source:
        yield source


@contextmanager
def _open_adls2(reader: Reader, stored: Mapping[str, Any]) -> Iterator[Source]:
    from headrace.adls2 import ADLS2PickleIOManager, _made
    from headrace.adls2_resource import ADLS2Resource

    container, key = _bucket_and_key(stored)
    resource = _own(reader, ADLS2Resource)
    if resource is None:
        raise DagsterInvariantViolationError(
            f"{stored['uri']} is in Azure's storage, for which this code location has no credential: give its Definitions "
            'an ADLS2Resource among the resources, or give the input an IO manager: AssetIn(input_manager_key="…").'
        )
    manager = _made(ADLS2PickleIOManager, resource, container.partition("@")[0], "", _retries(), _TIMEOUT)
    with manager.store.get(key, reader.log) as source:
        yield source


_OPENERS = {
    "file": _open_file,
    "s3": _open_s3,
    "gs": _open_gcs,
    "abfss": _open_adls2,
}
_TIMEOUT = 60.0


def _retries() -> Any:
    from headrace.stores.retries import Retries

    return Retries(5, 0.5)


def _bucket_and_key(stored: Mapping[str, Any]) -> tuple[str, PurePosixPath]:
    parts = urlsplit(stored["uri"])
    return unquote(parts.netloc), PurePosixPath(unquote(parts.path).lstrip("/"))


def _own(reader: Reader, kind: type) -> Any:
    """This code location's own resource of a kind, if it has one."""
    for key, definition in reader.resolved.resources.items():
        if issubclass(getattr(definition, "resource_cls", object), kind):
            return reader.scope.get(key)
    return None
