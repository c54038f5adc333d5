"""The fenced blocks of a page, each with the note that stands in an HTML comment on the line before it:

    <!-- test: skip: REASON -->       not run; the reason is for whoever reads the source
    <!-- test: file NAME -->          (also) written to NAME in the page's folder
    <!-- test: from PATH -->          each of its lines stands in a file below PATH, which other tests run
    <!-- test: with CODE -->          CODE goes before it
    <!-- test: exit N -->             the commands end with this status
    <!-- test: output -->             what the commands before printed: JSON with these keys, or text (… is anything)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^( *)```(\S*)\s*$")
NOTE = re.compile(r"^ *<!-- test: (\w+):? ?(.*?) -->$")
NOTES = {"skip", "file", "from", "with", "exit", "output"}


@dataclass
class Block:
    page: str
    line: int
    language: str
    text: str
    note: str = ""
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[str]:
    found = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
    names = [str(x.relative_to(REPOSITORY)) for x in found]
    return [x for x in names if not x.startswith("docs/decisions/")]


def blocks(page: str) -> list[Block]:
    found, lines = [], (REPOSITORY / page).read_text(encoding="utf-8").splitlines()
    number = 0
    while number < len(lines):
        if opening := FENCE.match(lines[number]):
            end = next(i for i in range(number + 1, len(lines)) if lines[i].strip() == "```")
            text = "\n".join(x.removeprefix(opening[1]) for x in lines[number + 1 : end]) + "\n"
            block = Block(page, number + 1, opening[2] or "bash", text)
            if note := NOTE.match(lines[number - 1]) if number else None:
                block.note, block.argument = note[1], note[2]
                assert block.note in NOTES, f"{block}: unknown note {block.note}: {sorted(NOTES)}"
            found.append(block)
            number = end
        number += 1
    return found
