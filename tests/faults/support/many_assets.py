"""A daemon that serves twenty small assets in four chains: something for it to do."""

from __future__ import annotations

from pathlib import Path

from integration.support.daemon import Daemon

CODE = """
from headrace import Definitions, asset

def make(i):
    @asset(name=f"a{i}", deps=[f"a{i - 1}"] if i % 5 else [])
    def one() -> int:
        return i
    return one

defs = Definitions(assets=[make(i) for i in range(20)])
"""


def daemon_of_many_assets(folder: Path) -> Daemon:
    """Not started yet; its home is in `folder` too."""
    (folder / "defs.py").write_text(CODE)
    return Daemon(folder / "home", ["-f", "defs.py", "-d", str(folder)], cwd=folder)
