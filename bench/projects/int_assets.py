"""Assets that return an int: a chain, in which each takes the one before, and a wide graph, in which none
takes another.

Written with Dagster's names, so that `--peer dagster` runs this very file.
"""

import importlib
import os

from dagster import AssetIn, AssetKey, Definitions, asset

STEPS = int(os.environ.get("BENCH_STEPS", "100"))
SHAPES = os.environ.get("BENCH_SHAPES", "chain,wide").split(",")
if module := os.environ.get("BENCH_IMPORT"):
    importlib.import_module(module)


def chain_asset(number):
    if number == 0:

        @asset(name="chain_0", group_name="chain")
        def first() -> int:
            return 0

        return first

    @asset(
        name=f"chain_{number}",
        group_name="chain",
        ins={"value": AssetIn(key=AssetKey(f"chain_{number - 1}"))},
    )
    def following(value: int) -> int:
        return value + 1

    return following


def wide_asset(number):
    @asset(name=f"wide_{number}", group_name="wide")
    def alone() -> int:
        return number

    return alone


MAKERS = {"chain": chain_asset, "wide": wide_asset}
defs = Definitions(assets=[MAKERS[shape](number) for shape in SHAPES for number in range(STEPS)])
