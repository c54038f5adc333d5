#!/usr/bin/env python3
"""Include arrows: which folder may include which (`./run lint`).

The build enforces the same by include roots; this check also sees what include roots cannot: system headers
(core is pure, Boost stays in three folders and few sources). With --prove BUILD it takes the compile command
of each folder from BUILD/compile_commands.json and lets the compiler refuse a header of every folder that
it may not see.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# folder -> the folders it may include, beside itself. What CMakeLists.txt says under LINKS, transitively.
MAY_INCLUDE: dict[str, set[str]] = {
    "core": set(),
    "config": {"core"},
    "storage": {"core"},
    "server/async": {"core"},
    "server/http": {"core", "server/async"},
    "server/live": {"core", "storage", "server/async"},
    "server/code_locations": {"core", "config", "storage", "server/async"},
    "server/runs": {"core", "config", "storage", "server/async", "server/code_locations"},
    "server/api": {
        "core",
        "config",
        "storage",
        "server/async",
        "server/http",
        "server/live",
        "server/code_locations",
        "server/runs",
    },
    "server/cli": {
        "core",
        "config",
        "storage",
        "server/async",
        "server/http",
        "server/code_locations",
        "server/runs",
    },
    "server/app": {
        "core",
        "config",
        "storage",
        "server/async",
        "server/http",
        "server/live",
        "server/code_locations",
        "server/runs",
        "server/api",
        "server/cli",
    },
    "io_managers": {"core", "config"},
    "sdk/cpp": {"core", "config", "io_managers"},
}
BOOST_FOLDERS = {"server/async", "server/http", "io_managers"}  # of the last its blobs alone
# Headers of Boost that cost nothing to compile, by folder: how the C++ SDK knows the fields of its users' structs.
SMALL_BOOST = {"sdk/cpp": ("boost/describe.hpp", "boost/mp11.hpp")}
MOST_BOOST_SOURCES = 7
# What pure logic must not see: anything that is not the C++ standard library, nlohmann_json or tl::expected,
# and of the standard library threads and files.
PURE = "core"
PURE_LIBRARIES = ("nlohmann/", "tl/")
IMPURE_STANDARD = {
    "thread",
    "mutex",
    "shared_mutex",
    "condition_variable",
    "future",
    "semaphore",
    "latch",
    "barrier",
    "stop_token",
    "fstream",
    "filesystem",
    "iostream",
    "random_device",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder_of_prefix() -> dict[str, str]:
    """First path component of an include -> folder: <runs/x.hpp> belongs to server/runs."""
    return {folder.rsplit("/", 1)[-1]: folder for folder in MAY_INCLUDE if folder != "sdk/cpp"} | {
        "headrace": "sdk/cpp"
    }


def sources(folder: str) -> list[Path]:
    base = ROOT / folder
    return (
        sorted(p for p in base.rglob("*") if p.suffix in (".cpp", ".hpp", ".h", ".ipp"))
        if base.is_dir()
        else []
    )


def includes(file: Path) -> list[tuple[str, str]]:
    return INCLUDE.findall(file.read_text(encoding="utf-8"))


def complaints_of(folder: str, file: Path) -> list[str]:
    name, prefixes, found = file.relative_to(ROOT), folder_of_prefix(), []
    for bracket, target in includes(file):
        first = target.split("/", 1)[0]
        other = prefixes.get(first) if "/" in target else None
        if bracket == '"' and ".." in target:
            found.append(f'{name}: includes "{target}": no paths upwards, use the include root')
        if other and (ROOT / other).is_dir() and other != folder and other not in MAY_INCLUDE[folder]:
            found.append(f"{name}: {folder} may not include <{target}> of {other}")
        if first == "boost" and folder not in BOOST_FOLDERS and target not in SMALL_BOOST.get(folder, ()):
            found.append(f"{name}: only {' and '.join(sorted(BOOST_FOLDERS))} include Boost")
        if target == "sqlite3.h" and folder != "storage":
            found.append(f"{name}: only storage knows SQLite")
        if folder == PURE and bracket == "<" and first != "core":
            standard = "/" not in target and not target.endswith(".h")
            if not (standard or target.startswith(PURE_LIBRARIES)) or target in IMPURE_STANDARD:
                found.append(f"{name}: core is pure logic: <{target}> is not for it")
    return found


def boost_sources() -> list[Path]:
    """Sources that include Boost, directly or through a header of their own folder."""

    def reaches_boost(folder: str, file: Path, seen: set[Path]) -> bool:
        if file in seen or not file.exists():
            return False
        seen.add(file)
        for _, target in includes(file):
            near = [file.parent / target, ROOT / folder / "src" / target]
            near += [ROOT / other / "include" / target for other in BOOST_FOLDERS]
            if target.startswith("boost/") or any(reaches_boost(folder, header, seen) for header in near):
                return True
        return False

    return [
        f
        for folder in sorted(BOOST_FOLDERS)
        for f in sources(folder)
        if f.suffix == ".cpp" and reaches_boost(folder, f, set())
    ]


def check() -> list[str]:
    found = [
        line for folder in MAY_INCLUDE for file in sources(folder) for line in complaints_of(folder, file)
    ]
    boost = boost_sources()
    if len(boost) > MOST_BOOST_SOURCES:
        found.append(
            f"{len(boost)} sources include Boost, {MOST_BOOST_SOURCES} are allowed: "
            + ", ".join(str(f.relative_to(ROOT)) for f in boost)
        )
    return found


def compile_command(database: list[dict[str, str]], folder: str) -> tuple[list[str], Path] | None:
    for entry in database:
        file = Path(entry["file"])
        if file.is_relative_to(ROOT / folder / "src") and file.suffix == ".cpp":
            words = shlex.split(entry["command"])
            keep = [
                words[i]
                for i in range(len(words))
                if words[i].startswith(("-I", "-isystem", "-D", "-std="))
                or (i and words[i - 1] == "-isystem")
            ]
            return keep, Path(entry["directory"])
    return None


def prove(build: Path) -> list[str]:
    database, found, tried = json.loads((build / "compile_commands.json").read_text()), [], 0
    for folder, allowed in MAY_INCLUDE.items():
        command = compile_command(database, folder)
        if command is None:
            continue
        for other in MAY_INCLUDE:
            headers = sorted((ROOT / other / "include").rglob("*.hpp"))
            if other == folder or not headers:
                continue
            header = headers[0].relative_to(ROOT / other / "include")
            compiled = subprocess.run(
                ["c++", *command[0], "-fsyntax-only", "-x", "c++", "-"],
                cwd=command[1],
                text=True,
                input=f"#if __has_include(<{header}>)\n#else\n#error not visible\n#endif\n",
                capture_output=True,
            )
            visible = compiled.returncode == 0
            tried += 1
            if visible and other not in allowed:
                found.append(f"{folder} can include <{header}> of {other}: its LINKS say too much")
    if tried == 0:
        found.append(f"{build}: no compile command to try")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prove", type=Path, metavar="BUILD")
    arguments = parser.parse_args()
    found = prove(arguments.prove) if arguments.prove else check()
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
