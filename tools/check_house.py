#!/usr/bin/env python3
"""House rules that no compiler knows (`./run lint`): file sizes, no waiting for time in tests, no machine
paths, no registry hosts.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES, MOST_LINES_OF_TESTS = 500, 650
LONG_IS_FINE = re.compile(
    r"(^|/)(package-lock\.json|openapi\.json|LICENSE|.*\.lock|.*\.svg|.*\.csv|.*\.d\.ts|.*\.md)$|^tests/golden/|^examples/|^bench/records/"
)
TESTS = re.compile(r"^tests/|\.test\.[jt]sx?$")
WAITS = re.compile(r"time\.sleep|sleep_for|sleep_until|\busleep\(|waitForTimeout|asyncio\.sleep|(?<!test\.)\bsetTimeout\(")
# Paths of one machine, registries' hosts. Written so that this file does not find itself.
MACHINE_PATH = re.compile(r"(?<![\w.$}])/(?:work|root|home/[a-z]\w*)/")
HOSTS = re.compile(
    r'"resolved":\s*"https?://|https?://[^\s"]+/(?:simple/|-/[^\s"]+\.tgz|@v/)|(?:files\.python'
    + r"hosted|registry\.npm"
    + r"js|deb\.debian)\.org"
)


def tracked() -> list[str]:
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [n for n in names.stdout.decode().split("\0") if n and (ROOT / n).is_file()]


def complaints_of(name: str, text: str) -> list[str]:
    found, lines = [], text.splitlines()
    most = MOST_LINES_OF_TESTS if TESTS.search(name) else MOST_LINES
    if len(lines) > most and not LONG_IS_FINE.search(name):
        found.append(f"{name}: {len(lines)} lines; {most} at most: is it still one noun?")
    for number, line in enumerate(lines, 1):
        if TESTS.search(name) and WAITS.search(line) and "lint: allow" not in line:
            found.append(f"{name}:{number}: a test that waits for time to pass; wait for an event instead")
        if MACHINE_PATH.search(line):
            found.append(f"{name}:{number}: a path of one machine")
        if HOSTS.search(line):
            found.append(f"{name}:{number}: the address of a package registry")
    return found


def main() -> int:
    found = []
    for name in tracked():
        try:
            text = (ROOT / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found.extend(complaints_of(name, text))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
