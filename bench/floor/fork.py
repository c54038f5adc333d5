"""The floor of a launch: a process that has imported what a host has forks a child, which says that it is
there. Prints the milliseconds of each fork, as JSON.
"""

import gc
import json
import os
import sys
import time

import headrace  # noqa: F401 - what a host holds in memory

gc.collect()
gc.freeze()
gc.disable()
taken = []
for _ in range(int(sys.argv[1])):
    began = time.perf_counter()
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(into, b".")
        os._exit(0)
    os.read(out, 1)
    taken.append((time.perf_counter() - began) * 1e3)
    os.waitpid(pid, 0)
    os.close(out)
    os.close(into)
print(json.dumps(taken))
