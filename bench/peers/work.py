"""What a step of a library's flow does, in the library's own processes: compute, and keep the int in a file
as atomically as Headrace's default IO manager does, without its sync.
"""

import os
import pickle

FOLDER = os.environ["BENCH_VALUES"]


def fib(n):
    return n if n <= 1 else fib(n - 1) + fib(n - 2)


def store(name, value):
    path = os.path.join(FOLDER, name)
    with open(path + ".tmp", "wb") as file:
        pickle.dump(value, file)
    os.replace(path + ".tmp", path)
    return value


def serve(version, flows):
    """Answers requests `{"shape", "steps", "n"}` on standard input, one a line, with the seconds that the flow took.

    Standard output is for the answers alone: what the library prints goes to standard error.
    """
    import json
    import sys
    import time

    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps({"version": version}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        began = time.perf_counter()
        results = flows[request["shape"]](request["steps"], request["n"])
        taken = time.perf_counter() - began
        assert len(results) == request["steps"], "steps are missing"
        print(json.dumps({"seconds": taken}), file=answers, flush=True)
