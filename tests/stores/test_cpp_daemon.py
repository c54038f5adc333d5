"""A C++ code location with its values in blob stores under the real daemon: retries are seen, secrets are not."""

from __future__ import annotations

import json

import pytest

from .support import canaries
from .support.cpp_location import PROGRAM
from .support.servers import AWS, REPOSITORY

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="built without Arrow: there is no headrace::blobs")


@pytest.fixture
def one(daemon, tmp_path, store):
    """The daemon; the secrets come from `.env`."""
    sas = f"TEST_SAS='{store.container_sas()}'\n" if store.name == "adls2" else ""
    keys = "".join(f"{name}={AWS[name]}\n" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"))
    (tmp_path / ".env").write_text(sas + keys)
    iris = str(REPOSITORY / "examples" / "guide" / "iris.csv")
    environment = {name: value for name, value in store.environment.items() if name not in AWS}
    one = daemon(
        tmp_path, "--exe", str(PROGRAM), environment={**environment, "AWS_EC2_METADATA_DISABLED": "true", "IRIS": iris}
    )
    one.loaded()
    return one


def test_a_retry_stands_in_the_steps_log(one, store):
    asset = f"{store.name}_csv"
    with store.proxy.faults({1: 503}):
        run = one.materialize(asset)["number"]
    text = one.request("GET", f"/api/v1/runs/{run}/steps/{asset}/attempts/1/logs/log").text
    (line,) = [line for line in map(json.loads, text.splitlines()) if line["level"] == "warning"]
    assert line["message"].startswith(f"Storing {store.uri_prefix}dagster/{asset}.csv: ")
    assert "503" in line["message"] and "Attempt 2 of 3 follows in" in line["message"]


def test_no_secret_is_anywhere(one, store):
    """A run that works, one whose store refuses, one that meets nobody: then everything written and served is searched."""
    steps = [f"{store.name}_csv", f"rows_{store.name}_csv"]
    runs = [one.materialize(" or ".join(steps))["number"]]
    for fault in (403, 400, "cut", "cut_answer"):
        with store.proxy.faults(always=fault):
            runs.append(one.materialize(" or ".join(steps), expect="failure")["number"])
    assert canaries.traces(one, canaries.forms(store.secrets), runs, steps) == []
