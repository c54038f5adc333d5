"""Where the code locations of this suite are, and hosts of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(HERE.parent / "python"), str(REPOSITORY)]

from protocol_driver import Host  # noqa: E402

LANGUAGES = ("python", "cpp")


def cpp_program(name: str) -> Path:
    """A program of the release build, or of the build that HEADRACE_BIN names."""
    binary = os.environ.get("HEADRACE_BIN")
    build = Path(binary).parent if binary else REPOSITORY / "build" / "release"
    return build / "tests" / name


class CppHost(Host):
    """A host that is the user's own executable."""

    def _command(self) -> list[str]:
        return [str(cpp_program("headrace_conformance"))]
