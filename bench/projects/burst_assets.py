"""Assets that fill their worker's journal as fast as a process can: each event is a line made beforehand,
written straight to the journal (descriptor 4, core/protocol/README.md), four lines a write, with a wake-up
behind each write as the SDK does.
"""

import os
import socket
import time

from dagster import AssetExecutionContext, Definitions, asset

from headrace.host.lines import encode
from headrace.worker.journal import journal_line, now

EVENTS = int(os.environ.get("BENCH_EVENTS", "100000"))
JOURNAL, SOCKET, LINES_A_WRITE = 4, 3, 4


def lines(run_id, name):
    metadata = {
        "path": {"type": "path", "value": f"storage/{name}"},
        "bytes": {"type": "int", "value": 5},
        "note": {"type": "text", "value": "x" * 60},
    }
    step = {"run_id": run_id, "step_key": name, "attempt": 1, "offsets": [0, 0, 0]}
    line = {"type": "observed", "time": now(), **step, "asset_key": [name], "partition": None, "metadata": metadata}
    return journal_line(encode(line))


def burst(name):
    @asset(name=name)
    def one(context: AssetExecutionContext):
        block = lines(context.run.run_id, name) * LINES_A_WRITE
        with socket.socket(fileno=os.dup(SOCKET)) as wake:
            began = time.time()
            for _ in range(EVENTS // LINES_A_WRITE):
                os.write(JOURNAL, block)
                try:
                    wake.send(b"\n", socket.MSG_DONTWAIT)
                except BlockingIOError:
                    pass  # full of wake-ups
        context.add_output_metadata({"began": began, "wrote": time.time(), "line": len(block) // LINES_A_WRITE})
        return EVENTS

    return one


defs = Definitions(assets=[burst("burst_0"), burst("burst_1")])
