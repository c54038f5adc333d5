"""A folder of wheels from which `pip install --no-index` has all that some packages need: what requirements.lock pins for
them, with its hashes. `python tests/packages/wheelhouse.py FOLDER NAME…`; quick where the folder has it already."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

LOCK = Path(__file__).resolve().parents[2] / "requirements.lock"


def needed(names: list[str]) -> set[str]:
    """The names, and what the installed packages of these names need."""
    found: set[str] = set()
    while names:
        name = re.sub(r"[-_.]+", "-", names.pop()).lower()
        if name in found:
            continue
        found.add(name)
        for line in importlib.metadata.requires(name) or []:
            requirement = Requirement(line)
            if not requirement.marker or requirement.marker.evaluate({"extra": ""}):
                names.append(requirement.name)
    return found


def pins(names: set[str]) -> str:
    """Their part of the lock file."""
    entries = re.split(r"\n(?=[a-z0-9])", LOCK.read_text(encoding="utf-8"))
    return "\n".join(e for e in entries if re.split(r"[=<> ;\[]", e, maxsplit=1)[0] in names)


def fill(folder: Path, names: list[str]) -> None:
    text = pins(needed(names))
    stamp = folder / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.txt"
    if stamp.exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    wanted = folder / "requirements.txt"
    wanted.write_text(text, encoding="utf-8")
    pip = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", str(wanted), "-d", str(folder)], check=True)
    wanted.rename(stamp)


if __name__ == "__main__":
    fill(Path(sys.argv[1]), sys.argv[2:])
