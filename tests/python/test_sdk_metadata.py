"""Metadata: every constructor, what plain values become, and what is stored."""

from __future__ import annotations

import json
import math
from datetime import datetime, timezone
from pathlib import Path

import pytest

from headrace import (
    AssetKey,
    AssetMaterialization,
    CheckError,
    DagsterInvalidMetadata,
    MetadataValue,
    ParameterCheckError,
    TableColumn,
    TableColumnConstraints,
    TableColumnDep,
    TableColumnLineage,
    TableRecord,
    TableSchema,
)
from headrace.metadata import to_json


def stored(value):
    """The stored form of one value, after a trip through JSON as strict readers take it."""
    text = json.dumps(to_json({"x": value}), allow_nan=False)
    return json.loads(text)["x"]


@pytest.mark.parametrize(
    ("value", "plain", "as_stored"),
    [
        (MetadataValue.text("a"), "a", {"type": "text", "value": "a"}),
        (MetadataValue.url("https://x"), "https://x", {"type": "url", "value": "https://x"}),
        (MetadataValue.path("a/b"), "a/b", {"type": "path", "value": "a/b"}),
        (MetadataValue.path(Path("a/b")), "a/b", {"type": "path", "value": "a/b"}),
        (MetadataValue.notebook("a.ipynb"), "a.ipynb", {"type": "notebook", "value": "a.ipynb"}),
        (MetadataValue.json({"a": [1]}), {"a": [1]}, {"type": "json", "value": {"a": [1]}}),
        (MetadataValue.json([1, None]), [1, None], {"type": "json", "value": [1, None]}),
        (MetadataValue.md("**a**"), "**a**", {"type": "md", "value": "**a**"}),
        (MetadataValue.float(1.5), 1.5, {"type": "float", "value": 1.5}),
        (MetadataValue.int(3), 3, {"type": "int", "value": 3}),
        (MetadataValue.bool(True), True, {"type": "bool", "value": True}),
        (MetadataValue.dagster_run("r1"), "r1", {"type": "dagster_run", "value": "r1"}),
        (
            MetadataValue.asset(AssetKey(["a", "b"])),
            AssetKey(["a", "b"]),
            {"type": "asset", "value": ["a", "b"]},
        ),
        (MetadataValue.timestamp(12.5), 12.5, {"type": "timestamp", "value": 12.5}),
        (
            MetadataValue.timestamp(datetime(1970, 1, 2, tzinfo=timezone.utc)),
            86400.0,
            {"type": "timestamp", "value": 86400.0},
        ),
        (MetadataValue.null(), None, {"type": "null", "value": None}),
        (MetadataValue.pool("p"), "p", {"type": "pool", "value": "p"}),
    ],
)
def test_constructors(value, plain, as_stored):
    assert value.value == plain
    assert stored(value) == as_stored


def test_job_and_python_artifact():
    job = MetadataValue.job("j", "loc")
    assert (job.value.job_name, job.value.location_name) == ("j", "loc")
    assert stored(job) == {"type": "job", "value": {"job_name": "j", "location_name": "loc"}}
    artifact = MetadataValue.python_artifact(Path)
    assert artifact.value.name == "Path"
    assert stored(artifact)["value"].endswith(":Path")


def test_table_takes_its_schema_from_the_first_record():
    table = MetadataValue.table([TableRecord({"a": 1, "b": "x"}), TableRecord({"a": 2, "b": None})])
    assert [column.name for column in table.value.schema.columns] == ["a", "b"]
    written = stored(table)
    assert written["type"] == "table"
    assert written["value"]["records"] == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert [column["type"] for column in written["value"]["schema"]["columns"]] == ["int", "string"]
    with pytest.raises(CheckError):
        MetadataValue.table([])
    with pytest.raises(CheckError):
        MetadataValue.table([{"a": 1}])


def test_table_schema_and_lineage():
    schema = TableSchema(
        [TableColumn("a", "int", "the a", TableColumnConstraints(nullable=False, unique=True, other=["> 0"]))]
    )
    assert stored(MetadataValue.table_schema(schema))["value"]["columns"] == [
        {
            "name": "a",
            "type": "int",
            "description": "the a",
            "tags": {},
            "constraints": {"nullable": False, "unique": True, "other": ["> 0"]},
        }
    ]
    lineage = TableColumnLineage({"a": [TableColumnDep(AssetKey("up"), "b")]})
    assert stored(MetadataValue.column_lineage(lineage)) == {
        "type": "column_lineage",
        "value": {"deps_by_column": {"a": [{"asset_key": ["up"], "column_name": "b"}]}},
    }


@pytest.mark.parametrize(
    ("plain", "kind"),
    [
        ("a", "text"),
        (1, "int"),
        (True, "bool"),
        (1.0, "float"),
        ({"a": 1}, "json"),
        ([1], "json"),
        (Path("a"), "path"),
        (AssetKey("a"), "asset"),
        (TableSchema([]), "table_schema"),
        (TableColumnLineage({}), "column_lineage"),
        (None, "null"),
    ],
)
def test_plain_values_are_wrapped_by_kind(plain, kind):
    event = AssetMaterialization("x", metadata={"x": plain})
    assert isinstance(event.metadata["x"], MetadataValue)
    assert stored(plain)["type"] == kind


@pytest.mark.parametrize("plain", [object(), {1, 2}, (1,), b"x", lambda: 1, {"a": object()}])
def test_other_values_are_refused_naming_the_label(plain):
    with pytest.raises(DagsterInvalidMetadata, match="the_label"):
        AssetMaterialization("x", metadata={"the_label": plain})


def test_numpy_scalars_are_refused_saying_how_to_convert():
    numpy = pytest.importorskip("numpy")
    for value, how in [
        (numpy.int64(3), r"int\(value\)"),
        (numpy.float64(1.5), None),
        (numpy.array([1]), "tolist"),
    ]:
        with pytest.raises(DagsterInvalidMetadata, match=how or "numpy") as caught:
            AssetMaterialization("x", metadata={"n": value})
        assert '"n"' in str(caught.value)


def test_nan_infinity_and_big_integers_survive_json():
    assert stored(math.nan) == {"type": "float", "value": "NaN"}
    assert stored(math.inf) == {"type": "float", "value": "Infinity"}
    assert stored(-math.inf) == {"type": "float", "value": "-Infinity"}
    assert stored(2**53) == {"type": "int", "value": 2**53}
    assert stored(2**53 + 1) == {"type": "int", "value": "9007199254740993"}
    assert stored(-(10**30)) == {"type": "int", "value": str(-(10**30))}
    assert stored({"a": [math.nan, 2**60]}) == {"type": "json", "value": {"a": ["NaN", str(2**60)]}}


def test_text_that_utf8_cannot_hold_is_written_out():
    assert stored("a\udcffb")["value"] == "a\\udcffb"
    assert stored(MetadataValue.path("bad\udc80name"))["value"] == "bad\\udc80name"


def test_wrong_types_are_refused():
    for make in (
        lambda: MetadataValue.int("3"),
        lambda: MetadataValue.text(3),
        lambda: MetadataValue.float("x"),
        lambda: MetadataValue.bool(1),
        lambda: MetadataValue.asset("a"),
    ):
        with pytest.raises(ParameterCheckError):
            make()
    with pytest.raises(CheckError, match="time zone"):
        MetadataValue.timestamp(datetime(2024, 1, 1))
    with pytest.raises(CheckError):
        AssetMaterialization("x", metadata={1: "a"})


def test_values_are_equal_by_kind_and_value():
    assert MetadataValue.int(1) == MetadataValue.int(1)
    assert MetadataValue.int(1) != MetadataValue.float(1.0)
    assert MetadataValue.text("a") != MetadataValue.path("a")
