"""The guide's first five projects, as they are, over REST."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest

MODULE = "my_dagster_code_location"


def serve(daemon, folder):
    return daemon(folder, "-m", MODULE)


@pytest.fixture
def materialized(daemon, guide):
    """materialized("1_filesystem"): (folder, daemon) after Materialize all."""

    def materialize(name):
        folder = guide(name)
        one = serve(daemon, folder)
        location = one.loaded()
        assert (location["name"], location["asset_count"]) == (MODULE, 2)
        run = one.materialize("*")
        assert [(s["step_key"], s["status"], s["attempt"]) for s in run["steps"]] == [
            ("iris_data", "success", 1),
            ("setosa", "success", 1),
        ]
        return folder, one

    return materialize


def rows(file):
    return len(pd.read_csv(file, index_col=0))


def test_1_filesystem_pickles_below_its_base_dir(materialized):
    folder, one = materialized("1_filesystem")
    path = folder / "my_data" / "setosa"
    with open(path, "rb") as file:
        assert len(pickle.load(file)) == 50
    assert one.metadata("setosa")["path"] == "my_data/setosa"  # relative, as base_dir is
    assert one.metadata("iris_data")["path"] == "my_data/iris_data"


def test_2_custom_io_manager_writes_csv_and_its_path_is_observed(materialized):
    folder, one = materialized("2_custom")
    assert (rows(folder / "iris_data.csv"), rows(folder / "setosa.csv")) == (150, 50)
    latest = one.asset("setosa")["latest_materialization"]["metadata"]["path"]
    assert latest["type"] == "path" and latest["observed"] is True
    assert (folder / latest["value"]).samefile(folder / "setosa.csv")


def test_3_path_prefix_is_a_config_value(materialized):
    folder, one = materialized("3_path_prefix")
    assert (rows(folder / "my_data" / "iris_data.csv"), rows(folder / "my_data" / "setosa.csv")) == (150, 50)
    resource = one.get(f"/api/v1/code-locations/{MODULE}/resources/my_io_manager")
    (field,) = resource["config"]
    assert (field["name"], field["source"], field["value"]) == ("path_prefix", "value", '"my_data/"')


def test_4_env_var_shows_its_name_and_not_its_value(materialized):
    folder, one = materialized("4_env_var")
    assert rows(folder / "my_data" / "setosa.csv") == 50
    resource = one.get(f"/api/v1/code-locations/{MODULE}/resources/my_io_manager")
    (field,) = resource["config"]
    assert (field["name"], field["source"], field["env_var"]) == ("path_prefix", "env_var", "DATA_PATH")
    assert (field["value"], field["is_set"]) == (None, True)
    assert resource["used_by"] == [["iris_data"], ["setosa"]]
    assert resource["type"].endswith("my_io_manager.MyIOManager") and resource["is_io_manager"]


def test_5_metadata_of_the_io_manager_is_kept(materialized):
    folder, one = materialized("5_metadata")
    assert rows(folder / "my_data" / "setosa.csv") == 50
    assert one.metadata("iris_data")["nrows"] == 150
    assert one.metadata("setosa")["nrows"] == 50
    history = one.get("/api/v1/assets/setosa/materializations")["items"]
    assert [m["metadata"]["nrows"] for m in history] == [{"type": "int", "value": 50}]
    assert one.asset("iris_data")["dependents"] == [["setosa"]]


def test_the_events_of_a_run_come_in_order_once_each(materialized):
    _, one = materialized("1_filesystem")
    events = one.run_events(1)
    ids = [event["id"] for event in events]
    assert ids == sorted(set(ids))
    of_setosa = [event["type"] for event in events if event.get("step_key") == "setosa"]
    assert of_setosa == ["step_started", "inputs_loaded", "materialized", "step_ended"]
    assert events[0]["type"] == "run_created" and events[-1]["type"] == "run_ended"


def test_a_part_of_the_graph_reads_what_an_earlier_run_stored(materialized):
    folder, one = materialized("5_metadata")
    frame = pd.read_csv(folder / "my_data" / "iris_data.csv", index_col=0)
    frame.head(60).to_csv(folder / "my_data" / "iris_data.csv")
    run = one.materialize("setosa")
    assert [s["step_key"] for s in run["steps"]] == ["setosa"]
    assert run["number"] == 2
    assert one.metadata("setosa")["nrows"] == 50


def test_all_five_steps_under_one_daemon_with_reloads(daemon, guide, tmp_path):
    """One folder edited from step 1 to step 5, as the guide's reader does, then a restart: the history is still there."""
    import shutil

    folder = guide("1_filesystem")
    one = serve(daemon, folder)
    one.loaded()
    one.materialize("*")
    for name in ("2_custom", "3_path_prefix", "4_env_var", "5_metadata"):
        shutil.copytree(guide(name), folder, dirs_exist_ok=True)
        location = one.reload()
        assert location["error"] is None, location
        one.materialize("*")
    assert one.metadata("setosa")["nrows"] == 50
    assert one.terminate() == 0
    one.start()
    one.loaded()
    history = one.get("/api/v1/assets/setosa/materializations")["items"]
    assert [m["run_number"] for m in history] == [5, 4, 3, 2, 1]
