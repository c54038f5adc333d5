"""Prefect with the server that it starts for itself (SQLite); each step is a task whose result Prefect keeps
in its local storage.

A chain is a loop that hands the last result on; a wide graph is submitted to the default task runner.
"""

import prefect
from work import fib, serve

STORED = {"persist_result": True, "cache_policy": None}


@prefect.task(**STORED)
def step(before):
    return 0 if before is None else before + 1


@prefect.task(**STORED)
def fib_step(n, before):
    return fib(n)


@prefect.flow
def chain(steps, n):
    results, before = [], None
    for _ in range(steps):
        before = step(before)
        results.append(before)
    return results


@prefect.flow
def wide(steps, n):
    return [future.result() for future in [step.submit(None) for _ in range(steps)]]


@prefect.flow
def fib_chain(steps, n):
    results, before = [], None
    for _ in range(steps):
        before = fib_step(n, before)
        results.append(before)
    return results


if __name__ == "__main__":
    serve(prefect.__version__, {"chain": chain, "wide": wide, "fib": fib_chain})
