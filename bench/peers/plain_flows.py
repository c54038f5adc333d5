"""No engine at all: a loop in one process, in which each step keeps its int in a file."""

from work import fib, serve, store


def chain(steps, n):
    results, before = [], None
    for i in range(steps):
        before = store(f"chain_{i}", 0 if before is None else before + 1)
        results.append(before)
    return results


def wide(steps, n):
    return [store(f"wide_{i}", i) for i in range(steps)]


def fib_chain(steps, n):
    return [store(f"fib_{i}", fib(n)) for i in range(steps)]


if __name__ == "__main__":
    serve("loop", {"chain": chain, "wide": wide, "fib": fib_chain})
