"""The C++ code location of `tests/stores/cpp/`, its workers driven by the protocol alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from conformance.locations import Host, cpp_program

from .servers import AWS, REPOSITORY
from .stores import TestedStore

PROGRAM = cpp_program("headrace_blobs_location")
EXTENSIONS = {"csv": "csv", "parquet": "parquet", "arrow": "arrow"}
ROWS = 150


class CppLocation(Host):
    """Assets `<store>_<format>`, a table each; `rows_<asset>` counts its rows, `sum_<store>` reads that number."""

    def __init__(self, store: TestedStore, folder: Path, **environment: str) -> None:
        self.store = store
        sas = {"TEST_SAS": store.container_sas()} if store.name == "adls2" else {}
        iris = str(REPOSITORY / "examples" / "guide" / "iris.csv")
        everything = {**AWS, **store.environment, "IRIS": iris, **sas, **environment}
        super().__init__([], folder, folder / f"home{len(list(folder.iterdir()))}", environment=everything)
        self.definitions = self.load()

    def _command(self) -> list[str]:
        return [str(PROGRAM)]

    def begin(self, worker: Any, asset: str, times: int) -> None:
        """A worker begins to store the table in a version of its own."""
        worker.send(worker.step(asset, tags={"times": str(times)}))

    def store_value(self, asset: str, times: int = 1, worker: Any = None) -> Any:
        """`step_ended` of storing a version, and the worker."""
        worker = worker or self.fork_worker()
        self.begin(worker, asset, times)
        return worker.wait_for("step_ended", step_key=asset), worker

    def read(self, asset: str, stored: Any = None) -> Any:
        """`step_ended` of reading the table, and the worker. The number of rows is at `rows_<asset>.json`."""
        worker = self.fork_worker()
        inputs = [{"name": asset, "asset_key": [asset], "materialization": stored and {"stored": stored}}]
        return worker.run(f"rows_{asset}", inputs=inputs), worker

    def version(self, asset: str) -> int:
        """Of the value that reads back now. It must be a whole one."""
        ended, _ = self.read(asset)
        assert ended["status"] == "success", ended["error"]
        rows = json.loads(self.store.get(f"dagster/rows_{asset}.json"))
        assert rows % ROWS == 0
        return rows // ROWS


def warnings(worker: Any) -> list[str]:
    """What the steps' log has."""
    return [line["message"] for line in worker.log() if line["level"] == "warning"]
