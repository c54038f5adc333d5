"""The preload shim (tests/faults/shim), as campaigns use it: rules in, counts and a trace out."""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from integration.support.daemon import REPOSITORY

MOST_RULES = 8
_COUNTS, _FIRED, _ARMED, _HALTED, _CLOCK, _READINGS = (8 * i for i in (0, MOST_RULES, *range(16, 20)))
# The groups of calls that go by another name than the call.
GROUPS = {
    **dict.fromkeys(("pwrite", "writev", "pwritev"), "write"),
    **dict.fromkeys(("fsync", "fdatasync", "syncfs"), "sync"),
    **dict.fromkeys(("ftruncate", "fallocate"), "truncate"),
    **dict.fromkeys(("mkdir", "rmdir"), "folder"),
    "link": "rename",
    "flock": "lock",
}


def library() -> Path:
    file = Path(os.environ.get("HEADRACE_FAULTS") or REPOSITORY / "build" / "release" / "libheadrace_faults.so")
    assert file.exists(), f"no {file}: cmake --build --preset release --target headrace_faults"
    return file


@dataclass(frozen=True)
class Rule:
    """See tests/faults/shim/rules.hpp for what the fields mean."""

    do: str = "count"
    role: str | None = None
    calls: str | None = None
    at: int | None = None
    from_: int | None = None
    armed: bool = True
    under: Path | None = None

    def __str__(self) -> str:
        fields = {
            "do": self.do,
            "role": self.role,
            "calls": self.calls,
            "at": self.at,
            "from": self.from_,
            "armed": 1 if self.armed else None,
            "under": self.under,
        }
        return " ".join(f"{name}={value}" for name, value in fields.items() if value is not None)


@dataclass(frozen=True)
class Site:
    """One counted call."""

    rule: int
    number: int
    role: str
    pid: int
    call: str
    path: str

    @property
    def group(self) -> str:
        """As `calls` of a rule names it."""
        return GROUPS.get(self.call, self.call)

    def __str__(self) -> str:
        return f"call {self.number} of the {self.role}: {self.call} {self.path}"


class Shim:
    """The rules of one round and what came of them. `folder` gets a file or two. `more`: other variables of the shim."""

    def __init__(self, folder: Path, *rules: Rule, record: Path | None = None, **more: object):
        folder.mkdir(parents=True, exist_ok=True)
        self._state_file, self._trace_file, self.record_file = folder / "state", folder / "trace", folder / "record"
        for old in (self._trace_file, self.record_file):
            old.unlink(missing_ok=True)
        self._state_file.write_bytes(bytes(mmap.PAGESIZE))
        with open(self._state_file, "r+b") as file:
            self._state = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self._rules, self._record, self._more = rules, record, more

    def environment(self) -> dict[str, str]:
        variables = {
            "LD_PRELOAD": str(library()),
            "FAULTS_STATE": str(self._state_file),
            "FAULTS_TRACE": str(self._trace_file),
            "FAULTS_RULES": ";".join(map(str, self._rules)),
        }
        if self._record is not None:
            variables |= {"FAULTS_RECORD": str(self.record_file), "FAULTS_RECORD_UNDER": str(self._record)}
        return variables | {f"FAULTS_{name.upper()}": str(value) for name, value in self._more.items()}

    def _get(self, offset: int) -> int:
        return struct.unpack_from("q", self._state, offset)[0]

    def _set(self, offset: int, value: int) -> None:
        struct.pack_into("q", self._state, offset, value)

    def arm(self) -> None:
        """From now on, rules count."""
        self._set(_ARMED, 1)

    def disarm(self) -> None:
        self._set(_ARMED, 0)

    def count(self, rule: int = 0) -> int:
        return self._get(_COUNTS + 8 * rule)

    def fired(self, rule: int = 0) -> int:
        return self._get(_FIRED + 8 * rule)

    @property
    def halted(self) -> bool:
        return self._get(_HALTED) != 0

    @property
    def clock_readings(self) -> int:
        return self._get(_READINGS)

    def sites(self, rule: int = 0) -> list[Site]:
        """The calls that a rule has counted, in order."""
        found = []
        for line in self._trace_file.read_text().splitlines() if self._trace_file.exists() else []:
            which, number, role, pid, call, path = line.split(" ", 5)
            if int(which) == rule:
                found.append(Site(rule, int(number), role, int(pid), call, path))
        return found

    def site(self, number: int, rule: int = 0) -> str:
        return next((str(s) for s in self.sites(rule) if s.number == number), f"call {number}")
