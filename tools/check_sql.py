#!/usr/bin/env python3
"""SQL is written by us and values are bound (`./run lint`): statements stand in storage alone, their text is a
literal, and a pattern match says how it escapes.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("core", "config", "storage", "server", "io_managers", "sdk/cpp")
# Statements whose text is put together, from names and numbers that are constants of the program.
ASSEMBLED = {
    "PRAGMA application_id = {}": "k_application_id",
    "DROP TABLE IF EXISTS {}": "table",
    "SELECT * FROM main.{0} EXCEPT SELECT * FROM stored.{0}": "table",
    "SELECT * FROM stored.{0} EXCEPT SELECT * FROM main.{0}": "table",
}
VERB = re.compile(
    r"^\s*(?:SELECT\s|INSERT\s+(?:INTO|OR)\b|UPDATE\s+\w+\s+SET\b|DELETE\s+FROM\b|REPLACE\s+INTO\b|WITH\s+\w+\s+AS\b"
    r"|PRAGMA\s|ATTACH\s|VACUUM\b|(?:CREATE|DROP|ALTER)\s+(?:TABLE|INDEX|UNIQUE|VIEW|TRIGGER|VIRTUAL|TEMP)\b)"
)
LITERAL = r'"(?:[^"\\\n]|\\.)*"'
# Adjacent literals (and macros between them, which are literals too) are one text. Comments do not count.
TEXT = re.compile(rf"{LITERAL}(?:\s*(?:\b[A-Z][A-Z0-9_]+\b\s*)?{LITERAL})*")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
MATCH = re.compile(r"\b(?:LIKE|GLOB|MATCH|REGEXP)\b")
ASKS_SQLITE = re.compile(r"\bsqlite3_(?:prepare\w*|exec|get_table|mprintf|vmprintf|snprintf)\s*\(")


def without_comments(source: str) -> str:
    """Comments become blanks of the same shape, so that lines keep their numbers. A literal is left alone."""
    both = re.compile(rf"{LITERAL}|{COMMENT.pattern}", re.DOTALL)
    return both.sub(lambda m: m[0] if m[0][0] == '"' else re.sub(r"[^\n]", " ", m[0]), source)


def complaints_of(name: str, source: str) -> list[str]:
    found, code, in_storage = [], without_comments(source), name.startswith("storage/")

    def complain(at: int, what: str) -> None:
        found.append(f"{name}:{code.count(chr(10), 0, at) + 1}: {what}")

    if not in_storage:
        for call in ASKS_SQLITE.finditer(code):
            complain(call.start(), "only storage asks SQLite")
    for match in TEXT.finditer(code):
        text = "".join(part[1:-1] for part in re.findall(LITERAL, match[0]))
        if not VERB.match(text):
            continue
        before, after = code[: match.start()].rstrip(), code[match.end() :].lstrip()
        if not in_storage:
            complain(match.start(), "only storage knows SQL")
        if before.endswith("+") or after.startswith("+"):
            complain(match.start(), "SQL put together with +; bind the value instead")
        if "{" in text or "%" in text or before.endswith("format("):
            argument = re.match(r",\s*(\w+)\s*\)", after)
            if argument is None or ASSEMBLED.get(text) != argument[1]:
                complain(match.start(), "SQL with values written into it; bind them instead")
        if MATCH.search(text) and "ESCAPE" not in text:
            complain(match.start(), "a pattern match without ESCAPE: %, _ and * of a value would be wildcards")
    return found


def main() -> int:
    found = []
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in (".cpp", ".hpp"):
                found += complaints_of(str(file.relative_to(ROOT)), file.read_text(encoding="utf-8"))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
