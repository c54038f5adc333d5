"""What is stored comes back, in every store and format, as whatever the consumer's annotation says."""

from __future__ import annotations

import hashlib
import pickle
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from headrace import (
    ArrowIPCIOManager,
    AssetIn,
    CSVIOManager,
    JSONIOManager,
    ParquetIOManager,
    asset,
    materialize,
)

from .support.tables import FLAT, NESTED

LOCAL = {
    "CSV": CSVIOManager,
    "Parquet": ParquetIOManager,
    "ArrowIPC": ArrowIPCIOManager,
    "JSON": JSONIOManager,
}
EXTENSIONS = {"Pickle": "", "CSV": ".csv", "Parquet": ".parquet", "ArrowIPC": ".arrow", "JSON": ".json"}
NAMES = {"Pickle": "pickle", "CSV": "csv", "Parquet": "parquet", "ArrowIPC": "arrow_ipc", "JSON": "json"}


def round_trip(manager: Any, value: Any, wanted: Any, key: str = "up") -> tuple[Any, Any]:
    """The value as a consumer with this annotation gets it, and the producer's materialization."""
    got = []

    @asset(name=key)
    def up():
        return value

    def function(up):
        got.append(up)

    function.__annotations__ = {"return": None} if wanted is None else {"up": wanted, "return": None}
    down = asset(name="down", ins={"up": AssetIn(key=key)})(function)
    result = materialize([up, down], resources={"io_manager": manager})
    assert result.success
    return got[0], result.get_asset_materialization_events()[0].materialization.metadata


@pytest.mark.parametrize("format", EXTENSIONS)
def test_each_format_in_each_store(store, format):
    value = FLAT if format != "JSON" else FLAT.select(["whole", "text", "yes"])
    got, metadata = round_trip(store.manager(format), value, pa.Table, f"t_{format}")
    assert got.equals(value)
    key = f"made/t_{format}{EXTENSIONS[format]}"
    data = store.get(key)
    assert metadata["uri"].value == store.uri_prefix + key
    assert metadata["bytes"].value == len(data)
    assert metadata["rows"].value == 3
    assert [each.name for each in metadata["schema"].schema.columns] == value.column_names
    assert metadata["content_hash"].value == hashlib.sha256(data).hexdigest()
    assert ("path" in metadata) == (format == "Pickle")


@pytest.mark.parametrize("format", LOCAL)
def test_each_format_in_a_folder(here, format):
    value = FLAT if format != "JSON" else FLAT.select(["whole", "text", "yes"])
    got, metadata = round_trip(LOCAL[format](base_dir="tables"), value, pa.Table)
    assert got.equals(value)
    file = here / "tables" / f"up{EXTENSIONS[format]}"
    assert metadata["path"].value == f"tables/up{EXTENSIONS[format]}"
    assert metadata["bytes"].value == file.stat().st_size
    assert metadata["rows"].value == 3


@pytest.mark.parametrize("format", ["Parquet", "ArrowIPC"])
def test_nested_types_keep_everything(here, format):
    got, _ = round_trip(LOCAL[format](base_dir="."), NESTED, pa.Table)
    assert got.schema.metadata == NESTED.schema.metadata
    # Parquet calls the elements of lists by another name.
    assert got.cast(NESTED.schema).equals(NESTED)


@pytest.mark.parametrize("format", ["CSV", "Parquet", "ArrowIPC"])
@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (FLAT.to_pandas(), pl.DataFrame),
        (FLAT.to_pandas(), pa.Table),
        (pl.from_arrow(FLAT), pd.DataFrame),
        (pl.from_arrow(FLAT), pa.Table),
        (FLAT, pd.DataFrame),
        (FLAT, pl.DataFrame),
        (FLAT, pa.Table | None),
    ],
)
def test_the_consumer_decides(here, format, value, wanted):
    got, _ = round_trip(LOCAL[format](base_dir="."), value, wanted)
    assert isinstance(got, wanted)
    if isinstance(got, pa.Table):
        assert got.column("text").type == pa.string()
    assert list(got["text"].to_pylist() if isinstance(got, pa.Table) else got["text"])[:2] == ["x", ""]


@pytest.mark.parametrize("format", ["Parquet", "ArrowIPC"])
def test_without_an_annotation_the_producers_type_comes_back(here, format):
    frame = pd.DataFrame({"a": [1, 2], "c": pd.Categorical(["u", "v"])}, index=["x", "y"])
    pd.testing.assert_frame_equal(round_trip(LOCAL[format](base_dir="."), frame, None)[0], frame)
    polars = pl.DataFrame({"a": ["u", None], "l": [["v"], []]})
    assert round_trip(LOCAL[format](base_dir="."), polars, None)[0].equals(polars)


def test_whole_numbers_stay_whole_in_pandas(here):
    got, _ = round_trip(ParquetIOManager(base_dir="."), pa.table({"a": [1, None]}), pd.DataFrame)
    assert str(got["a"].dtype) == "Int64"
    got, _ = round_trip(ParquetIOManager(base_dir="."), pa.table({"a": [1, 2]}), pd.DataFrame)
    assert str(got["a"].dtype) == "int64"


@pytest.mark.parametrize("format", ["CSV", "Parquet"])
def test_bytes_and_paths(here, store, format):
    manager = store.manager(format, prefix=f"raw_{format}")
    table, _ = round_trip(manager, FLAT, bytes)
    assert isinstance(table, bytes)
    (here / "made_by_hand").write_bytes(table)
    again, metadata = round_trip(manager, Path("made_by_hand"), bytes, "copied")
    assert again == table
    assert metadata["bytes"].value == len(table)
    assert round_trip(manager, table, bytes, "bytes")[0] == table
    got = []

    @asset
    def copied() -> pd.DataFrame:
        return FLAT.to_pandas()

    @asset
    def reads(copied: Path) -> None:
        got.append((copied.name, copied.read_bytes()[:4]))

    assert materialize([copied, reads], resources={"io_manager": manager}).success
    assert got == [("copied.csv" if format == "CSV" else "copied.parquet", b'"who' if format == "CSV" else b"PAR1")]


def test_a_path_of_a_local_value_is_the_file_itself(here):
    got, _ = round_trip(CSVIOManager(base_dir="tables"), FLAT, Path)
    assert got == Path("tables/up.csv")


@pytest.mark.parametrize("value", [{"a": [1, 2.5, None, True, "ü"]}, [], "text", 3, None])
def test_json_gives_back_what_it_got(here, value):
    assert round_trip(JSONIOManager(base_dir="."), value, None)[0] == value


def test_pickles_of_any_value(store):
    got, metadata = round_trip(store.manager("Pickle"), {("a", 1): {2, 3}}, None, "any")
    assert got == {("a", 1): {2, 3}}
    assert metadata["path"].value == "made/any"
    assert pickle.loads(store.get("made/any")) == got


def test_a_large_value_goes_in_parts(store):
    value = bytes(range(256)) * (70 * 4096)  # 70 MiB: more than any client sends at once
    got, metadata = round_trip(store.manager("Pickle"), value, None, "large")
    assert got == value
    assert len(store.get("made/large")) == metadata["bytes"].value > 70 << 20


def test_what_the_asset_says_goes_before_what_is_found(here):
    @asset
    def up(context):
        context.add_output_metadata({"rows": "a few", "schema": "free"})
        return FLAT

    result = materialize([up], resources={"io_manager": ParquetIOManager(base_dir=".")})
    metadata = result.get_asset_materialization_events()[0].materialization.metadata
    assert (metadata["rows"].value, metadata["schema"].value) == ("a few", "free")
    assert metadata["bytes"].value == (here / "up.parquet").stat().st_size
