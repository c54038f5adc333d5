"""What `./run package` made, installed where nothing of this repository is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from integration.support.daemon import MARK, REPOSITORY, Daemon, stopped_at_the_end

PACKAGES = REPOSITORY / "build" / "packages"
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []


def built(pattern: str) -> Path:
    found = list(PACKAGES.glob(pattern))
    assert len(found) == 1, f"{PACKAGES} should hold one {pattern}: ./run package; it holds {found}"
    return found[0]


@pytest.fixture(scope="session")
def wheel() -> Path:
    return built("headrace-*.whl")


@pytest.fixture(scope="session")
def deb() -> Path:
    return built("headrace_*.deb")


class Stranger:
    """A user without privileges, with a folder and an environment of its own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}

    def run(self, *command: str | Path) -> str:
        result = subprocess.run(
            [*NOBODY, *map(str, command)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, f"{command}: {result.returncode}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    def owns(self, path: Path) -> Path:
        """Hands over what a test put into its folder."""
        if NOBODY:
            for each in [path, *path.rglob("*")]:
                os.chown(each, 65534, 65534, follow_symlinks=False)
        return path

    def copy(self, source: Path) -> Path:
        target = self.folder / source.name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("my_data", "data", "build", "__pycache__"))
        else:
            shutil.copy(source, target)
        return self.owns(target)

    def daemon(self, program: Path, *arguments: str) -> Daemon:
        one = Daemon(self.folder / "home", list(arguments), cwd=self.folder, program=[*NOBODY, str(program)])
        one.environment = self.environment | {MARK: one.mark}
        return one


@pytest.fixture(scope="module")
def stranger() -> Iterator[Stranger]:
    # Not below pytest's own folders: those are closed to others.
    with tempfile.TemporaryDirectory(prefix="headrace-packages-") as name:
        yield Stranger(Stranger(Path(name)).owns(Path(name)))


@pytest.fixture(scope="module")
def python(stranger: Stranger) -> Path:
    """An empty virtual environment of the Python that .venv is made from."""
    base = getattr(sys, "_base_executable", sys.executable)
    stranger.run(base, "-m", "venv", "venv")
    return stranger.folder / "venv" / "bin" / "python"


@pytest.fixture
def serve(stranger: Stranger) -> Iterator[Callable[..., Daemon]]:
    """serve(program, "-m", …) starts a daemon as the stranger; at the test's end nothing of it is left."""
    with stopped_at_the_end() as started:

        def start(program: Path, *arguments: str) -> Daemon:
            started.append(stranger.daemon(program, *arguments))
            return started[-1].start()

        yield start
