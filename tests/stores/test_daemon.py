"""Blob stores under the real daemon: retries stand in the step's log, and no secret stands anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .support import canaries
from .support.stores import ADLS2, TestedStore

SOURCE = """
import pandas as pd
import pyarrow as pa
from headrace import Definitions, EnvVar, asset
{imports}

@asset
def made(context) -> pd.DataFrame:
    return pd.DataFrame({{"a": [1, 2]}})

@asset
def read(context, made: pa.Table) -> pa.Table:
    context.log.info(f"{{made.num_rows}} rows of {{type(made).__module__}}")
    return made

defs = Definitions(assets=[made, read], resources={{"io_manager": {manager}}})
"""
MANAGERS = {
    "s3": (
        "from headrace.s3 import S3ParquetIOManager, S3Resource",
        'S3ParquetIOManager(s3_bucket="{bucket}", s3_resource=S3Resource(aws_access_key_id=EnvVar("KEY_ID"), '
        'aws_secret_access_key=EnvVar("STORE_SECRET")), retry_delay=0.001, max_attempts=2)',
    ),
    "gcs": (
        "from headrace.gcs import GCSParquetIOManager, GCSResource",
        'GCSParquetIOManager(gcs_bucket="{bucket}", gcs=GCSResource(project="test"), retry_delay=0.001, max_attempts=2)',
    ),
    "adls2": (
        "from headrace.adls2 import ADLS2ParquetIOManager, ADLS2Resource, ADLS2SASToken",
        'ADLS2ParquetIOManager(adls2_file_system="{bucket}", adls2=ADLS2Resource(storage_account="demostorage", '
        'credential=ADLS2SASToken(token=EnvVar("STORE_SECRET"))), retry_delay=0.001, max_attempts=2)',
    ),
}


@pytest.fixture
def start(daemon, project, store: TestedStore):
    """start(bucket) → the daemon, with a project whose tables are kept in the store; the secret comes from `.env`."""

    def begin(bucket: str = "warehouse", secret: str | None = None):
        imports, manager = MANAGERS[store.name]
        folder = project({"defs.py": SOURCE.format(imports=imports, manager=manager.format(bucket=bucket))})
        (folder / ".env").write_text(f"STORE_SECRET='{secret or secret_of(store)}'\nKEY_ID=AKIATESTACCESSKEY\n")
        one = daemon(folder, "-f", "defs.py", environment=store.environment)
        one.loaded()
        return one

    return begin


def secret_of(store: TestedStore) -> str:
    return store.container_sas() if isinstance(store, ADLS2) else (*store.secrets, "none needed")[0]


def log_of(one, run: int, step: str) -> list[str]:
    text = one.request("GET", f"/api/v1/runs/{run}/steps/{step}/attempts/1/logs/log").text
    return [f"{line['level']}: {line['message']}" for line in map(json.loads, text.splitlines())]


def test_a_retry_stands_in_the_steps_log(start, store):
    one = start()
    with store.proxy.faults({1: 503, 3: "cut"}):
        run = one.materialize("*")["number"]
    address = f"{store.uri_prefix}dagster/made.parquet"
    stored, loaded = log_of(one, run, "made"), log_of(one, run, "read")
    assert any(line.startswith(f"warning: Storing {address}: 503") for line in stored), stored
    assert any(line.startswith(f"warning: Loading {address}: ") for line in loaded), loaded
    assert "info: 2 rows of pyarrow.lib" in loaded
    (newest,) = one.get("/api/v1/assets/read/materializations")["items"]
    assert newest["metadata"]["uri"]["value"] == f"{store.uri_prefix}dagster/read.parquet"
    assert newest["metadata"]["rows"] == {"type": "int", "value": 2}
    assert newest["stored"]["format"] == "parquet"
    assert newest["stored"]["schema"] == [{"name": "a", "type": "int64", "nullable": True}]


def test_no_secret_is_anywhere(start, store):
    """A run that works, one whose store refuses, one that meets nobody: then everything written and served is searched."""
    one = start()
    runs = [one.materialize("*")["number"]]
    for fault in (403, 400, "cut", "cut_answer"):
        with store.proxy.faults(always=fault):
            runs.append(one.materialize("*", expect="failure")["number"])
    secrets = canaries.forms([secret_of(store), *store.secrets])
    assert canaries.traces(one, secrets, runs, ["made", "read"]) == []


def test_the_error_of_a_step_names_container_and_remedy(start, store):
    sas = store.container_sas("not-there") if isinstance(store, ADLS2) else None
    one = start(bucket="not-there", secret=sas)
    run = one.materialize("made", expect="failure")
    (error,) = [step["error"] for step in run["steps"] if step["error"]]
    assert error["type"] == "StoreMissingError"
    assert '"not-there"' in error["message"]
    assert "Create it, or correct" in error["message"]
    assert error["phase"] == "handle_output"
    assert error["file"] is not None and Path(error["file"]).name == "defs.py"
