#!/usr/bin/env python3
"""Adds up the JUnit files below a folder and prints the closing line `N passed, N failed, N skipped`.

GoogleTest's files count each test; CTest's own file only tells of programs that died before they wrote
theirs. A part that failed without any failed test (a build error, a crash of the runner) counts as one
failure. Exit status: 0 only when nothing failed and at least one test ran.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def count(file: Path) -> tuple[int, int, int]:
    passed = failed = skipped = 0
    for case in ElementTree.parse(file).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed += 1
        elif (
            case.find("skipped") is not None
            or case.get("status") in ("notrun", "disabled")
            or case.get("result") == "skipped"
        ):
            skipped += 1
        else:
            passed += 1
    return passed, failed, skipped


def crashed_programs(ctest_file: Path) -> int:
    """Failed CTest entries whose program left no result file of its own."""
    crashed = 0
    prefix = ctest_file.name.removeprefix("ctest-").removesuffix(".xml")
    for case in ElementTree.parse(ctest_file).getroot().iter("testcase"):
        own = ctest_file.with_name(f"{prefix}-{case.get('name')}.xml")
        if case.get("status") == "fail" and (not own.exists() or count(own)[1] == 0):
            crashed += 1
    return crashed


def main() -> int:
    passed = failed = skipped = 0
    for folder in sorted(p for p in Path(sys.argv[1]).iterdir() if p.is_dir()):
        failed_here = 0
        for file in sorted(folder.glob("*.xml")):
            if file.name.startswith("ctest-"):
                failed_here += crashed_programs(file)
                continue
            numbers = count(file)
            passed, failed_here, skipped = passed + numbers[0], failed_here + numbers[1], skipped + numbers[2]
        parts = folder / "failed_parts"
        if parts.exists() and failed_here == 0:
            failed_here = len(parts.read_text().split())
        failed += failed_here
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
