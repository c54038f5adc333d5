"""The floor's worker: worker.py MODE SHAPE DURABILITY FOLDER IMPORT FD_IN FD_OUT

MODE `worker` takes step after step in this process, `fork` forks a process for each.
Steps come as `{"step": n}`, one a line.
"""

import gc
import importlib
import json
import os
import pickle
import resource
import select
import sys
import time

mode, shape, durability, folder, module = sys.argv[1:6]
steps_in, events_out = int(sys.argv[6]), int(sys.argv[7])
if module:
    importlib.import_module(module)
IS_CHAIN, IS_FULL = shape == "chain", durability == "full"
RUN_ID = "01920000-0000-7000-8000-000000000000"


def cpu_seconds():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def load(step):
    with open(f"{folder}/value_{step}", "rb") as file:
        return pickle.load(file)


def store(step, value):
    """As atomically, and in full durability as durably, as Headrace's default IO manager."""
    path = f"{folder}/value_{step}"
    descriptor = os.open(path + ".tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.write(descriptor, pickle.dumps(value))
    if IS_FULL:
        os.fsync(descriptor)
    os.close(descriptor)
    os.rename(path + ".tmp", path)
    if IS_FULL:
        descriptor = os.open(folder, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
    return path


def event(kind, step, **fields):
    line = {"type": kind, "time": time.time_ns() // 1000, "run_id": RUN_ID, "step": step, "attempt": 1}
    return json.dumps(line | {"offsets": [0, 0, 0]} | fields)


def run(step):
    events, inputs, value = [event("step_started", step)], [], step
    if IS_CHAIN and step > 0:
        value = load(step - 1) + 1
        inputs = [{"name": "value", "asset_key": [f"value_{step - 1}"], "metadata": {}, "seconds": 0.001}]
    events.append(event("inputs_loaded", step, inputs=inputs))
    path = store(step, value)
    metadata = {"path": {"type": "path", "value": path}, "bytes": {"type": "int", "value": 5}}
    stored = {"uri": f"file://{path}", "format": "pickle", "schema": None, "bytes": 5, "etag": None}
    events.append(event("materialized", step, asset_key=f"value_{step}", metadata=metadata, stored=stored))
    events.append(event("step_ended", step, status="success", error=None, seconds=0.001))
    os.write(events_out, ("\n".join(events) + "\n").encode())  # below PIPE_BUF: in one piece


def tell(**fields):
    os.write(events_out, (json.dumps(fields) + "\n").encode())


def read_steps():
    """The steps of one read; none at the end. Lines are short: a read never ends inside one."""
    return [json.loads(line)["step"] for line in os.read(steps_in, 65536).splitlines()]


def take_step_after_step():
    while steps := read_steps():
        for step in steps:
            run(step)


def fork_for_each():
    """Waits for steps and for children at once: a child's end is seen by its pidfd."""
    gc.collect()
    gc.freeze()
    gc.disable()
    children, poller, is_over = {}, select.poll(), False
    poller.register(steps_in, select.POLLIN)
    while children or not is_over:
        for descriptor, _ in poller.poll():
            if descriptor in children:
                pid, step = children.pop(descriptor)
                poller.unregister(descriptor)
                os.close(descriptor)
                os.waitpid(pid, 0)
                tell(exited=step)
                continue
            steps = read_steps()
            for step in steps:
                fork(step, children, poller)
            if not steps:
                is_over = True
                poller.unregister(steps_in)


def fork(step, children, poller):
    pid = os.fork()
    if pid == 0:
        run(step)
        os._exit(0)
    descriptor = os.pidfd_open(pid)
    children[descriptor] = (pid, step)
    poller.register(descriptor, select.POLLIN)


tell(ready=True)
cpu_before = cpu_seconds()
take_step_after_step() if mode == "worker" else fork_for_each()
tell(cpu_seconds=cpu_seconds() - cpu_before)
