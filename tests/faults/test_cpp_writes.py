"""The C++ SDK's IO managers, killed at each call of their write path: the last good value reads back each time."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from integration.support.daemon import REPOSITORY

from .support.shim import Rule, Shim

PROGRAM = REPOSITORY / "build" / "release" / "tests" / "headrace_writes"


def program(kind: str, folder: Path, deed: str, number: int, shim: Shim | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HEADRACE_DURABILITY": "full", **(shim.environment() if shim else {})}
    command = [str(PROGRAM), kind, str(folder), deed, str(number)]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def read_back(kind: str, folder: Path) -> int:
    read = program(kind, folder, "load", 0)
    assert read.returncode == 0, read.stderr
    return int(read.stdout)


@pytest.mark.skipif(not PROGRAM.exists(), reason="built without Arrow: there is no headrace::tables")
@pytest.mark.parametrize("kind", ["json", "csv", "parquet", "arrow"])
@pytest.mark.parametrize("deed", ["kill-before", "kill-after", "error:ENOSPC", "error:EIO"])
def test_the_last_good_value_reads_back(kind: str, deed: str, tmp_path: Path) -> None:
    folder = tmp_path / "values"
    assert program(kind, folder, "store", 1).returncode == 0
    counting = Shim(tmp_path / "shim", Rule(under=folder, armed=False))
    assert program(kind, folder, "store", 1, counting).returncode == 0
    calls = counting.count()
    assert calls >= 5  # temporary file, write, sync, rename, sync of the folder
    good = 1
    for at in range(1, calls + 1):
        shim = Shim(tmp_path / "shim", Rule(deed, at=at, under=folder, armed=False))
        ended = program(kind, folder, "store", good + 1, shim)
        found = read_back(kind, folder)
        # Behind the rename it is the new value, which nobody has acknowledged yet.
        assert found in (good, good + 1), f"{shim.site(at)}: {found}"
        assert ended.returncode != 0 or found == good + 1, f"{shim.site(at)}: acknowledged, and lost"
        good = found
    assert program(kind, folder, "store", 99).returncode == 0
    assert read_back(kind, folder) == 99
    assert len(list(folder.iterdir())) == 1, "leftovers"
