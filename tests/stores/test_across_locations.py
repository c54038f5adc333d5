"""A table that one code location stored in a blob store and another one reads, with credentials of its own."""

from __future__ import annotations

import pytest

from .test_daemon import MANAGERS, log_of, secret_of

PRODUCER = """
import pandas as pd
from headrace import Definitions, EnvVar, asset
{imports}

@asset
def made() -> pd.DataFrame:
    return pd.DataFrame({{"a": [1, 2]}})

defs = Definitions(assets=[made], resources={{"io_manager": {manager}}})
"""
CONSUMER = """
import pyarrow as pa
from headrace import Definitions, EnvVar, asset
{imports}

@asset
def read(context, made: pa.Table) -> None:
    context.log.info(f"{{made.num_rows}} rows of {{type(made).__module__}}")

defs = Definitions(assets=[read], resources={{{resource}}})
"""
RESOURCES = {
    "s3": '"s3": S3Resource(aws_access_key_id=EnvVar("KEY_ID"), aws_secret_access_key=EnvVar("STORE_SECRET"))',
    "gcs": '"gcs": GCSResource(project="test")',
    "adls2": '"azure": ADLS2Resource(storage_account="demostorage", credential=ADLS2SASToken(token=EnvVar("STORE_SECRET")))',
}


@pytest.fixture
def start(daemon, project, store):
    def begin(resource):
        imports, manager = MANAGERS[store.name]
        producer = PRODUCER.format(imports=imports, manager=manager.format(bucket="warehouse"))
        consumer = CONSUMER.format(imports=imports, resource=resource)
        folder = project({"first.py": producer, "second.py": consumer})
        (folder / ".env").write_text(f"STORE_SECRET='{secret_of(store)}'\nKEY_ID=AKIATESTACCESSKEY\n")
        one = daemon(folder, "-f", "first.py", "-f", "second.py", environment=store.environment)
        one.loaded("first.py")
        one.loaded("second.py")
        return one

    return begin


def test_the_reader_uses_its_own_credentials(start, store):
    one = start(RESOURCES[store.name])
    run = one.materialize("*")["number"]
    assert "info: 2 rows of pyarrow.lib" in log_of(one, run, "read")


def test_an_object_that_somebody_replaced_is_not_taken_for_the_value(start, store):
    one = start(RESOURCES[store.name])
    one.materialize("made")
    size = len(store.get("dagster/made.parquet")) + (1 if store.name == "gcs" else 0)
    store.put("dagster/made.parquet", b"x" * size)
    number = one.launch("read")
    assert one.wait_run(number)["status"] == "failure"
    message = one.run(number)["steps"][0]["error"]["message"]
    said = f"has {size} bytes" if store.name == "gcs" else "was replaced"
    assert f"made.parquet {said}" in message and "Materialize" in message


@pytest.mark.parametrize("store", ["adls2"], indirect=True)
def test_azure_needs_a_resource_and_the_message_says_so(start, store):
    one = start("")
    number = one.launch("*")
    assert one.wait_run(number)["status"] == "failure"
    message = next(step["error"]["message"] for step in one.run(number)["steps"] if step["step_key"] == "read")
    assert "ADLS2Resource" in message and "made.parquet" in message
