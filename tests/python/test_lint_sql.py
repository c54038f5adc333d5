"""tools/check_sql.py: what it lets pass, and what it does not."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "tools" / "check_sql.py"
spec = importlib.util.spec_from_file_location("check_sql", FILE)
check_sql = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_sql)


@pytest.mark.parametrize(
    "source, word",
    [
        ('execute(("SELECT * FROM runs WHERE tag = \'" + tag + "\'").c_str());', "+"),
        ('auto sql = prefix + "DELETE FROM runs";', "+"),
        ('execute(fmt::format("SELECT * FROM {}", name).c_str());', "bind"),
        ('execute(fmt::format("DROP TABLE IF EXISTS {}", from_the_request).c_str());', "bind"),
        ('snprintf(text, 99, "UPDATE runs SET status = %d", status);', "bind"),
        ('Query q{"SELECT a "\n  COLUMNS\n  "FROM b WHERE c LIKE ?"};', "ESCAPE"),
    ],
)
def test_sql_with_a_value_in_its_text_is_found(source, word):
    [complaint] = check_sql.complaints_of("storage/src/x.cpp", "// one\n" + source)
    assert complaint.startswith("storage/src/x.cpp:2: ") and word in complaint


@pytest.mark.parametrize(
    "source",
    [
        'Query run_{SELECT_RUNS "WHERE r.number = ?"};',
        'Statement(c, "UPDATE counters SET value = ? WHERE name = ?").run(1, name);',
        '// "SELECT a" + b\nint x;',
        'Query q{"SELECT a FROM b WHERE c LIKE ? ESCAPE \'!\'"};',
        'connection.execute(fmt::format("DROP TABLE IF EXISTS {}", table).c_str());',
        'fmt::format("Select {} assets", n);',
    ],
)
def test_bound_values_and_constants_pass(source):
    assert check_sql.complaints_of("storage/src/x.cpp", source) == []


@pytest.mark.parametrize("source", ['auto s = "SELECT 1";', "sqlite3_exec(db, sql, 0, 0, 0);"])
def test_sql_outside_of_storage_is_found(source):
    [complaint] = check_sql.complaints_of("server/api/src/x.cpp", source)
    assert "storage" in complaint


def test_the_sources_have_none_of_it():
    assert check_sql.main() == 0
