"""What storing and loading a large table takes of memory: never a copy of it, whatever the store.

Storing takes as much for a table of any size: a row group, and what is on its way. Loading takes the table, and while
Arrow decodes it about as much again; a copy more would be over the limit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from headrace import ParquetIOManager, build_input_context, build_output_context

MEGABYTES = 256


def resident(what: str) -> float:
    """Megabytes of this process: `VmRSS` now, `VmHWM` at most since the last `measured`."""
    return int(re.search(rf"{what}:\s+(\d+) kB", Path("/proc/self/status").read_text()).group(1)) / 1000


def measured(work: Callable[[], Any]) -> tuple[Any, float]:
    """What `work` gives, and by how many megabytes the process grew at most meanwhile."""
    pa.default_memory_pool().release_unused()
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew (proc(5))
    before = resident("VmRSS")
    return work(), resident("VmHWM") - before


def round_trip(manager: Any) -> tuple[float, float]:
    """The growth while a table is stored, and while it is loaded."""
    rows = MEGABYTES * 1_000_000 // 16
    table = pa.table({"noise": np.random.default_rng(1).random(rows), "row": np.arange(rows)})

    def store(part: pa.Table) -> None:
        manager.handle_output(build_output_context(asset_key="large"), part)

    def load() -> pa.Table:
        return manager.load_input(build_input_context(asset_key="large", dagster_type=pa.Table))

    store(table.slice(0, 10))  # what is imported and connected is there
    load()
    _, storing = measured(lambda: store(table))
    loaded, loading = measured(load)
    assert loaded.num_rows == rows
    return storing, loading


def test_a_local_table_is_never_in_memory_twice(here):
    storing, loading = round_trip(ParquetIOManager(base_dir=str(here)))
    assert storing < MEGABYTES
    assert MEGABYTES * 0.9 < loading < MEGABYTES * 2.5


def test_a_table_in_a_blob_store_is_never_in_memory_twice(store, monkeypatch):
    for name, value in store.environment.items():  # not by the proxy, which holds whole requests, in this process
        monkeypatch.setenv(name, value.replace(store.server.url, store.server.address))
    storing, loading = round_trip(store.manager("Parquet"))
    assert storing < MEGABYTES
    assert MEGABYTES * 0.9 < loading < MEGABYTES * 2.5
