"""The flows of the public comparison: chains of assets, each of which computes a Fibonacci number the slow way.

Dagster runs this very file too. BENCH_FIB says which flows, as `n:steps`.
"""

import os

from dagster import AssetIn, AssetKey, Definitions, asset

FLOWS = [tuple(map(int, one.split(":"))) for one in os.environ.get("BENCH_FIB", "10:40,33:10").split(",")]


def fib(n):
    return n if n <= 1 else fib(n - 1) + fib(n - 2)


def fib_asset(n, number):
    group = f"fib{n}"
    if number == 0:

        @asset(name=f"{group}_0", group_name=group)
        def first() -> int:
            return fib(n)

        return first

    before = AssetIn(key=AssetKey(f"{group}_{number - 1}"))

    @asset(name=f"{group}_{number}", group_name=group, ins={"before": before})
    def following(before: int) -> int:
        return fib(n)

    return following


defs = Definitions(assets=[fib_asset(n, number) for n, steps in FLOWS for number in range(steps)])
