"""Worker and daemon read the same pipe of claims at the same time: each step at hand is still one's alone."""

from __future__ import annotations

import textwrap
from collections import Counter

from integration.conftest import daemon, project  # noqa: F401 - fixtures

from .support.shim import library

CODE = """
    import itertools, os, time
    from dagster import Definitions, asset

    def spinning(number, seconds, before):
        @asset(name=f"a{number:03}", deps=before)
        def made() -> None:
            with open(os.environ["TEST_BEGUN"], "a") as file:
                file.write(f"{number}\\n")
            end = time.perf_counter() + seconds
            while time.perf_counter() < end:
                pass
        return made

    # Some steps are over when the daemon looks (4 ms), others are not, and what is at hand behind those is taken back.
    lengths = itertools.cycle([0.001, 0.003, 0.005, 0.001, 0.008])
    names = [f"a{number:03}" for number in range(200)]
    defs = Definitions(assets=[
        spinning(number, next(lengths), [names[number - 1]] if number % 4 == 3 else []) for number in range(200)
    ])
"""


def test_no_step_is_begun_twice(daemon, project, tmp_path):  # noqa: F811
    begun = tmp_path / "begun"
    environment = {
        "TEST_BEGUN": str(begun),
        "LD_PRELOAD": str(library().with_name("libheadrace_slow_claims.so")),
    }
    one = daemon(project({"defs.py": textwrap.dedent(CODE)}), "-f", "defs.py", environment=environment)
    one.loaded()
    number = one.launch()
    assert one.wait_run(number)["status"] == "success"
    assert Counter(begun.read_text().split()) == Counter(str(each) for each in range(200))
