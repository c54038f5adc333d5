"""Virtual environments of what is measured beside Headrace, each in a folder of its own under build/peers."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from .report import REPOSITORY, say

REQUIREMENTS = REPOSITORY / "bench" / "peers" / "requirements"


def python_of(name: str) -> Path:
    """The interpreter of the environment that bench/peers/requirements/NAME.txt describes, installed if need be; without
    such a file this interpreter."""
    requirements, folder = REQUIREMENTS / f"{name}.txt", REPOSITORY / "build" / "peers" / name
    if not requirements.is_file():
        return Path(sys.executable)
    python, stamp = folder / "bin" / "python", folder / "installed"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not (stamp.is_file() and stamp.read_text() == wanted):
        say(f"installing {requirements.relative_to(REPOSITORY)} into {folder.relative_to(REPOSITORY)}")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        install = [str(python), "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", str(requirements)]
        subprocess.run(install, check=True)
        stamp.write_text(wanted)
    return python
