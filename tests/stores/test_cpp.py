"""The IO managers of `headrace::blobs`: round trips, faults in every request, kills, and messages without secrets."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from headrace import asset as python_asset
from headrace import build_input_context, materialize

from .support.cpp_location import EXTENSIONS, PROGRAM, ROWS, CppLocation, warnings
from .support.fault_proxy import FaultProxy
from .support.servers import ACCOUNT_KEY
from .support.stores import TestedStore

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="built without Arrow: there is no headrace::blobs")
# Sent in several requests: S3's and Google's parts have some 10 MB, Azure's are a setting.
LARGE = {"s3": 3000, "gcs": 3000, "adls2": 300}
PARTS = {"MAX_ATTEMPTS": "1", "PART_SIZE": "500000"}


@pytest.fixture
def location(store: TestedStore, tmp_path: Path) -> Iterator[Callable[..., CppLocation]]:
    """location(MAX_ATTEMPTS="1") starts one, with the store of this test."""
    with ExitStack() as stack:
        yield lambda **environment: stack.enter_context(CppLocation(store, tmp_path, **environment))


def made(worker: Any, asset: str) -> Any:
    return next(line for line in worker.events(asset) if line["type"] == "materialized")


@pytest.mark.parametrize("format", EXTENSIONS)
def test_round_trips(location, store, format):
    one, asset = location(), f"{store.name}_{format}"
    ended, worker = one.store_value(asset)
    assert ended["status"] == "success", ended["error"]
    said, key = made(worker, asset), f"dagster/{asset}.{EXTENSIONS[format]}"
    data = store.get(key)
    assert said["stored"]["uri"] == said["metadata"]["uri"]["value"] == store.uri_prefix + key
    assert said["stored"]["bytes"] == said["metadata"]["bytes"]["value"] == len(data)
    assert said["metadata"]["content_hash"]["value"] == hashlib.sha256(data).hexdigest()
    assert said["metadata"]["rows"]["value"] == ROWS
    assert (said["stored"]["etag"] is not None) == (store.name == "adls2")
    assert one.read(asset, said["stored"])[0]["status"] == "success"
    # Python's managers find the same objects, and JSON is stored and read too.
    names = {"csv": "CSV", "parquet": "Parquet", "arrow": "ArrowIPC"}
    manager = store.manager(names[format], prefix="dagster")
    table = manager.load_input(build_input_context(asset_key=asset, dagster_type=pa.Table))
    assert table.num_rows == ROWS
    # They record the same.
    result = materialize([python_asset(name=asset)(lambda: table)], resources={"io_manager": manager})
    theirs = result.get_asset_materialization_events()[0].materialization.metadata
    assert {label: value["type"] for label, value in said["metadata"].items()} == {
        label: value.type_name for label, value in theirs.items()
    }
    assert said["metadata"]["uri"]["value"] == theirs["uri"].value
    if format == "csv":
        rows = f"rows_{asset}"
        summed = one.fork_worker().run(f"sum_{store.name}", inputs=[{"name": rows, "asset_key": [rows]}])
        assert summed["status"] == "success", summed["error"]
        assert store.get(f"dagster/sum_{store.name}.json") == str(ROWS + 1).encode()


@pytest.mark.parametrize("fault", ["cut", "cut_upload", "cut_after", 429, 500, 503])
def test_storing_gets_over_one_failed_request(location, store, fault):
    one, asset = location(), f"{store.name}_csv"
    one.store_value(asset)
    with store.proxy.faults({1: fault}) as proxy:
        ended, worker = one.store_value(asset, 40)
        assert ended["status"] == "success", ended["error"]
        assert len(proxy.requests) >= 2
    assert one.version(asset) == 40
    (line,) = warnings(worker)
    assert line.startswith(f"Storing {store.uri_prefix}dagster/{asset}.csv: ")
    assert "Attempt 2 of 3 follows in" in line


@pytest.mark.parametrize("fault", ["cut", "cut_answer", 429, 503])
def test_loading_gets_over_one_failed_request(location, store, fault):
    one, asset = location(), f"{store.name}_csv"
    one.store_value(asset, 40)
    number = 2 if (store.name, fault) == ("s3", "cut_answer") else 1  # Arrow asks for the size first: S3 has no body there
    with store.proxy.faults({number: fault}):
        ended, worker = one.read(asset)
    assert ended["status"] == "success", ended["error"]
    if (store.name, fault) != ("gcs", "cut_answer"):  # Google's client asks for the rest by itself
        assert any(line.startswith(f"Loading {store.uri_prefix}dagster/{asset}.csv: ") for line in warnings(worker))


@pytest.mark.parametrize("fault", ["cut", "cut_upload", 503])
def test_a_store_that_stays_away_is_told_and_the_last_good_value_stays(location, store, fault):
    one, asset = location(), f"{store.name}_csv"
    one.store_value(asset)
    with store.proxy.faults(always=fault):
        ended, worker = one.store_value(asset, 40)
    assert ended["status"] == "failure"
    message = ended["error"]["message"]
    assert f"{store.uri_prefix}dagster/{asset}.csv" in message
    assert "in 3 attempts" in message
    assert "What was stored before is unchanged" in message
    assert len(warnings(worker)) == 2
    assert one.version(asset) == 1


@pytest.mark.parametrize("large", [False, True])
def test_each_request_may_fail_for_good(location, store, large):
    """With one attempt each: the old value or the new one is there, and a step that says success stored the new one."""
    one, asset = location(**PARTS), f"{store.name}_csv"
    times, failures = LARGE[store.name] if large else 40, 0
    count = requests_of(one, asset, times)
    assert count >= (2 if large else 1)
    for number in range(1, count + 1):
        for fault in ["cut_upload"] if large else ["cut", "cut_after", 503]:
            one.store_value(asset)
            with store.proxy.faults({number: fault}):
                ended, _ = one.store_value(asset, times)
            found = one.version(asset)
            if ended["status"] == "success":  # the clouds' clients send some requests again by themselves
                assert found == times
            else:
                failures += 1
                assert found == 1 or (found == times and fault == "cut_after")
    assert failures > 0


@pytest.mark.parametrize("large", [False, True])
def test_killed_at_every_request(location, store, large):
    one = location(**PARTS)
    for format in ["csv"] if large else EXTENSIONS:
        # How a value was made makes no difference once it is sent: one format is killed in every way.
        faults = ["cut", "cut_upload", "cut_after"] if format == "csv" and not large else ["cut_upload", "cut_after"]
        kill_at_every_request(one, f"{store.name}_{format}", LARGE[store.name] if large else 2, faults)


def kill_at_every_request(one: CppLocation, asset: str, times: int, faults: list[str]) -> None:
    count, version = requests_of(one, asset, times), times
    for number in range(1, count + 1):
        for fault in faults:
            with one.store.proxy.faults({number: fault}) as proxy:
                worker = one.fork_worker()
                proxy.on_cut = worker.kill
                one.begin(worker, asset, version + 1)
                worker.wait_for_end()
            found = one.version(asset)
            assert found == version or (found == version + 1 and fault == "cut_after")
            version = found
    assert one.store_value(asset, version + 1)[0]["status"] == "success"
    assert one.version(asset) == version + 1


def requests_of(one: CppLocation, asset: str, times: int) -> int:
    """How many requests storing it takes."""
    with one.store.proxy.faults() as proxy:
        assert one.store_value(asset, times)[0]["status"] == "success"
        return len(proxy.requests)


def test_what_cannot_be_stored_names_store_object_and_remedy(location, store):
    one, asset = location(BUCKET="nowhere-bucket"), f"{store.name}_parquet"
    ended, worker = one.store_value(asset)
    message = ended["error"]["message"]
    assert f"dagster/{asset}.parquet" in message
    assert "nowhere-bucket" in message
    field = {"s3": "s3_bucket", "gcs": "gcs_bucket", "adls2": "adls2_file_system"}[store.name]
    # A SAS is of one container: Azure refuses it for another one.
    remedy = "Give the IO manager a SAS token" if store.name == "adls2" else f"correct {field}"
    assert remedy in message
    tells_no_secret(one, worker, ended)


def test_what_was_never_stored(location, store):
    asset = f"{store.name}_arrow"
    if f"dagster/{asset}.arrow" in store.keys():
        store.delete(f"dagster/{asset}.arrow")
    ended, _ = location().read(asset)
    assert f"{store.uri_prefix}dagster/{asset}.arrow: materialize" in ended["error"]["message"]


def tells_no_secret(one: CppLocation, worker: Any, *answers: Any) -> None:
    everything = [str(one.definitions), str(answers), one.stderr.read_text(), worker.errors(), worker.output()]
    everything += [worker.files.journal.read_text(), worker.files.log.read_text()]
    for secret in one.store.secrets:
        assert not any(secret in text for text in everything)


# Azure's credentials.


@pytest.fixture
def azure(adls2: TestedStore, tmp_path: Path) -> Iterator[Callable[..., CppLocation]]:
    with ExitStack() as stack:
        yield lambda **environment: stack.enter_context(CppLocation(adls2, tmp_path, **environment))


@pytest.mark.parametrize("kind", ["container", "?container", "account", "key"])
def test_credentials_of_azure(azure, adls2, kind):
    tokens = {"container": adls2.container_sas(), "account": adls2.account_sas()}
    tokens["?container"] = "?" + tokens["container"]
    key = ACCOUNT_KEY if kind == "key" else ""
    one = azure(TEST_SAS=tokens.get(kind, ""), TEST_KEY=key, PART_SIZE=str(100_000))
    with adls2.proxy.faults() as proxy:
        ended, worker = one.store_value("adls2_csv", 60)
        assert ended["status"] == "success", ended["error"]
        # Nothing but the blob: the container is not looked at, and no folder is made.
        assert all("/demostorage/warehouse/dagster/adls2_csv.csv" in line for line in proxy.requests)
        assert len(proxy.requests) == 4  # three blocks and their list
    assert one.version("adls2_csv") == 60
    tells_no_secret(one, worker, ended)


@pytest.mark.parametrize("is_trusted", [True, False])
def test_azure_by_https(azure, adls2, tmp_path, is_trusted):
    """Azure's own address is one: a certificate is checked, and what is sent is the same."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    proxy = FaultProxy(certificate=certificate, key=key)
    proxy.upstream = adls2.server.address
    endpoint = f"{proxy.url.replace('127.0.0.1', 'localhost')}/demostorage"
    trust = {"SSL_CERT_FILE": str(certificate)} if is_trusted else {}
    try:
        one = azure(HEADRACE_ADLS2_ENDPOINT=endpoint, PART_SIZE="100000", **trust)
        ended, worker = one.store_value("adls2_csv", 60)
        if is_trusted:
            assert ended["status"] == "success", ended["error"]
            assert one.version("adls2_csv") == 60
        else:
            assert "certificate verify failed" in ended["error"]["message"]
            assert proxy.requests == []
        tells_no_secret(one, worker, ended)
    finally:
        proxy.close()


def test_azure_that_never_answers_is_given_up(azure, adls2):
    one = azure(REQUEST_TIMEOUT="0.3", MAX_ATTEMPTS="2")
    with adls2.proxy.faults(always="hold"):
        ended, worker = one.store_value("adls2_csv")
    assert "no success" in ended["error"]["message"]
    assert len(warnings(worker)) == 1


def test_credentials_that_azure_refuses(azure, adls2):
    wrong = adls2.container_sas().replace("sp=rcw", "sp=rcwd")
    assert wrong != adls2.container_sas()
    one = azure(TEST_SAS=wrong)
    ended, worker = one.store_value("adls2_csv")
    message = ended["error"]["message"]
    assert 'container "warehouse" of storage account "demostorage"' in message
    assert "Give the IO manager a SAS token" in message
    assert warnings(worker) == []
    tells_no_secret(one, worker, ended)


@pytest.mark.parametrize(("token", "reason"), [("", "There is no credential"), ("sv=2020", "no signature")])
def test_a_token_that_can_be_none_is_refused_before_anything_is_sent(azure, adls2, token, reason):
    one = azure(TEST_SAS=token)
    with adls2.proxy.faults() as proxy:
        ended, _ = one.store_value("adls2_csv")
        assert reason in ended["error"]["message"]
        assert proxy.requests == []
