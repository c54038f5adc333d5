"""Metadata: labeled values that a materialization or an observation carries.

Plain Python values are wrapped by kind (`str` becomes text, `os.PathLike` a path, …); the constructors of
`MetadataValue` say the kind explicitly. `to_json` and `from_json` translate to what the event log stores.
"""

from __future__ import annotations

import builtins
import datetime
import json as json_module
import math
import os
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from headrace import check
from headrace.asset_key import AssetKey
from headrace.errors import DagsterInvalidMetadata
from headrace.table_metadata import TableColumnLineage, TableRecord, TableSchema

# JavaScript, and many other readers of JSON, keep integers exactly only up to this.
_LARGEST_EXACT_INT = 2**53


class MetadataValue:
    """A metadata value of a known kind; `.value` is the plain Python value.

    Made by its constructors: `MetadataValue.path("out/a.csv")`, `MetadataValue.md("**bold**")`, …
    """

    type_name: ClassVar[str] = ""
    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    @property
    def value(self) -> Any:
        """The plain Python value."""
        return self._value

    def to_json_value(self) -> Any:
        """The value as the event log stores it."""
        return _json_safe(self._value)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._value == other._value  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((type(self), repr(self._value)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._value!r})"

    @staticmethod
    def text(text: str) -> TextMetadataValue:
        """Plain text."""
        return TextMetadataValue(text)

    @staticmethod
    def url(url: str) -> UrlMetadataValue:
        """A link."""
        return UrlMetadataValue(url)

    @staticmethod
    def path(path: str | os.PathLike[str]) -> PathMetadataValue:
        """A path to a file or folder."""
        return PathMetadataValue(path)

    @staticmethod
    def notebook(path: str | os.PathLike[str]) -> NotebookMetadataValue:
        """A path to a notebook."""
        return NotebookMetadataValue(path)

    @staticmethod
    def json(data: Mapping[str, Any] | Sequence[Any] | None) -> JsonMetadataValue:
        """Anything that JSON can hold."""
        return JsonMetadataValue(data)

    @staticmethod
    def md(data: str) -> MarkdownMetadataValue:
        """Markdown."""
        return MarkdownMetadataValue(data)

    @staticmethod
    def python_artifact(python_artifact: Any) -> PythonArtifactMetadataValue:
        """A class or function, shown as `module:name`."""
        return PythonArtifactMetadataValue(
            check.inst(python_artifact.__module__, "python_artifact.__module__", str),
            getattr(python_artifact, "__name__", str(python_artifact)),
        )

    @staticmethod
    def float(value: builtins.float) -> FloatMetadataValue:
        """A floating-point number; NaN and infinities are fine."""
        return FloatMetadataValue(value)

    @staticmethod
    def int(value: builtins.int) -> IntMetadataValue:
        """An integer of any size."""
        return IntMetadataValue(value)

    @staticmethod
    def bool(value: builtins.bool) -> BoolMetadataValue:
        """True or False."""
        return BoolMetadataValue(value)

    @staticmethod
    def timestamp(value: builtins.float | datetime.datetime) -> TimestampMetadataValue:
        """A moment: seconds since 1970 UTC, or a datetime with a time zone."""
        return TimestampMetadataValue(value)

    @staticmethod
    def dagster_run(run_id: str) -> DagsterRunMetadataValue:
        """A run, by its id."""
        return DagsterRunMetadataValue(run_id)

    @staticmethod
    def job(
        job_name: str, location_name: str, *, repository_name: str | None = None
    ) -> DagsterJobMetadataValue:
        """A job of a code location."""
        return DagsterJobMetadataValue(job_name, location_name, repository_name)

    @staticmethod
    def asset(asset_key: AssetKey) -> DagsterAssetMetadataValue:
        """A reference to an asset."""
        return DagsterAssetMetadataValue(asset_key)

    @staticmethod
    def table(records: Sequence[TableRecord], schema: TableSchema | None = None) -> TableMetadataValue:
        """A small table; without `schema` the columns are taken from the first record."""
        return TableMetadataValue(records, schema)

    @staticmethod
    def table_schema(schema: TableSchema) -> TableSchemaMetadataValue:
        """Columns of a table, without rows."""
        return TableSchemaMetadataValue(schema)

    @staticmethod
    def column_lineage(lineage: TableColumnLineage) -> TableColumnLineageMetadataValue:
        """Which columns of which assets a column was made from."""
        return TableColumnLineageMetadataValue(lineage)

    @staticmethod
    def null() -> NullMetadataValue:
        """No value."""
        return NullMetadataValue()

    @staticmethod
    def pool(pool: str) -> PoolMetadataValue:
        """The name of a concurrency pool."""
        return PoolMetadataValue(pool)

    @staticmethod
    def code_location_reconstruction(data: str) -> CodeLocationReconstructionMetadataValue:
        """Text that an integration keeps to rebuild its definitions."""
        return CodeLocationReconstructionMetadataValue(data)


class _StringValue(MetadataValue):
    __slots__ = ()

    def __init__(self, value: str | None = "") -> None:
        super().__init__(check.opt_str(value, self.type_name) or "")


class TextMetadataValue(_StringValue):
    """Plain text."""

    type_name = "text"
    text = property(lambda self: self._value)  # type: ignore[assignment]


class UrlMetadataValue(_StringValue):
    """A link."""

    type_name = "url"
    url = property(lambda self: self._value)  # type: ignore[assignment]


class MarkdownMetadataValue(_StringValue):
    """Markdown."""

    type_name = "md"
    md_str = property(lambda self: self._value)


class PoolMetadataValue(_StringValue):
    """The name of a concurrency pool."""

    type_name = "pool"
    pool = property(lambda self: self._value)  # type: ignore[assignment]


class CodeLocationReconstructionMetadataValue(_StringValue):
    """Text that an integration keeps to rebuild its definitions; stored as text."""

    type_name = "text"
    data = property(lambda self: self._value)


class DagsterRunMetadataValue(_StringValue):
    """A run, by its id."""

    type_name = "dagster_run"
    run_id = property(lambda self: self._value)


class PathMetadataValue(MetadataValue):
    """A path to a file or folder."""

    type_name = "path"

    def __init__(self, path: str | os.PathLike[str] | None = "") -> None:
        super().__init__(os.fspath(check.opt_inst(path, "path", (str, os.PathLike)) or ""))

    path = property(lambda self: self._value)  # type: ignore[assignment]


class NotebookMetadataValue(PathMetadataValue):
    """A path to a notebook."""

    type_name = "notebook"


class JsonMetadataValue(MetadataValue):
    """Anything that JSON can hold."""

    type_name = "json"

    def __init__(self, data: Any = None) -> None:
        try:
            json_module.dumps(data)
        except (TypeError, ValueError, RecursionError) as error:
            raise DagsterInvalidMetadata(
                f"Metadata of kind json cannot be written as JSON: {error}."
            ) from error
        super().__init__(data)

    data = property(lambda self: self._value)


class PythonArtifactMetadataValue(MetadataValue):
    """A class or function, by module and name."""

    type_name = "python_artifact"
    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = check.inst(module, "module", str)
        self.name = check.inst(name, "name", str)
        super().__init__(f"{module}:{name}")

    @property
    def value(self) -> PythonArtifactMetadataValue:
        """The value itself: `.module` and `.name`."""
        return self


class FloatMetadataValue(MetadataValue):
    """A floating-point number."""

    type_name = "float"

    def __init__(self, value: float | None = None) -> None:
        super().__init__(None if value is None else float(check.inst(value, "value", (float, int))))


class IntMetadataValue(MetadataValue):
    """An integer of any size."""

    type_name = "int"

    def __init__(self, value: int | None = None) -> None:
        super().__init__(None if value is None else int(check.inst(value, "value", int)))


class BoolMetadataValue(MetadataValue):
    """True or False."""

    type_name = "bool"

    def __init__(self, value: bool | None = None) -> None:
        super().__init__(check.opt_bool(value, "value"))


class TimestampMetadataValue(MetadataValue):
    """A moment, as seconds since 1970 UTC."""

    type_name = "timestamp"

    def __init__(self, value: float | datetime.datetime) -> None:
        if isinstance(value, datetime.datetime):
            if value.tzinfo is None:
                raise check.CheckError(
                    "MetadataValue.timestamp needs a datetime with a time zone: "
                    "datetime.now(timezone.utc), for example."
                )
            value = value.timestamp()
        super().__init__(float(check.inst(value, "value", (float, int))))


class DagsterJobMetadataValue(MetadataValue):
    """A job of a code location."""

    type_name = "job"
    __slots__ = ("job_name", "location_name", "repository_name")

    def __init__(self, job_name: str, location_name: str, repository_name: str | None = None) -> None:
        self.job_name = check.inst(job_name, "job_name", str)
        self.location_name = check.inst(location_name, "location_name", str)
        self.repository_name = check.opt_str(repository_name, "repository_name")
        super().__init__((job_name, location_name, repository_name))

    @property
    def value(self) -> DagsterJobMetadataValue:
        """The value itself: `.job_name`, `.location_name`."""
        return self

    def to_json_value(self) -> Any:
        return {"job_name": self.job_name, "location_name": self.location_name}


class DagsterAssetMetadataValue(MetadataValue):
    """A reference to an asset."""

    type_name = "asset"

    def __init__(self, asset_key: AssetKey) -> None:
        super().__init__(check.inst(asset_key, "asset_key", AssetKey))

    asset_key = property(lambda self: self._value)

    def to_json_value(self) -> Any:
        return self._value.path


class TableMetadataValue(MetadataValue):
    """A small table: records and their schema."""

    type_name = "table"
    __slots__ = ("records", "schema")

    def __init__(self, records: Sequence[TableRecord], schema: TableSchema | None = None) -> None:
        self.records = check.opt_sequence(records, "records", TableRecord)
        if schema is None:
            if not self.records:
                raise check.CheckError("MetadataValue.table without records needs a schema.")
            schema = TableSchema.from_record(self.records[0])
        self.schema = check.inst(schema, "schema", TableSchema)
        super().__init__((self.records, self.schema))

    @property
    def value(self) -> TableMetadataValue:
        """The value itself: `.records` and `.schema`."""
        return self

    def to_json_value(self) -> Any:
        records = [_json_safe(record.data) for record in self.records]
        return {"records": records, "schema": _json_safe(self.schema.to_json())}


class TableSchemaMetadataValue(MetadataValue):
    """Columns of a table."""

    type_name = "table_schema"

    def __init__(self, schema: TableSchema) -> None:
        super().__init__(check.inst(schema, "schema", TableSchema))

    schema = property(lambda self: self._value)

    def to_json_value(self) -> Any:
        return _json_safe(self._value.to_json())


class TableColumnLineageMetadataValue(MetadataValue):
    """Which columns a column was made from."""

    type_name = "column_lineage"

    def __init__(self, column_lineage: TableColumnLineage) -> None:
        super().__init__(check.inst(column_lineage, "column_lineage", TableColumnLineage))

    column_lineage = property(lambda self: self._value)  # type: ignore[assignment]

    def to_json_value(self) -> Any:
        return _json_safe(self._value.to_json())


class NullMetadataValue(MetadataValue):
    """No value."""

    type_name = "null"

    def __init__(self) -> None:
        super().__init__(None)


def normalize_metadata_value(value: Any, label: str) -> MetadataValue:
    """Wrap a plain value by its kind; `label` is named in errors."""
    if isinstance(value, MetadataValue):
        return value
    if value is None:
        return NullMetadataValue()
    if isinstance(value, bool):
        return BoolMetadataValue(value)
    if type(value).__module__.split(".")[0] == "numpy":
        raise DagsterInvalidMetadata(_numpy_message(value, label))
    for kinds, wrapper in _WRAPPERS:
        if isinstance(value, kinds):
            try:
                return wrapper(value)
            except DagsterInvalidMetadata as error:
                raise DagsterInvalidMetadata(f'Metadata "{label}": {error}') from error
    raise DagsterInvalidMetadata(
        f'Metadata "{label}" has a value of type {type(value).__name__} ({check.short_repr(value, 60)}), which '
        "cannot be stored. Convert it to str, int, float, bool, list or dict, or use a MetadataValue constructor."
    )


_WRAPPERS: list[tuple[Any, Any]] = [
    (str, TextMetadataValue),
    (float, FloatMetadataValue),
    (int, IntMetadataValue),
    ((list, dict), JsonMetadataValue),
    (os.PathLike, PathMetadataValue),
    (AssetKey, DagsterAssetMetadataValue),
    (TableSchema, TableSchemaMetadataValue),
    (TableColumnLineage, TableColumnLineageMetadataValue),
]


def _numpy_message(value: Any, label: str) -> str:
    kind = f"numpy.{type(value).__name__}"
    how = "value.tolist()" if getattr(value, "ndim", 0) else "int(value), float(value) or value.item()"
    return f'Metadata "{label}" is a {kind}, which cannot be stored. Convert it to a Python value: {how}.'


def normalize_metadata(metadata: Mapping[str, Any] | None) -> dict[str, MetadataValue]:
    """Wrap every value of a metadata mapping; labels must be strings."""
    if not metadata and isinstance(metadata, (dict, type(None))):
        return {}
    plain = check.opt_mapping(metadata, "metadata")
    return {label: normalize_metadata_value(value, label) for label, value in plain.items()}


def to_json(metadata: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """Metadata as stored in events: label → `{"type", "value"}` (section 5 of the protocol)."""
    return {
        _safe_text(label): {"type": value.type_name, "value": value.to_json_value()}
        for label, value in normalize_metadata(metadata).items()
    }


def _safe_text(text: str) -> str:
    """Text that UTF-8 can hold: lone surrogates are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _json_safe(value: Any) -> Any:
    """A value that every JSON reader takes: NaN and infinities, and integers over 2^53, become strings."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return _safe_text(value)
    if isinstance(value, int):
        return int(value) if -_LARGEST_EXACT_INT <= value <= _LARGEST_EXACT_INT else str(int(value))
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        return float(value) if math.isfinite(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Mapping):
        return {_safe_text(str(key)): _json_safe(item) for key, item in value.items()}
    return [_json_safe(item) for item in value]
