"""What people read when a store or a format cannot do what was asked: which asset, which store, what to do. No secret."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from headrace import (
    ArrowIPCIOManager,
    CSVIOManager,
    JSONIOManager,
    ParquetIOManager,
    asset,
    build_input_context,
    build_output_context,
    materialize,
)

from .support.stores import ADLS2, S3
from .support.tables import FLAT, NESTED

LOCAL = {
    "CSV": CSVIOManager,
    "Parquet": ParquetIOManager,
    "ArrowIPC": ArrowIPCIOManager,
    "JSON": JSONIOManager,
}


def save(manager: Any, value: object = 1) -> None:
    manager.handle_output(build_output_context(asset_key=["a", "b"]), value)


def load(manager: Any, wanted: Any = None) -> Any:
    return manager.load_input(build_input_context(asset_key=["a", "b"], dagster_type=wanted))


def error_of(function: Any, *arguments: Any) -> tuple[str, str]:
    with pytest.raises(Exception) as caught:
        function(*arguments)
    return type(caught.value).__name__, str(caught.value)


def test_a_missing_container(store):
    manager = store.manager("Pickle", container="not-there")
    for function in (save, load):
        kind, message = error_of(function, manager)
        if (store.name, function) == ("gcs", load):
            # The emulator answers the same for a missing object.
            assert kind in ("FileNotFoundError", "StoreMissingError")
            continue
        assert kind == "StoreMissingError", message
        assert '"not-there"' in message
        assert "made/a/b" in message
        assert "Create it, or correct" in message
        if isinstance(store, ADLS2):
            assert 'storage account "demostorage"' in message
            assert "adls2_file_system" in message


def test_a_missing_object(store):
    kind, message = error_of(load, store.manager("Parquet", prefix="nothing"))
    assert kind == "FileNotFoundError"
    assert 'No value of asset "a/b" is stored here: materialize "a/b" first' in message
    assert "nothing/a/b.parquet" in message


def wrong_credentials(store: Any) -> list[Any]:
    if isinstance(store, ADLS2):
        other_key = "Y2FuYXJ5IG9mIGEgd3Jvbmcga2V5LCAzMiBieXRlcyE="
        other_container = store.container_sas("other")
        forged = store.container_sas().replace("sig=", "sig=canary")
        return [store.resource(sas=other_container), store.resource(sas=forged), store.resource(key=other_key)]
    return []


def test_wrong_credentials_of_azure(adls2):
    for resource in wrong_credentials(adls2):
        for function in (save, load):
            kind, message = error_of(function, adls2.manager("Pickle", resource=resource))
            assert kind == "StoreRefusedError", message
            assert 'container "warehouse" of storage account "demostorage"' in message
            wanted = "SAS token" if resource.credential.credential_type == "sas" else "the key of account"
            assert wanted in message
            secret = getattr(resource.credential, "token", None) or resource.credential.key
            assert secret not in message
            assert "canary" not in message


@pytest.mark.parametrize("status", [401, 403])
def test_refusals(store, status):
    manager = store.manager("Pickle")
    manager.inner_io_manager()
    with store.proxy.faults(always=status):
        kind, message = error_of(save, manager)
    assert kind == "StoreRefusedError"
    assert f"{store.uri_prefix}made/a/b" in message
    # With 401 Google's client looks for other credentials, and tells what came of that.
    assert str(status) in message or (store.name, status) == ("gcs", 401)


def test_no_credentials_at_all(started_store, monkeypatch):
    s3 = started_store("s3")
    assert isinstance(s3, S3)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    kind, message = error_of(save, s3.manager("Pickle"))
    assert kind == "StoreRefusedError"
    assert "no credentials were found" in message
    assert "aws_access_key_id" in message


def test_nobody_is_there(store, monkeypatch):
    nowhere = "http://127.0.0.1:1"
    for name, value in store.environment.items():
        if store.server.url in value:
            monkeypatch.setenv(name, value.replace(store.server.url, nowhere))
    kind, message = error_of(save, store.manager("Pickle", max_attempts=1))
    assert kind == "StoreUnavailableError"
    assert "in 1 attempt," in message
    assert "Check endpoint and network" in message


@pytest.mark.parametrize("token", ["?sv=2022-11-02&ss=bfqt&s*****", "", "?", "sig=abc"])
def test_what_is_no_sas_is_told_before_anything_is_sent(adls2, token):
    with adls2.proxy.faults() as proxy:
        kind, message = error_of(save, adls2.manager("Pickle", resource=adls2.resource(sas=token)))
        assert proxy.requests == []
    assert kind == "StoreRefusedError"
    assert 'container "warehouse" of storage account "demostorage"' in message
    assert "Give the ADLS2 resource a SAS token" in message
    assert len(token) < 5 or token not in message


@pytest.mark.parametrize("form", ["container", "?container", "account", "?account", "key"])
def test_each_credential_of_azure(adls2, form):
    from .support.servers import ACCOUNT_KEY

    if form == "key":
        resource = adls2.resource(key=ACCOUNT_KEY)
    else:
        sas = adls2.container_sas() if "container" in form else adls2.account_sas()
        resource = adls2.resource(sas="?" * form.startswith("?") + sas)
    manager = adls2.manager("Pickle", resource=resource, prefix="forms")
    with adls2.proxy.faults() as proxy:
        save(manager, form)
        assert load(manager) == form
        assert [request.split("?")[0] for request in proxy.requests] == [
            "PUT /demostorage/warehouse/forms/a/b",
            "GET /demostorage/warehouse/forms/a/b",
        ]


def test_the_container_is_neither_looked_at_nor_made(store):
    with store.proxy.faults() as proxy:
        manager = store.manager("Parquet", prefix="few")
        manager.inner_io_manager()
        assert proxy.requests == []
        save(manager, FLAT)
        assert len(proxy.requests) == 1
        load(manager)
        assert len(proxy.requests) == 2


@pytest.mark.parametrize(
    ("format", "value", "said"),
    [
        ("Parquet", {"a": 1}, "pandas.DataFrame(value)"),
        ("Parquet", 3, "a value of type int is no table"),
        ("CSV", pd.Series([1]), "value.to_frame()"),
        ("CSV", pl.LazyFrame({"a": [1]}), "value.collect()"),
        ("CSV", NESTED, "the column 'list' of type list<item: string> has no place in CSV"),
        ("CSV", pa.table([[1], [2]], ["a", "a"]), "more than one column of the name 'a'"),
        ("Parquet", pd.DataFrame({"a": [1, "x"]}), "a column that Arrow cannot hold"),
        ("ArrowIPC", Path("missing.arrow"), "the path missing.arrow names no file"),
        ("Parquet", b"no parquet", "the bytes are no Parquet"),
        ("ArrowIPC", b"no arrow", "the bytes are no Arrow IPC file"),
        ("Parquet", None, "-> None"),
        ("JSON", {"a": {1: 2}}, "the value['a'] has the key 1 of type int"),
        ("JSON", [float("nan")], "the value[0] is nan"),
        ("JSON", (1,), "builtins.tuple"),
        ("JSON", FLAT, "which JSON cannot give back"),
    ],
)
def test_what_a_format_cannot_hold(here, format, value, said):
    manager = LOCAL[format](base_dir=".")

    @asset(io_manager_key="keeper", key_prefix="a")
    def made():
        return value

    with pytest.raises(Exception) as caught:
        materialize([made], resources={"keeper": manager})
    message = str(caught.value)
    assert message.startswith('IO manager "keeper" cannot store asset "a/made": ')
    assert said in message
    assert "What was stored before, if anything, is unchanged." in message
    assert [each for each in here.rglob("*") if each.is_file()] == []


@pytest.mark.parametrize("format", LOCAL)
def test_damaged_values(here, format):
    manager = LOCAL[format](base_dir=".")
    (here / "a").mkdir()
    (here / "a" / f"b.{'arrow' if format == 'ArrowIPC' else format.lower()}").write_bytes(b'"a","b"\n1\n{')
    kind, message = error_of(load, manager)
    assert kind == "WrongValueError"
    assert 'cannot load asset "a/b" from a/b.' in message
    assert "Materialize the asset again" in message


def test_an_annotation_that_no_table_can_be(here):
    manager = ParquetIOManager(base_dir=".")
    save(manager, FLAT)
    kind, message = error_of(load, manager, pd.Series)
    assert "cannot be given as Series" in message
    assert "Annotate the parameter as pandas.DataFrame" in message


def test_json_that_is_no_table(here):
    manager = JSONIOManager(base_dir=".")
    save(manager, {"a": 1})
    assert "not an array of objects" in error_of(load, manager, pd.DataFrame)[1]


@pytest.mark.parametrize(
    ("missing", "manager", "said"),
    [
        ("pyarrow", 'ParquetIOManager(base_dir=".")', "pip install 'headrace[arrow]'"),
        ("pyarrow", 'CSVIOManager(base_dir=".")', "pip install 'headrace[arrow]'"),
        ("boto3", 'S3PickleIOManager(s3_resource=S3Resource(), s3_bucket="b")', "pip install 'headrace[s3]'"),
        ("google.cloud.storage", 'GCSPickleIOManager(gcs=GCSResource(), gcs_bucket="b")', "headrace[gcs]"),
        (
            "azure.core.credentials",
            'ADLS2PickleIOManager(adls2=ADLS2Resource(storage_account="a", credential=ADLS2SASToken('
            'token="sv=1&sig=x")), adls2_file_system="c")',
            "headrace[azure]",
        ),
    ],
)
def test_packages_that_are_not_installed(here, missing, manager, said):
    code = f"""
        import sys
        sys.modules[{missing!r}] = None
        from headrace import *
        from headrace.s3 import *
        from headrace.gcs import *
        from headrace.adls2 import *
        import pandas
        {manager}.handle_output(build_output_context(asset_key="a"), pandas.DataFrame({{"a": [1]}}))
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1]
