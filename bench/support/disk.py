"""Where what is measured is written, and what kind of file system that is."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def disk_folder() -> Path:
    """On the repository's disk, not in a /tmp that may be memory. A link to a folder elsewhere is followed."""
    folder = Path(__file__).resolve().parents[2] / "build" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return Path(os.path.realpath(folder))


def file_system() -> str:
    """`ext4`, `ext4 without a journal`, `xfs` …; README.md says what it matters."""
    command = ["findmnt", "--noheadings", "--output", "FSTYPE,SOURCE", "--target", str(disk_folder())]
    kind, _, source = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip().partition(" ")
    has_journal = any(Path("/proc/fs/jbd2").glob(f"{Path(source.strip()).name}-*"))
    return kind if kind != "ext4" or has_journal else "ext4 without a journal"
