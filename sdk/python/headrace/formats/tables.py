"""Tables: pandas, polars and Arrow data frames, and what becomes of each as an Arrow table and back. Nothing is lost.

pyarrow is imported on first use: it is an extra, and hosts that store no tables start without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headrace.formats.format import Content, WrongValueError
from headrace.formats.wanted_type import ARROW, PANDAS, POLARS, table_type, type_text

# In the schema of a table that polars made: who asks for no particular type gets polars again.
_MADE_BY = b"headrace.made_by"


def arrow() -> Any:
    """The module pyarrow."""
    try:
        import pyarrow
    except ImportError as error:
        raise WrongValueError(
            "tables are stored through Arrow, which is not installed here: pip install 'headrace[arrow]'"
        ) from error
    return pyarrow


def is_installed(package: str) -> bool:
    """Whether a package can be imported."""
    import importlib.util
    import sys

    return package in sys.modules or importlib.util.find_spec(package) is not None


def is_table(value: Any) -> bool:
    """Whether a value is a data frame of a kind that we know."""
    return table_type(type(value)) is not None


def to_arrow(value: Any) -> Any:
    """A data frame as an Arrow table."""
    pa = arrow()
    kind = table_type(type(value))
    if kind == ARROW:
        return value
    if kind == PANDAS:
        try:
            return _with_plain_types(pa.Table.from_pandas(value))
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
            raise WrongValueError(
                f"the data frame has a column that Arrow cannot hold ({_one_line(error)}). "
                "Give the column one type, or store the asset with a pickle IO manager."
            ) from error
    if kind == POLARS:
        return _from_polars(value)
    if isinstance(value, pa.RecordBatch):
        return pa.Table.from_batches([value])
    raise WrongValueError(_no_table(value))


def with_index_as_columns(value: Any) -> Any:
    """A pandas index that says something becomes columns; row numbers, also those that a filter left, do not."""
    if table_type(type(value)) != PANDAS:
        return value
    import pandas

    index = value.index
    is_numbers = index.nlevels == 1 and index.name is None and pandas.api.types.is_integer_dtype(index.dtype)
    return value.reset_index(drop=bool(is_numbers))


def _from_polars(value: Any) -> Any:
    try:
        table = value.to_arrow()
    except Exception as error:
        raise WrongValueError(
            f"polars cannot give the data frame to Arrow ({_one_line(error)}). Columns of Python objects need a "
            "pickle IO manager."
        ) from error
    return _with_plain_types(table).replace_schema_metadata({_MADE_BY: b"polars"})


def _with_plain_types(table: Any) -> Any:
    """Plain strings and lists: what pandas and polars give by themselves (large ones, views) is not read everywhere."""
    pa = arrow()
    fields = [field.with_type(_plain(field.type)) for field in table.schema]
    if fields == list(table.schema):
        return table
    try:
        return table.cast(pa.schema(fields, metadata=table.schema.metadata))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return table  # more than 2 GiB of text in one piece: it stays as it is


def _plain(kind: Any) -> Any:
    """The everyday type for a large or a view type, also inside of lists, structs and dictionaries."""
    pa = arrow()
    types = pa.types
    if types.is_large_string(kind) or types.is_string_view(kind):
        return pa.string()
    if types.is_large_binary(kind) or types.is_binary_view(kind):
        return pa.binary()
    if types.is_large_list(kind) or types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_plain(kind.value_type)))
    if types.is_struct(kind):
        return pa.struct([field.with_type(_plain(field.type)) for field in kind])
    if types.is_dictionary(kind):
        return pa.dictionary(kind.index_type, _plain(kind.value_type), kind.ordered)
    return kind


def without_views(table: Any) -> Any:
    """Views (as others' files may have them) as plain types: most of what works on tables does not know them."""
    pa = arrow()
    views = [
        field for field in table.schema if pa.types.is_string_view(field.type) or pa.types.is_binary_view(field.type)
    ]
    for field in views:
        index = table.schema.get_field_index(field.name)
        plain = field.with_type(_plain(field.type))
        table = table.set_column(index, plain, table.column(index).cast(plain.type))
    return table


def from_arrow(table: Any, wanted: Any) -> Any:
    """An Arrow table as the data frame that is wanted; None: as what it was made from, else pandas."""
    if wanted is None:
        wanted = _natural(table)
    if wanted == ARROW:
        return _without_marks(without_views(table))
    if wanted == PANDAS:
        return _to_pandas(table)
    if wanted == POLARS:
        import polars

        return polars.from_arrow(table)
    raise WrongValueError(
        f"it is a table, which cannot be given as {type_text(wanted)}. Annotate the parameter as pandas.DataFrame, "
        "polars.DataFrame, pyarrow.Table, pathlib.Path or bytes."
    )


def _natural(table: Any) -> str:
    made_by = (table.schema.metadata or {}).get(_MADE_BY)
    if made_by == b"polars" and is_installed("polars"):
        return POLARS
    return PANDAS if is_installed("pandas") else POLARS if is_installed("polars") else ARROW


def _without_marks(table: Any) -> Any:
    metadata = dict(table.schema.metadata or {})
    return table.replace_schema_metadata(metadata or None) if metadata.pop(_MADE_BY, None) else table


def _to_pandas(table: Any) -> Any:
    """What pandas stored comes back as it was. In other tables whole numbers stay whole where some are missing."""
    if b"pandas" in (table.schema.metadata or {}):
        return table.to_pandas()
    return table.to_pandas(types_mapper=_nullable_types(table).get)


def _nullable_types(table: Any) -> dict[Any, Any]:
    import pandas

    pa = arrow()
    known = {
        pa.bool_(): pandas.BooleanDtype(),
        **{getattr(pa, name.lower())(): getattr(pandas, f"{name}Dtype")() for name in _WHOLE_NUMBERS},
    }
    lossy = {column.type for column in table.columns if column.null_count and column.type in known}
    return {kind: known[kind] for kind in lossy}


_WHOLE_NUMBERS = ("Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64")


def converted(value: Any, wanted: Any) -> Any:
    """A data frame as another kind of data frame; everything else as it is."""
    if wanted not in (PANDAS, POLARS, ARROW) or not is_table(value) or table_type(type(value)) == wanted:
        return value
    return from_arrow(to_arrow(value), wanted)


def content_of(table: Any) -> Content:
    """Rows and columns of an Arrow table."""
    return Content(table.num_rows, columns_of(table.schema))


def columns_of(schema: Any) -> list[Mapping[str, Any]]:
    """The columns of an Arrow schema."""
    return [{"name": field.name, "type": str(field.type), "nullable": field.nullable} for field in schema]


def content_of_value(value: Any) -> Content:
    """Rows and columns of any value, without making an Arrow table of it: nothing where it is no table."""
    kind = table_type(type(value))
    if kind == ARROW:
        return content_of(value)
    if kind == PANDAS:
        types = zip(value.columns, value.dtypes, strict=True)
        return Content(len(value), [_column(name, type_) for name, type_ in types])
    if kind == POLARS:
        return Content(value.height, [_column(name, type_) for name, type_ in value.schema.items()])
    return Content()


def _column(name: Any, kind: Any) -> Mapping[str, Any]:
    return {"name": str(name), "type": str(kind), "nullable": True}


def _no_table(value: Any) -> str:
    kind = type(value)
    remedy = {
        "NoneType": "Annotate an asset that returns nothing with -> None: then nothing is stored.",
        "Series": "Make it a table: value.to_frame().",
        "LazyFrame": "Run the query first: value.collect().",
        "list": "Make it a table first, for example with pandas.DataFrame(value).",
        "dict": "Make it a table first, for example with pandas.DataFrame(value).",
    }.get(kind.__name__, "For other values use a JSON or a pickle IO manager.")
    return (
        f"a value of type {kind.__module__}.{kind.__qualname__} is no table: pandas, polars and pyarrow tables, bytes "
        f"and paths of files can be stored here. {remedy}"
    ).replace("builtins.", "")


def _one_line(error: BaseException) -> str:
    text = " ".join(str(each) for each in error.args) if error.args else str(error)
    return " ".join(text.split())[:300]
