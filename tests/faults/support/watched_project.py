"""The code location of the kill campaigns: assets that leave proof, outside of Headrace's own log, of what was run when.

Each step holds a file lock from the begin of its asset function to the end of its handle_output: an attempt that finds it
held saw two living attempts of a step. It also writes a line when it begins (S) and when its value is stored (E).
"""

import fcntl
import os
import zlib

from headrace import Definitions, RetryPolicy, asset, io_manager
from headrace.filesystem_io_manager import PickledObjectFilesystemIOManager

PROOF = os.environ["HR_PROOF"]  # a folder
SURVIVES = RetryPolicy(max_retries=1000)
HELD = {}


def write_line(what, run_id, step, more=""):
    line = f"{what} {run_id} {step} {os.getpid()}{more}\n"
    descriptor = os.open(f"{PROOF}/lines", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, line.encode())
    os.close(descriptor)


def begin(context, step):
    write_line("S", context.run_id, step, f" {context.retry_number + 1}")
    HELD[step] = os.open(f"{PROOF}/{step}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(HELD[step], fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        write_line("TWO", context.run_id, step)


class Watched(PickledObjectFilesystemIOManager):
    def handle_output(self, context, obj):
        super().handle_output(context, obj)
        step = context.asset_key.to_user_string()
        write_line("E", context.run_id, step)
        os.close(HELD.pop(step))


@io_manager
def watched(context):
    return Watched()


def value_of(step, run_id, size):
    data = (step + run_id).encode() * size
    return {"step": step, "run_id": run_id, "data": data, "crc": zlib.crc32(data)}


def check(value, run_id):
    """An input must be whole, and what this run has made."""
    if zlib.crc32(value["data"]) != value["crc"] or value["run_id"] != run_id:
        write_line("BAD", run_id, value["step"], f" {value['run_id']}")


def make(step, upstream, group, retry_policy, size):
    parameters = ", ".join(["context", *upstream])
    scope = {"begin": begin, "check": check, "value_of": value_of}
    exec(
        f"def {step}({parameters}):\n"
        f"    begin(context, '{step}')\n"
        f"    for value in [{', '.join(upstream)}]:\n"
        f"        check(value, context.run_id)\n"
        f"    return value_of('{step}', context.run_id, {size})\n",
        scope,
    )
    return asset(group_name=group, retry_policy=retry_policy)(scope[step])


def graph(group, count, retry_policy):
    """Chains, fans and diamonds: step i reads i - 1 (not every tenth) and, every third, i - 5."""
    made = []
    for i in range(count):
        upstream = [f"{group}_{i - 1}"] if i % 10 else []
        if i % 3 == 0 and i >= 5:
            upstream.append(f"{group}_{i - 5}")
        made.append(make(f"{group}_{i}", upstream, group, retry_policy, 4000 if i % 8 == 0 else 20))
    return made


defs = Definitions(
    assets=graph("sturdy", 60, SURVIVES) + graph("fragile", 20, None), resources={"io_manager": watched}
)
