"""The guide's sixth project in the real daemon: as it is, and with nothing changed but its placeholder."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

from integration.support.daemon import REPOSITORY

from .support.servers import ACCOUNT_KEY
from .support.stores import ADLS2

PROJECT = REPOSITORY / "examples" / "guide" / "6_blob_storage"
PLACEHOLDER = "?sv=2022-11-02&ss=bfqt&s*****"


def copied(tmp_path: Path, sas: str = PLACEHOLDER) -> Path:
    folder = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    text = (folder / "main.py").read_text()
    assert PLACEHOLDER in text
    (folder / "main.py").write_text(text.replace(PLACEHOLDER, sas))
    return folder


def everything_written(one, tmp_path: Path) -> bytes:
    files = [*one.home.rglob("*"), one.log_file]
    return b"".join(file.read_bytes() for file in files if file.is_file())


def everything_served(one, run: int) -> str:
    paths = ["/api/v1/code-locations", "/api/v1/assets", f"/api/v1/runs/{run}", f"/api/v1/runs/{run}/events"]
    name = one.get("/api/v1/code-locations")["items"][0]["name"]
    paths.append(f"/api/v1/code-locations/{name}/resources")
    for step in ("asset_one", "asset_two"):
        paths.append(f"/api/v1/assets/{step}/materializations")
        for stream in ("stdout", "stderr", "log"):
            paths.append(f"/api/v1/runs/{run}/steps/{step}/attempts/1/logs/{stream}")
    return "".join(one.request("GET", path).text for path in paths)


def test_with_a_sas_of_the_container(daemon, tmp_path, adls2):
    assert isinstance(adls2, ADLS2)
    adls2.make_container("democontainer")
    sas = "?" + adls2.container_sas("democontainer")
    one = daemon(copied(tmp_path, sas), "-f", "main.py", environment=adls2.environment)
    location = one.loaded()
    assert location["asset_count"] == 2
    run = one.materialize("*")

    blobs = adls2.client().get_container_client("democontainer")
    assert [each.name for each in blobs.list_blobs()] == ["my_dagster/asset_one", "my_dagster/asset_two"]
    assert pickle.loads(blobs.download_blob("my_dagster/asset_two").readall()) == 5
    (newest,) = one.get("/api/v1/assets/asset_two/materializations")["items"]
    uri = "abfss://democontainer@demostorage.dfs.core.windows.net/my_dagster/asset_two"
    assert newest["metadata"]["path"] == {"type": "path", "value": "my_dagster/asset_two"}
    assert newest["metadata"]["uri"] == {"type": "path", "value": uri}
    stored = newest["stored"]
    assert (stored["uri"], stored["format"]) == (uri, "pickle")
    assert stored["bytes"] == newest["metadata"]["bytes"]["value"] == 5
    assert stored["etag"]

    signature = sas.rpartition("sig=")[2]
    assert signature not in everything_served(one, run["number"])
    assert one.interrupt() == 0
    written = everything_written(one, tmp_path)
    assert signature.encode() not in written
    assert ACCOUNT_KEY.encode() not in written


def test_with_the_placeholder_the_message_asks_for_a_sas(daemon, tmp_path, adls2):
    one = daemon(copied(tmp_path), "-f", "main.py", environment=adls2.environment)
    assert one.loaded()["asset_count"] == 2
    run = one.materialize("*", expect="failure")
    error = next(step["error"] for step in run["steps"] if step["error"])
    message = error["message"]
    for part in ('"democontainer"', '"demostorage"', "SAS token"):
        assert part in message
    assert "bfqt" not in everything_served(one, run["number"])
    assert one.interrupt() == 0
    assert b"bfqt&s*****" not in everything_written(one, tmp_path)
