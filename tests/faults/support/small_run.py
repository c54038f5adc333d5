"""A small run that writes by every IO manager there is: what the campaigns with call numbers walk through."""

from __future__ import annotations

import csv
import pickle
import shutil
import textwrap
from pathlib import Path
from typing import Any

DEFINITIONS = '''
    import csv
    from pathlib import Path

    from headrace import ConfigurableIOManager, Definitions, UPathIOManager, asset, io_manager

    HERE = Path(__file__).parent
    ROWS = 3000


    class CsvIOManager(ConfigurableIOManager):
        """A user's own: it knows nothing of temporary files."""

        folder: str

        def handle_output(self, context, rows):
            with open(f"{self.folder}/{context.asset_key.path[-1]}.csv", "w", newline="") as file:
                csv.writer(file).writerows(rows)

        def load_input(self, context):
            with open(f"{self.folder}/{context.asset_key.path[-1]}.csv", newline="") as file:
                return [[int(cell) for cell in row] for row in csv.reader(file)]


    class TextIOManager(UPathIOManager):
        extension = ".txt"

        def dump_to_path(self, context, obj, path):
            path.write_text("\\n".join(map(str, obj)))

        def load_from_path(self, context, path):
            return [int(line) for line in path.read_text().splitlines()]


    @io_manager
    def text_io_manager(context):
        return TextIOManager(HERE / "text")


    def version():
        return int((HERE / "version").read_text())


    @asset
    def pickled():
        return [version()] * ROWS


    @asset(io_manager_key="csv")
    def table(pickled):
        return [[number, len(pickled)] for number in pickled]


    @asset(io_manager_key="text", key_prefix=["deep", "folder"])
    def text(table):
        return [row[0] for row in table]


    @asset(key_prefix=["deep", "other"])
    def total(pickled, text):
        assert len(pickled) == len(text) == ROWS
        return sum(pickled) + sum(text)


    defs = Definitions(
        [pickled, table, text, total],
        resources={"csv": CsvIOManager(folder=str(HERE)), "text": text_io_manager},
    )
'''
ROWS = 3000
STEPS = 4


class SmallRun:
    """The project of the run, and what its assets must read back as."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.project, self.home = folder / "project", folder / "home"

    def make(self) -> SmallRun:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.project.mkdir(parents=True)
        (self.project / "defs.py").write_text(textwrap.dedent(DEFINITIONS))
        self.set_version(1)
        return self

    def set_version(self, version: int) -> None:
        (self.project / "version").write_text(str(version))

    def read(self) -> dict[str, Any]:
        """What is stored of each asset; an exception in the place of what cannot be read."""
        readers = {
            "pickled": lambda: _unpickled(self.home / "storage" / "pickled"),
            "table": lambda: [
                [int(c) for c in r] for r in csv.reader((self.project / "table.csv").read_text().splitlines())
            ],
            "text": lambda: [
                int(line) for line in (self.project / "text/deep/folder/text.txt").read_text().splitlines()
            ],
            "total": lambda: _unpickled(self.home / "storage/deep/other/total"),
        }
        return {name: _value_or_error(reader) for name, reader in readers.items()}

    @staticmethod
    def expected(version: int) -> dict[str, Any]:
        return {
            "pickled": [version] * ROWS,
            "table": [[version, ROWS]] * ROWS,
            "text": [version] * ROWS,
            "total": 2 * version * ROWS,
        }

    def check_is(self, version: int) -> None:
        stored, expected = self.read(), self.expected(version)
        wrong = [name for name in expected if stored[name] != expected[name]]
        assert not wrong, f"not version {version}: {', '.join(f'{n}: {str(stored[n])[:80]}' for n in wrong)}"

    def check_last_good(self, versions: tuple[int, ...], names: tuple[str, ...] = ("pickled", "total")) -> None:
        """What Headrace's own IO managers stored is whole, and one of these versions."""
        stored = self.read()
        for name in names:
            assert any(stored[name] == self.expected(v)[name] for v in versions), (
                f"{name} is no whole value of version {versions}: {str(stored[name])[:100]}"
            )


def _unpickled(path: Path) -> Any:
    with open(path, "rb") as file:
        return pickle.load(file)


def _value_or_error(reader) -> Any:
    try:
        return reader()
    except Exception as error:
        return error
