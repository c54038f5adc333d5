"""Ray on this machine, with two CPUs and no dashboard; each step is a task and keeps its int in a file."""

import os

import ray
from work import fib, serve, store


@ray.remote
def step(name, before):
    return store(name, 0 if before is None else before + 1)


@ray.remote
def fib_step(name, n, before):
    return store(name, fib(n))


def chain(steps, n):
    references, before = [], None
    for i in range(steps):
        before = step.remote(f"chain_{i}", before)
        references.append(before)
    return ray.get(references)


def wide(steps, n):
    return ray.get([step.remote(f"wide_{i}", None) for i in range(steps)])


def fib_chain(steps, n):
    references, before = [], None
    for i in range(steps):
        before = fib_step.remote(f"fib_{i}", n, before)
        references.append(before)
    return ray.get(references)


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    environment = {"PYTHONPATH": here, "BENCH_VALUES": os.environ["BENCH_VALUES"]}
    ray.init(num_cpus=2, include_dashboard=False, runtime_env={"env_vars": environment}, log_to_driver=False)
    serve(ray.__version__, {"chain": chain, "wide": wide, "fib": fib_chain})
    ray.shutdown()
