"""A deployment with nothing but a C++ code location: previews of what it stored, and values of others in blob stores."""

from __future__ import annotations

import pytest

from .support.cpp_location import PROGRAM, ROWS
from .support.servers import AWS, REPOSITORY

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="built without Arrow: there is no headrace::blobs")
IRIS = {**AWS, "IRIS": str(REPOSITORY / "examples" / "guide" / "iris.csv")}


@pytest.fixture
def one(daemon, tmp_path):
    one = daemon(tmp_path, "--exe", str(PROGRAM), environment=IRIS)
    one.loaded()
    return one


def preview(one, key):
    return one.get(f"/api/v1/assets/{key}/preview")


@pytest.mark.parametrize("format", ["csv", "parquet", "arrow"])
def test_a_table_shows_its_columns_and_first_rows(one, format):
    one.materialize(f"local_{format}")
    found = preview(one, f"local_{format}")
    assert found["reason"] is None
    assert [column["name"] for column in found["columns"]][0] == "sepal_length"
    assert found["columns"][0]["type"] == "double"
    assert len(found["rows"]) == 20
    assert found["total_rows"] == ROWS
    assert [str(cell) for cell in found["rows"][0]] == ["5.1", "3.5", "1.4", "0.2", "setosa"]


def test_cells_are_as_json_holds_them_else_text(one):
    one.materialize("typed")
    first, second = preview(one, "typed")["rows"]
    assert first[:3] == [1, 0.5, True] and first[3].endswith("x…") and len(first[3]) == 200
    assert first[4].startswith("1970-01-01")
    assert second[:4] == [str(2**60), "nan", False, None]


def test_a_file_of_which_only_the_path_is_known_is_read_by_its_name(one):
    one.materialize("by_hand")
    found = preview(one, "by_hand")
    assert found["reason"] is None and found["stored"] is None and found["rows"] == [["1", "0.5", "a"], ["2", "", "b,c"]]
    assert [column["type"] for column in found["columns"]] == ["int64", "double", "string"]


def test_json_shows_its_text(one):
    one.materialize("local_csv or rows_local_csv")
    found = preview(one, "rows_local_csv")
    assert found["text"] == str(ROWS) and found["rows"] is None


@pytest.mark.parametrize(("harm", "said"), [("gone", "not there any more"), ("cut", "changed"), ("wrong", "damaged")])
@pytest.mark.parametrize("format", ["parquet", "arrow"])
def test_a_value_that_cannot_be_read_is_told_in_a_sentence(one, format, harm, said):
    one.materialize(f"local_{format}")
    stored = one.home / "storage" / f"local_{format}.{format}"
    if harm == "gone":
        stored.unlink()
    elif harm == "cut":
        stored.write_bytes(stored.read_bytes()[:-10])
    else:
        stored.write_bytes(b"\0" * stored.stat().st_size)
    found = preview(one, f"local_{format}")
    assert found["rows"] is None and said in found["reason"]


def test_a_value_in_a_blob_store(daemon, store, tmp_path):
    sas = {"TEST_SAS": store.container_sas()} if store.name == "adls2" else {}
    one = daemon(tmp_path, "--exe", str(PROGRAM), environment={**IRIS, **store.environment, **sas})
    one.loaded()
    one.materialize(f"{store.name}_parquet")
    found = preview(one, f"{store.name}_parquet")
    assert found["reason"] is None and found["total_rows"] == ROWS and len(found["rows"]) == 20
    store.delete(f"dagster/{store.name}_parquet.parquet")
    assert "not there any more" in preview(one, f"{store.name}_parquet")["reason"]


FOREIGN = """
import pandas as pd
from headrace import Definitions, asset
from {module} import *

@asset
def foreign() -> pd.DataFrame:
    return pd.DataFrame({{"a": [1, 2, 3]}})

defs = Definitions(assets=[foreign], resources={{"io_manager": {manager}}})
"""
MANAGERS = {
    "s3": ("headrace.s3", 'S3ParquetIOManager(s3_bucket="warehouse", s3_resource=S3Resource())'),
    "gcs": ("headrace.gcs", 'GCSParquetIOManager(gcs_bucket="warehouse", gcs=GCSResource(project="test"))'),
    "adls2": (
        "headrace.adls2",
        'ADLS2ParquetIOManager(adls2_file_system="warehouse", adls2=ADLS2Resource(storage_account="demostorage", '
        'credential=ADLS2SASToken(token=__import__("os").environ["TEST_SAS"])))',
    ),
}


def test_cpp_reads_from_a_blob_store_what_python_put_there(daemon, project, store):
    module, manager = MANAGERS[store.name]
    folder = project({"defs.py": FOREIGN.format(module=module, manager=manager)})
    sas = {"TEST_SAS": store.container_sas()} if store.name == "adls2" else {}
    environment = {**IRIS, **store.environment, **sas, "FOREIGN": "1"}
    one = daemon(folder, "-f", "defs.py", "--exe", str(PROGRAM), environment=environment)
    one.loaded("defs.py")
    one.loaded(PROGRAM.name)
    one.materialize("foreign or rows_foreign")
    assert (one.home / "storage" / "rows_foreign.json").read_text() == "3"
