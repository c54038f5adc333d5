"""Forks after `import pandas, pyarrow`, again and again; each child reads CSV, computes, and writes and reads Parquet.

Every result is checked: a wrong one would be worse than a slow one. Prints a JSON object, also when it is told to end
(SIGTERM). Usage: fork_rounds.py MODE ROUNDS FOLDER. The modes:
  cold    the parent has only imported, as a host has
  hot     the parent has done the same work before: its thread pools are up
  busy    a thread of the parent does the work at the moment of the fork
  nofork  control: the same work in this process
"""

import json
import os
import resource
import select
import signal
import sys
import threading
import time
import traceback

import pandas
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

mode, rounds, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
ROWS, SUM = 20_000, 199_990_000
LIMIT_SECONDS = 60
SOURCE = f"{folder}/rows.csv"
is_over = False


def check(what, got, want):
    if got != want:
        raise ValueError(f"wrong {what}: {got}, not {want}")


def work(target):
    options = pyarrow.csv.ReadOptions(block_size=1 << 14)  # many blocks, so that the pool's threads take part
    table = pyarrow.csv.read_csv(SOURCE, read_options=options)
    check("rows of the CSV file", table.num_rows, ROWS)
    check("sum of the CSV file", pyarrow.compute.sum(table["a"]).as_py(), SUM)
    check("last text of the CSV file", table["b"][ROWS - 1].as_py(), f"x{ROWS - 1}")
    frame = pandas.read_csv(SOURCE)
    check("pandas' frame", (len(frame), int(frame.a.sum())), (ROWS, SUM))
    check("the table as a frame", int(table.to_pandas().a.sum()), SUM)
    frame.to_parquet(target)
    back = pyarrow.parquet.read_table(target)
    check("the Parquet file", (back.num_rows, pyarrow.compute.sum(back["a"]).as_py()), (ROWS, SUM))


def succeeds(target):
    try:
        work(target)
        return True
    except BaseException:
        traceback.print_exc()
        return False


def forked_round():
    """Milliseconds of the fork; how the child ended: ok, failed or hung."""
    began = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os._exit(0 if succeeds(f"{folder}/child.parquet") else 1)
    fork_ms = (time.perf_counter() - began) * 1e3
    descriptor = os.pidfd_open(pid)
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    has_ended = poller.poll(LIMIT_SECONDS * 1000)
    if not has_ended:
        os.kill(pid, signal.SIGKILL)
    os.close(descriptor)
    _, status = os.waitpid(pid, 0)
    return fork_ms, "hung" if not has_ended else "ok" if status == 0 else "failed"


def end(*_):
    global is_over
    is_over = True


def quantile(values, share):
    ordered = sorted(values) or [0.0]
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 3)


if not os.path.exists(SOURCE):
    with open(SOURCE, "w") as file:
        file.write("a,b,c\n")
        file.writelines(f"{i},x{i},{i * 0.5}\n" for i in range(ROWS))
if mode != "cold":
    work(f"{folder}/parent.parquet")
signal.signal(signal.SIGTERM, end)
if mode == "busy":
    threading.Thread(target=lambda: [work(f"{folder}/thread.parquet") for _ in iter(lambda: is_over, True)]).start()
counts, forks, wholes = {"ok": 0, "failed": 0, "hung": 0}, [], []
for _ in range(rounds):
    if is_over:
        break
    began = time.perf_counter()
    if mode == "nofork":
        outcome = "ok" if succeeds(f"{folder}/control.parquet") else "failed"
    else:
        fork_ms, outcome = forked_round()
        forks.append(fork_ms)
    counts[outcome] += 1
    wholes.append((time.perf_counter() - began) * 1e3)
is_over = True
print(
    json.dumps(
        counts
        | {
            "fork_ms_median": quantile(forks, 0.5),
            "fork_ms_p99": quantile(forks, 0.99),
            "whole_ms_median": quantile(wholes, 0.5),
            "parent_threads": len(os.listdir("/proc/self/task")),
            "parent_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            "pandas": pandas.__version__,
            "pyarrow": pyarrow.__version__,
        }
    ),
    flush=True,
)
