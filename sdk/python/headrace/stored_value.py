"""Loading a value by what its materialization says of it (`stored`), where the IO manager that stored it is not here.

That is so for assets of other code locations, also those written in another language. The formats are those that every
language reads, never pickle: loading one runs code of whoever could write there. Credentials are the reader's own.
"""

from __future__ import annotations

import importlib
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


# Scheme → module, its resource, and one of its IO managers (whose format does not matter: it lends its store).
_BLOBS = {
    "s3": ("s3", "S3Resource", "S3PickleIOManager"),
    "gs": ("gcs", "GCSResource", "GCSPickleIOManager"),
    "abfss": ("adls2", "ADLS2Resource", "ADLS2PickleIOManager"),
}
_RETRIES, _RETRY_DELAY, _TIMEOUT = 5, 0.5, 60.0


@contextmanager
def _open_blob(reader: Reader, stored: Mapping[str, Any]) -> Iterator[Source]:
    from headrace.stores.retries import Retries

    parts = urlsplit(stored["uri"])
    name, resource_name, manager_name = _BLOBS[parts.scheme]
    module = importlib.import_module(f"headrace.{name}")
    kind = getattr(module, resource_name)
    resource = _own(reader, kind)
    if resource is None and parts.scheme == "abfss":
        raise DagsterInvariantViolationError(
            f"{stored['uri']} is in Azure's storage, for which this code location has no credential: give its Definitions "
            'an ADLS2Resource among the resources, or give the input an IO manager: AssetIn(input_manager_key="…").'
        )
    bucket = unquote(parts.netloc).partition("@")[0]
    retries = Retries(_RETRIES, _RETRY_DELAY)
    manager = module._made(getattr(module, manager_name), resource or kind(), bucket, "", retries, _TIMEOUT)
    with manager.store.get(PurePosixPath(unquote(parts.path).lstrip("/")), reader.log) as source:
        yield source


_OPENERS = {"file": _open_file, **dict.fromkeys(_BLOBS, _open_blob)}


def _own(reader: Reader, kind: type) -> Any:
    """This code location's own resource of a kind, if it has one."""
    for key, definition in reader.resolved.resources.items():
        if issubclass(getattr(definition, "resource_cls", object), kind):
            return reader.scope.get(key)
    return None
