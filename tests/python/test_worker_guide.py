"""The guide's projects, as they are, through a host and its workers."""

from __future__ import annotations

import pytest

pandas = pytest.importorskip("pandas")

SETOSA_ROWS = 50


def materialize_both(host) -> tuple[dict, dict]:
    """Runs iris_data and setosa in one worker; their `materialized` lines."""
    host.load()
    worker = host.fork_worker()
    iris_data = worker.run("iris_data")
    assert iris_data["status"] == "success", iris_data
    given = {
        "name": "iris_data",
        "asset_key": ["iris_data"],
        "partition": None,
        "code_location": "test",
        "in_run": True,
    }
    setosa = worker.run("setosa", inputs=[{**given, "materialization": None}])
    assert setosa["status"] == "success", setosa
    worker.no_more_steps()
    assert host.wait_for_exit_of(worker) == {
        "type": "worker_exited", "worker_id": 1, "pid": worker.pid, "exit_code": 0, "signal": None,
    }  # fmt: skip
    kinds = [line["type"] for line in worker.journal()]
    step = ["step_started", "inputs_loaded", "materialized", "step_ended"]
    assert kinds == ["worker_started", *step, *step, "worker_ended"]
    inputs = worker.wait_for("inputs_loaded", step_key="setosa")["inputs"]
    assert [(i["name"], i["asset_key"]) for i in inputs] == [("iris_data", ["iris_data"])]
    materialized = [line for line in worker.journal() if line["type"] == "materialized"]
    return materialized[0], materialized[1]


def test_1_filesystem(start_host):
    host = start_host(guide="1_filesystem")
    iris_data, setosa = materialize_both(host)
    assert iris_data["metadata"]["path"] == {"type": "path", "value": "my_data/iris_data"}
    assert setosa["metadata"]["path"] == {"type": "path", "value": "my_data/setosa"}
    assert len(pandas.read_pickle(host.directory / "my_data" / "setosa")) == SETOSA_ROWS


@pytest.mark.parametrize(
    ("guide", "environment", "folder"),
    [
        ("2_custom", {}, ""),
        ("3_path_prefix", {}, "my_data/"),
        ("4_env_var", {"DATA_PATH": "my_data/"}, "my_data/"),
    ],
)
def test_2_to_4_show_the_observed_path(start_host, guide, environment, folder):
    host = start_host(guide=guide, environment=environment)
    iris_data, setosa = materialize_both(host)
    assert iris_data["metadata"] == {
        "path": {"type": "path", "value": f"{folder}iris_data.csv", "observed": True}
    }
    assert setosa["metadata"] == {"path": {"type": "path", "value": f"{folder}setosa.csv", "observed": True}}
    assert len(pandas.read_csv(host.directory / f"{folder}setosa.csv")) == SETOSA_ROWS


def test_5_metadata(start_host):
    host = start_host(guide="5_metadata", environment={"DATA_PATH": "my_data/"})
    _, setosa = materialize_both(host)
    assert setosa["metadata"] == {
        "nrows": {"type": "int", "value": SETOSA_ROWS},
        "path": {"type": "path", "value": "my_data/setosa.csv", "observed": True},
    }


def test_5_shows_the_variable_not_its_value(start_host):
    host = start_host(guide="5_metadata", environment={"DATA_PATH": "my_data/"})
    answer = host.describe()["definitions"]
    (manager,) = [resource for resource in answer["resources"] if resource["key"] == "my_io_manager"]
    assert (
        manager["type"] == "my_dagster_code_location.my_io_manager.MyIOManager" and manager["is_io_manager"]
    )
    (field,) = manager["config"]
    assert (field["name"], field["source"], field["env_var"], field["value"]) == (
        "path_prefix",
        "env_var",
        "DATA_PATH",
        None,
    )
    assert field["is_set"] is True
    assert answer["env_vars"] == ["DATA_PATH"]
    assets = {asset["step_key"]: asset for asset in answer["assets"]}
    assert assets["setosa"]["deps"] == [
        {"key": ["iris_data"], "input": "iris_data", "input_manager_key": None}
    ]
    assert assets["setosa"]["source"]["file"] == "my_dagster_code_location/my_assets.py"


def test_4_without_its_variable_loads_and_the_step_fails_by_name(start_host):
    host = start_host(guide="4_env_var")
    answer = host.describe()["definitions"]
    (manager,) = [resource for resource in answer["resources"] if resource["key"] == "my_io_manager"]
    assert manager["config"][0]["is_set"] is False
    worker = host.fork_worker()
    ended = worker.run("iris_data")
    assert ended["status"] == "failure"
    assert "DATA_PATH" in ended["error"]["message"]
    assert ended["error"]["type"] == "DagsterInvalidConfigError"


def test_an_empty_prefix_shows_the_users_own_line(start_host):
    """The guide's default, `path_prefix = ""`, makes its os.makedirs raise."""
    host = start_host(guide="4_env_var", environment={"DATA_PATH": ""})
    host.load()
    error = host.fork_worker().run("iris_data")["error"]
    assert (error["type"], error["phase"]) == ("FileNotFoundError", "handle_output")
    assert (error["file"], error["line"]) == ("my_dagster_code_location/my_io_manager.py", 10)
    assert error["framework_type"] == "DagsterExecutionHandleOutputError"


def test_the_guides_projects_run_in_two_workers(start_host):
    host = start_host(guide="1_filesystem")
    host.load()
    first, second = host.fork_worker(), host.fork_worker()
    assert first.run("iris_data")["status"] == "success"
    assert second.run("setosa")["status"] == "success"
    assert first.pid != second.pid
