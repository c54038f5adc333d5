"""Dagster's names, older forms and layouts: what Dagster 1.13 wrote is read, and the reverse.

The layouts were held against dagster-aws and dagster-gcp 0.29.27 themselves, against the same emulators.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest

from headrace import (
    AssetIn,
    DagsterInvalidConfigError,
    Definitions,
    asset,
    build_init_resource_context,
    build_input_context,
    build_output_context,
    materialize,
)
from headrace.adls2 import ADLS2PickleIOManager, adls2_pickle_io_manager, adls2_resource
from headrace.gcs import gcs_pickle_io_manager, gcs_resource
from headrace.input_context import InputContext
from headrace.log import get_log_manager
from headrace.s3 import S3PickleIOManager, S3Resource, s3_pickle_io_manager, s3_resource

NAMES = """
from dagster_aws.s3 import S3PickleIOManager, S3Resource, s3_pickle_io_manager, s3_resource
from dagster_aws.s3 import ConfigurablePickledObjectS3IOManager
from dagster_gcp import GCSPickleIOManager, GCSResource, gcs_pickle_io_manager, gcs_resource
from dagster_gcp.gcs import GCSPickleIOManager as again, ConfigurablePickledObjectGCSIOManager
from dagster_azure.adls2 import ADLS2PickleIOManager, ADLS2Resource, ADLS2SASToken, ADLS2Key
from dagster_azure.adls2 import ADLS2DefaultAzureCredential, adls2_pickle_io_manager, adls2_resource
from dagster_azure.adls2 import ConfigurablePickledObjectADLS2IOManager
import sys
print([name for name in ("boto3", "google.cloud.storage", "azure.storage.blob", "pyarrow") if name in sys.modules])
"""


def older_form(store: Any, prefix: str) -> dict[str, Any]:
    """The resources as older projects write them."""
    if store.name == "s3":
        manager = s3_pickle_io_manager.configured({"s3_bucket": "warehouse", "s3_prefix": prefix, "retry_delay": 0.001})
        return {"io_manager": manager, "s3": s3_resource.configured({"region_name": "us-east-1", "max_attempts": 2})}
    if store.name == "gcs":
        manager = gcs_pickle_io_manager.configured({"gcs_bucket": "warehouse", "gcs_prefix": prefix})
        return {"io_manager": manager, "gcs": gcs_resource.configured({"project": "test"})}
    manager = adls2_pickle_io_manager.configured({"adls2_file_system": "warehouse", "adls2_prefix": prefix})
    config = {"storage_account": "demostorage", "credential": {"sas": {"env": "TEST_SAS"}}}
    return {"io_manager": manager, "adls2": adls2_resource.configured(config)}


def test_dagsters_modules_have_the_names_and_import_no_client():
    done = subprocess.run(
        [sys.executable, "-c", "import headrace.compat\n" + NAMES], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"


def test_older_forms(store, monkeypatch):
    if store.name == "adls2":
        monkeypatch.setenv("TEST_SAS", "?" + store.container_sas())

    @asset(key_prefix="older")
    def one():
        return 3

    @asset(key_prefix="older", ins={"one": AssetIn(key_prefix="older")})
    def two(one):
        return one + 2

    resources = older_form(store, "old/form")
    result = materialize([one, two], resources=resources)
    assert pickle.loads(store.get("old/form/older/one")) == 3
    assert pickle.loads(store.get("old/form/older/two")) == 5
    metadata = result.get_asset_materialization_events()[0].materialization.metadata
    assert metadata["path"].value == "old/form/older/one"
    assert Definitions(assets=[one], resources=resources).load_asset_value(["older", "one"]) == 3


def test_what_dagster_wrote_is_read(store):
    store.put("made/theirs", pickle.dumps({"by": "dagster"}, protocol=4))
    manager = store.manager("Pickle")
    assert manager.load_input(build_input_context(asset_key="theirs")) == {"by": "dagster"}


def test_an_empty_prefix(store):
    manager = store.manager("Pickle", prefix="")
    manager.handle_output(build_output_context(asset_key=["top", "level"]), 1)
    assert "top/level" in store.keys()


def test_partitions(store):
    manager = store.manager("CSV", prefix="parts")
    import pandas as pd

    for key in ("p2", "p3"):
        frame = pd.DataFrame({"key": [key]})
        context = build_output_context(asset_key=["a", "t"], partition_key=key)
        manager.handle_output(context, frame)
    assert {"parts/a/t/p2.csv", "parts/a/t/p3.csv"} <= set(store.keys())
    loaded = manager.load_input(several(["p1", "p2", "p3"]))
    assert {key: frame["key"].tolist() for key, frame in loaded.items()} == {"p2": ["p2"], "p3": ["p3"]}
    single = manager.load_input(build_input_context(asset_key=["a", "t"], partition_key="p2"))
    assert single["key"].tolist() == ["p2"]


def several(keys: list[str]) -> InputContext:
    import pandas as pd

    from headrace.asset_key import AssetKey
    from headrace.dagster_type import resolve_type

    return InputContext(
        asset_key=AssetKey(["a", "t"]),
        asset_partition_keys=keys,
        definition_metadata={"allow_missing_partitions": True},
        dagster_type=resolve_type(dict[str, pd.DataFrame]),
        log=get_log_manager(lambda level, text: None),
    )


def test_values_that_are_no_assets(store):
    manager = store.manager("Pickle", prefix="ops")
    manager.handle_output(build_output_context(step_key="b[2]", name="result", run_id="r1"), 1)
    below = {"s3": "storage/r1", "gcs": "storage/r1/files", "adls2": "storage/r1/files"}[store.name]
    name = "b--2/result" if store.name == "s3" else "b[2]/result"
    assert f"ops/{below}/{name}" in store.keys()


def test_nothing_of_this_machine_is_touched(store, here):
    """Dagster removed a local file of the asset's name while it wrote a partition to S3."""
    file = here / "made" / "mine"
    file.parent.mkdir()
    file.write_text("precious")
    store.manager("Pickle").handle_output(build_output_context(asset_key="mine", partition_key="p"), 1)
    assert file.read_text() == "precious"
    assert [each.name for each in here.rglob("*") if each.is_file()] == ["mine"]


def test_resources_give_the_clouds_own_clients(store):
    if store.name == "s3":
        client = S3Resource().get_client()
        assert client.head_bucket(Bucket="warehouse")
        assert client.meta.config.retries["total_max_attempts"] == 5
        assert s3_resource(build_init_resource_context({"region_name": "eu-west-1"})).meta.region_name == "eu-west-1"
    elif store.name == "gcs":
        from headrace.gcs import GCSResource

        assert GCSResource(project="test").get_client().bucket("warehouse").exists()
    else:
        resource = store.resource(sas=store.account_sas())
        blob = resource.get_client().get_blob_client("warehouse", "by/hand")
        blob.upload_blob(b"1", overwrite=True)
        assert resource.blob_client is resource.get_client()
        assert resource.adls2_client is not None
        assert resource.lease_client_constructor.__name__ == "DataLakeLeaseClient"


def test_assets_see_the_client_itself(started_store):
    started_store("s3")
    seen = []

    @asset(required_resource_keys={"s3"})
    def looks(context) -> None:
        seen.append(type(context.resources.s3).__name__)

    @asset
    def takes(s3: S3Resource) -> None:
        seen.append(type(s3).__name__)

    assert materialize([looks, takes], resources={"s3": S3Resource()}).success
    assert sorted(seen) == ["S3", "S3Resource"]


def test_a_client_of_the_users_own_keeps_its_own_retries(started_store):
    import boto3

    store = started_store("s3")
    from headrace.resource_definition import resource

    @resource
    def own():
        return boto3.client("s3")

    @asset
    def mine():
        return 1

    manager = s3_pickle_io_manager.configured({"s3_bucket": "warehouse"})
    assert materialize([mine], resources={"io_manager": manager, "s3": own}).success
    assert "dagster/mine" in store.keys()


@pytest.mark.parametrize("seconds", [14, 61, 0])
def test_lease_durations_that_azure_would_refuse(adls2, seconds):
    with pytest.raises(Exception, match="lease_duration must be -1"):
        ADLS2PickleIOManager(adls2=adls2.resource(key="a"), adls2_file_system="c", lease_duration=seconds)


def test_a_credential_of_two_kinds_is_refused():
    config = {"storage_account": "a", "credential": {"sas": "x", "key": "y"}}
    with pytest.raises(DagsterInvalidConfigError):
        adls2_resource.configured(config)


def test_unset_variables_are_named(started_store, monkeypatch):
    from headrace import EnvVar

    started_store("s3")
    monkeypatch.delenv("NOT_SET_BUCKET", raising=False)
    manager = S3PickleIOManager(s3_resource=S3Resource(), s3_bucket=EnvVar("NOT_SET_BUCKET"))

    @asset
    def up():
        return 1

    with pytest.raises(DagsterInvalidConfigError, match="NOT_SET_BUCKET"):
        materialize([up], resources={"io_manager": manager})
