"""kill -9 while a value is stored, at every call that writes and at every request: the last good value reads back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from faults.support.shim import Rule, Shim

from headrace import build_input_context

from .support import keeper
from .support.servers import REPOSITORY

LOCAL = ["FilesystemIOManager", "CSVIOManager", "ParquetIOManager", "ArrowIPCIOManager", "JSONIOManager"]
FORMATS = ["Pickle", "CSV", "Parquet", "ArrowIPC", "JSON"]
# The rule's call number; which call of a round that is, is set by where counting begins.
_CALL = 1_000_000


class Keeper:
    """The process of `support/keeper.py`."""

    def __init__(self, environment: dict[str, str], **order: Any) -> None:
        self._readers: dict[str, Any] = {}
        self.order = {"parts": False, "size": 3000, **order}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "stores.support.keeper", order["store"]],
            env={**os.environ, **environment, "PYTHONPATH": str(REPOSITORY / "tests")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, *error: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def begin(self, version: int) -> int:
        """A child that stores this version: its pid."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({**self.order, "version": version}) + "\n")
        self._process.stdin.flush()
        return self._line()

    def end(self) -> int:
        """How the child ended; negative: the signal."""
        return self._line()

    def store(self, version: int) -> int:
        self.begin(version)
        return self.end()

    def version(self) -> int:
        """Of the value that reads back now. It must be a whole one."""
        name = self.order["manager"]
        if name not in self._readers:
            self._readers[name] = keeper.manager({**self.order, "parts": False})
        table = self._readers[name].load_input(build_input_context(asset_key=["deep", "value"], dagster_type=pa.Table))
        version = table["version"][0].as_py()
        assert table.equals(keeper.value_of(version, self.order["size"]))
        return version

    def _line(self) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the keeper ended"
        return int(line)


@pytest.mark.parametrize("manager", LOCAL)
def test_at_every_call_in_a_folder(tmp_path, manager):
    folder = tmp_path / "values"
    rule = Rule("kill-before", under=folder, at=_CALL, armed=False)
    shim = Shim(tmp_path / "shim", rule)
    environment = {**shim.environment(), "HEADRACE_ROLE": "worker", "HEADRACE_DURABILITY": "full"}
    with Keeper(environment, store="local", manager=manager, folder=str(folder)) as one:
        assert one.store(0) == 0
        rounds, version, ended = 0, 0, -signal.SIGKILL
        while ended != 0:
            rounds += 1
            shim._set(0, _CALL - rounds)
            ended = one.store(version + 1)
            assert ended in (0, -signal.SIGKILL)
            found = one.version()
            assert found in (version, version + 1)
            assert ended != 0 or found == version + 1
            version = found
    assert rounds > 6, shim.sites()
    # What a killed process left behind is gone with the next success.
    assert len([each for each in folder.rglob("*") if each.is_file()]) == 1


@pytest.mark.parametrize("parts", [False, True])
def test_at_every_request_to_a_blob_store(store, parts):
    environment = {"TEST_SAS": store.container_sas()} if store.name == "adls2" else {}
    os.environ.update(environment)
    # An Arrow IPC file is as large as its table; boto3's smallest part is 5 MiB.
    size = 7_000_000 if store.name == "s3" else 200_000
    order = {"size": size, "parts": True} if parts else {}
    with Keeper({}, store=store.name, **order) as one:
        for format in ["ArrowIPC"] if parts else FORMATS:
            one.order["manager"] = f"{store.name.upper()}{format}IOManager"
            # How a value was made makes no difference once it is sent: one format is killed in every way.
            faults = ["cut", "cut_upload", "cut_after"] if parts or format == "Pickle" else ["cut_upload"]
            kill_at_every_request(store, one, faults)


def kill_at_every_request(store: Any, one: Keeper, faults: list[str]) -> None:
    with store.proxy.faults() as proxy:
        assert one.store(0) == 0
        requests = len(proxy.requests)
    version = 0
    for number in range(1, requests + 1):
        for fault in faults:
            with store.proxy.faults({number: fault}) as proxy:
                pids: list[int] = []
                proxy.on_cut = lambda pids=pids: os.kill(pids[0], signal.SIGKILL)
                pids.append(one.begin(version + 1))
                assert one.end() == -signal.SIGKILL
            found = one.version()
            assert found in (version, version + 1)
            # A large object of S3's is asked for its etag at the end.
            asks = store.name == "s3" and requests > 1 and number == requests
            assert found == version or fault == "cut_after" or asks
            version = found
    assert one.store(version + 1) == 0
    assert one.version() == version + 1


def test_a_value_that_cannot_be_written_leaves_the_last_one(tmp_path):
    """The other way to lose a value: what is being stored fails in the middle."""
    order: dict[str, Any] = {"store": "local", "manager": "FilesystemIOManager", "folder": str(tmp_path), "parts": False}
    manager = keeper.manager(order)
    from headrace import build_output_context

    manager.handle_output(build_output_context(asset_key="kept"), "good")
    with pytest.raises(Exception, match="not picklable"):
        manager.handle_output(build_output_context(asset_key="kept"), ["x" * 1_000_000, lambda: None])
    assert manager.load_input(build_input_context(asset_key="kept")) == "good"
    assert [each.name for each in Path(tmp_path).iterdir()] == ["kept"]
