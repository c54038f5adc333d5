"""Every command and snippet of README.md and docs/ runs, or says in the page's source why not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .blocks import REPOSITORY, Block, blocks, pages

ADDRESS = re.compile(r"(127\.0\.0\.1|localhost):3000")
SDK = ["sdk/cpp/include", "sdk/cpp/tables/include", "sdk/cpp/blobs/include"]


class Page:
    """Runs a page's blocks, one after the other, in one folder."""

    def __init__(self, folder: Path, environment: dict[str, str], address: str):
        self.folder, self.environment, self.address = folder, environment, address
        self.printed = ""

    def run(self, block: Block, *command: str | Path, status: int = 0) -> None:
        result = subprocess.run(
            [str(x) for x in command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        self.printed = result.stdout
        said = f"{block}: exit status {result.returncode}\n{result.stdout}\n{result.stderr}"
        assert result.returncode == status, said

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    # ---- one method a language ----
    def bash(self, block: Block) -> None:
        text = ADDRESS.sub(self.address, block.text)
        status = int(block.argument) if block.note == "exit" else 0
        self.run(block, "bash", "-euo", "pipefail", "-c", text, status=status)
        self.printed = self.printed.replace(self.address, "127.0.0.1:3000")

    def python(self, block: Block) -> None:
        file = self.write(block.argument if block.note == "file" else "snippet.py", self.whole(block))
        code = f"import sys, runpy; sys.path.insert(0, ''); import headrace.compat; runpy.run_path({str(file)!r})"
        self.run(block, sys.executable, "-c", code)

    def toml(self, block: Block) -> None:
        """The daemon takes it. A code location that is not there fails later, on the page."""
        text = self.whole(block)
        if block.note == "file":
            self.write(block.argument, text)
        if "code_locations]]" not in text:
            text += '[[code_locations]]\nmodule = "my_package"\n'
        file = self.write("snippet.toml", text)
        check = Path(__file__).with_name("takes_toml.py")
        self.run(block, sys.executable, check, file)

    def json(self, block: Block) -> None:
        wanted = json.loads(block.text)
        if block.note == "output":
            missing = lacks(json.loads(self.printed), wanted)
            assert not missing, f"{block}: the answer has no {missing}:\n{self.printed}"

    def text(self, block: Block) -> None:
        assert block.note == "output", f"{block}: text cannot be run: output of what went before, or a reason to skip"
        pattern = re.escape(block.text.strip()).replace("…", ".*")
        assert re.search(pattern, self.printed), f"{block}: printed was\n{self.printed}"

    def cpp(self, block: Block) -> None:
        import pyarrow

        file = self.write("snippet.cpp", self.whole(block))
        includes = [f"-I{REPOSITORY / x}" for x in SDK] + [f"-isystem{pyarrow.get_include()}"]
        self.run(block, "g++", "-std=c++20", "-fsyntax-only", *includes, file)

    # ---- helpers ----
    def whole(self, block: Block) -> str:
        return block.argument.replace("\\n", "\n") + f"\n{block.text}" if block.note == "with" else block.text


def lacks(answer: Any, wanted: Any, path: str = "") -> list[str]:
    """The keys of `wanted` that `answer` has not; of a list the first item counts."""
    if isinstance(wanted, dict):
        if not isinstance(answer, dict):
            return [path or "object"]
        gone = [f"{path}.{k}" for k in wanted if k not in answer]
        return gone + [x for k, v in wanted.items() if k in answer for x in lacks(answer[k], v, f"{path}.{k}")]
    if isinstance(wanted, list) and wanted:
        return lacks(answer[0], wanted[0], f"{path}[0]") if isinstance(answer, list) and answer else [f"{path}[0]"]
    return []


def bare(text: str) -> str:
    """Without what may differ between a file and its excerpt: spaces, line breaks, the C++ namespace."""
    return re.sub(r"\s+|headrace::", "", text)


def check_source(block: Block) -> None:
    """Each line of the block stands in a file below the path that its note names."""
    place = REPOSITORY / block.argument
    kinds = (".py", ".hpp", ".cpp", ".txt", ".toml")
    files = [place] if place.is_file() else [x for x in place.rglob("*") if x.suffix in kinds]
    sources = bare("\n".join(x.read_text(encoding="utf-8") for x in files))
    gone = [x for x in block.text.splitlines() if bare(x).rstrip("},;") not in sources]
    assert not gone, f"{block}: not in {block.argument}: {gone}"


def check(runner: Page, block: Block) -> None:
    if block.note == "skip":
        assert len(block.argument) > 10, f"{block}: a reason, please"
    elif block.note == "from":
        check_source(block)
    else:
        run: Callable[[Block], None] | None = getattr(runner, block.language.replace("console", "bash"), None)
        assert run, f"{block}: nothing runs {block.language}: a note says why not (tests/docs/blocks.py)"
        run(block)


@pytest.mark.parametrize("page", [x for x in pages() if blocks(x)])
def test_page(page: str, folder: Path, environment: dict[str, str], daemon) -> None:
    runner = Page(folder, environment, daemon.url.removeprefix("http://"))
    for block in blocks(page):
        check(runner, block)


@pytest.mark.parametrize(
    ("language", "text", "note", "argument"),
    [
        ("bash", "false\n", "", ""),
        ("bash", "true\n", "exit", "3"),
        ("bash", "headrace dev -m no_such_module\n", "", ""),
        ("bash", "./run no-such-command\n", "", ""),
        ("python", "import no_such_module\n", "", ""),
        ("toml", "durabilty = 'full'\n", "", ""),
        ("json", "{,}\n", "", ""),
        ("json", '{"a": [{"b": 1, "c": 2}]}\n', "output", ""),
        ("text", "a drawing\n", "", ""),
        ("text", "not … printed\n", "output", ""),
        ("ini", "[a]\n", "", ""),
        ("cpp", "no_such_function();\n", "from", "examples/cpp_guide"),
        ("cpp", "no_such_type a;\n", "", ""),
        ("bash", "rm -rf /\n", "skip", "why not"),
    ],
)
def test_what_does_not_hold_is_found(language, text, note, argument, folder, environment, daemon) -> None:
    runner = Page(folder, environment, daemon.url.removeprefix("http://"))
    runner.printed = '{"a": [{"b": 1}]}'
    with pytest.raises((AssertionError, ValueError)):
        check(runner, Block("a page", 1, language, text, note, argument))


def test_links_lead_somewhere() -> None:
    gone = []
    for page in pages():
        text = re.sub(r"^```.*?^```", "", (REPOSITORY / page).read_text(encoding="utf-8"), flags=re.S | re.M)
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            if "://" not in link and not (REPOSITORY / page).parent.joinpath(link).exists():
                gone.append(f"{page}: {link}")
        for path in re.findall(r"`((?:docs|examples|tests|tools|bench|docker|core|server|sdk)/[\w./-]+\.\w+)`", text):
            if not (REPOSITORY / path).exists():
                gone.append(f"{page}: {path}")
    assert gone == []
