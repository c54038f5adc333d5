"""Previews: first rows of what is stored, read as data by a worker; or a sentence that says why there are none."""

from __future__ import annotations

import pickle

import pytest

CODE = """
    import pandas as pd
    from dagster import Definitions, MetadataValue, asset
    from dagster import IOManager
    from headrace import ArrowIPCIOManager, CSVIOManager, JSONIOManager, ParquetIOManager

    TABLE = pd.DataFrame({"n": range(50), "text": ["x" * 500] + ["y"] * 49, "part": [float("nan")] + [0.5] * 49})

    @asset(io_manager_key="csv")
    def as_csv(): return TABLE

    @asset(io_manager_key="parquet")
    def as_parquet(): return TABLE

    @asset(io_manager_key="arrow")
    def as_arrow(): return TABLE

    @asset(io_manager_key="json")
    def as_json(): return {"a": [1, 2]}

    @asset
    def as_pickle(): return TABLE

    class Own(IOManager):
        def handle_output(self, context, obj):
            obj.to_csv("its #1.csv", index=False)
            context.add_output_metadata({"path": MetadataValue.path("its #1.csv")})

        def load_input(self, context): ...

    @asset(io_manager_key="own")
    def by_its_own(): return TABLE

    @asset
    def nothing() -> None: ...

    defs = Definitions(
        assets=[as_csv, as_parquet, as_arrow, as_json, as_pickle, by_its_own, nothing],
        resources={
            "csv": CSVIOManager(), "parquet": ParquetIOManager(), "arrow": ArrowIPCIOManager(), "json": JSONIOManager(),
            "own": Own(),
        },
    )
"""


@pytest.fixture
def one(daemon, project):
    one = daemon(project({"defs.py": CODE}), "-f", "defs.py")
    one.loaded()
    return one


def preview(one, key):
    return one.get(f"/api/v1/assets/{key}/preview")


@pytest.mark.parametrize("key", ["as_csv", "as_parquet", "as_arrow"])
def test_a_table_shows_its_columns_and_first_rows(one, key):
    one.materialize(key)
    found = preview(one, key)
    assert found["reason"] is None
    assert [column["name"] for column in found["columns"]] == ["n", "text", "part"]
    assert len(found["rows"]) == 20
    assert found["total_rows"] == 50
    first, second = found["rows"][:2]
    assert str(first[0]) == "0" and str(second[0]) == "1"
    assert len(first[1]) == 200 and first[1].endswith("…")
    assert str(second[2]) == "0.5"
    assert found["stored"]["bytes"] > 0


def test_what_an_io_manager_of_ones_own_stored_is_read_by_the_name_of_its_file(one):
    one.materialize("by_its_own")
    found = preview(one, "by_its_own")
    assert found["reason"] is None and found["stored"] is None
    assert [column["name"] for column in found["columns"]] == ["n", "text", "part"] and found["total_rows"] == 50
    assert [column["type"] for column in found["columns"]] == ["int64", "string", "double"]


def test_json_shows_its_text(one):
    one.materialize("as_json")
    found = preview(one, "as_json")
    assert '"a"' in found["text"] and found["rows"] is None


def test_a_pickle_is_never_opened(one):
    one.materialize("as_pickle")
    (one.home / "storage" / "as_pickle").write_bytes(pickle.dumps(print))
    found = preview(one, "as_pickle")
    assert found["rows"] is None and "pickle" in found["reason"]


@pytest.mark.parametrize(("harm", "said"), [("gone", "gone"), ("cut", "bytes"), ("wrong", "arquet")])
def test_a_value_that_cannot_be_read_is_told_in_a_sentence(one, harm, said):
    one.materialize("as_parquet")
    stored = one.home / "storage" / "as_parquet.parquet"
    if harm == "gone":
        stored.unlink()
    elif harm == "cut":
        stored.write_bytes(stored.read_bytes()[:-10])
    else:
        stored.write_bytes(b"\0" * stored.stat().st_size)
    found = preview(one, "as_parquet")
    assert found["rows"] is None and said in found["reason"]


def test_what_was_never_materialized_has_no_preview(one):
    answer = one.request("GET", "/api/v1/assets/as_csv/preview")
    assert answer.status_code == 404 and "never materialized" in answer.json()["detail"]


def test_a_preview_that_takes_too_long_is_given_up(daemon, project):
    code = CODE + "\n    import headrace.preview, signal\n    headrace.preview.preview = lambda *args: signal.pause()\n"
    one = daemon(project({"defs.py": code}), "-f", "defs.py", environment={"HEADRACE_PREVIEW_MS": "300"})
    one.loaded()
    one.materialize("as_csv")
    assert "longer than" in preview(one, "as_csv")["reason"]
