"""takes_toml.py FILE: whether the daemon takes this headrace.toml; what its code locations then say is another matter."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from integration.support.daemon import Daemon, stopped_at_the_end  # noqa: E402

with tempfile.TemporaryDirectory() as folder, stopped_at_the_end() as started:
    started.append(Daemon(Path(folder) / "home", ["-w", sys.argv[1]], cwd=Path.cwd()))
    started[0].start()
