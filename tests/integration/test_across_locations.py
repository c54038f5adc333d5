"""Values that another code location stored: read by what their materializations say, or refused before the run."""

from __future__ import annotations

import pickle

import pytest

from .support.daemon import step_of

PRODUCER = """
    import pandas as pd
    from dagster import Definitions, asset
    from headrace import CSVIOManager, JSONIOManager, ParquetIOManager

    @asset(io_manager_key="{manager}")
    def numbers():
        return {value}

    defs = Definitions(
        assets=[numbers],
        resources={{"csv": CSVIOManager(), "json": JSONIOManager(), "parquet": ParquetIOManager()}},
    )
"""

CONSUMER = """
    import pathlib
    import pandas as pd
    import pyarrow as pa
    from dagster import Definitions, asset

    @asset
    def total(numbers: {wanted}) -> int:
        return int({expression})

    defs = Definitions(assets=[total])
"""
TABLE = 'pd.DataFrame({"n": [1, 2, 3]})'


@pytest.fixture
def serve(daemon, project):
    def start(manager, value, wanted="object", expression="1"):
        files = {
            "first.py": PRODUCER.format(manager=manager, value=value),
            "second.py": CONSUMER.format(wanted=wanted, expression=expression),
        }
        one = daemon(project(files), "-f", "first.py", "-f", "second.py")
        one.loaded("first.py")
        one.loaded("second.py")
        return one

    return start


@pytest.mark.parametrize(
    ("manager", "value", "wanted", "expression"),
    [
        ("parquet", TABLE, "pd.DataFrame", "numbers.n.sum()"),
        ("parquet", TABLE, "pa.Table", "sum(numbers['n'].to_pylist())"),
        ("csv", TABLE, "pd.DataFrame", "numbers.n.sum()"),
        ("csv", TABLE, "bytes", "sum(map(int, numbers.split()[1:]))"),
        ("csv", TABLE, "pathlib.Path", "sum(map(int, numbers.read_text().split()[1:]))"),
        ("json", "[1, 2, 3]", "list", "sum(numbers)"),
    ],
)
def test_a_value_of_another_code_location_comes_as_the_type_that_is_asked_for(
    serve, manager, value, wanted, expression
):
    one = serve(manager, value, wanted, expression)
    one.materialize()
    assert pickle.loads((one.home / "storage" / "total").read_bytes()) == 6


def test_what_only_python_reads_is_refused_before_the_run(serve):
    one = serve("io_manager", "[1, 2, 3]", "list", "sum(numbers)")
    answer = one.post("/api/v1/runs", {"selection": "*"}, expect=422)
    refusal = answer["refusals"][0]
    assert refusal["code"] == "unreadable_format"
    for part in ('"total"', '"numbers"', '"second.py"', '"first.py"', "pickle", "input_manager_key"):
        assert part in refusal["message"], refusal


def test_a_file_that_somebody_changed_is_not_taken_for_the_value(serve):
    one = serve("json", "[1, 2, 3]", "list", "sum(numbers)")
    one.materialize("numbers")
    stored = one.home / "storage" / "numbers.json"
    stored.write_text("[1, 2, 3, 4]")
    number = one.launch("total")
    assert one.wait_run(number)["status"] == "failure"
    step = one.run(number)["steps"][0]
    assert "has 12 bytes" in step["error"]["message"] and "Materialize" in step["error"]["message"], step


def test_a_value_that_nothing_says_how_to_read_is_named_with_the_code_location_that_makes_it(daemon, project):
    own = """
    from dagster import Definitions, IOManager, asset

    class Own(IOManager):
        def handle_output(self, context, obj): ...
        def load_input(self, context): ...

    @asset(io_manager_key="own")
    def numbers(): return 1

    defs = Definitions(assets=[numbers], resources={"own": Own()})
    """
    files = {"first.py": own, "second.py": CONSUMER.format(wanted="object", expression="1")}
    one = daemon(project(files), "-f", "first.py", "-f", "second.py")
    one.loaded("first.py")
    one.loaded("second.py")
    one.materialize("numbers")
    error = step_of(one.materialize("total", expect="failure"), "total")["error"]
    assert 'Asset "numbers" is made in another code location (first.py)' in error["message"]
