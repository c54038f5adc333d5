"""Dask's distributed scheduler with two worker processes of one thread; each step keeps its int in a file."""

import distributed
from work import fib, serve, store


def step(name, before):
    return store(name, 0 if before is None else before + 1)


def fib_step(name, n, before):
    return store(name, fib(n))


def chain(steps, n):
    futures, before = [], None
    for i in range(steps):
        before = client.submit(step, f"chain_{i}", before, pure=False)
        futures.append(before)
    return client.gather(futures)


def wide(steps, n):
    return client.gather([client.submit(step, f"wide_{i}", None, pure=False) for i in range(steps)])


def fib_chain(steps, n):
    futures, before = [], None
    for i in range(steps):
        before = client.submit(fib_step, f"fib_{i}", n, before, pure=False)
        futures.append(before)
    return client.gather(futures)


if __name__ == "__main__":
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            serve(distributed.__version__, {"chain": chain, "wide": wide, "fib": fib_chain})
