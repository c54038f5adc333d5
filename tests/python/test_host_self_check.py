"""What an import leaves behind decides whether workers can be forked. Each check runs in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest
from protocol_driver import SDK

CHECK = """
from headrace.host import self_check
before = self_check.open_sockets()
{code}
print(self_check.find_reason_to_spawn("my_module", before))
import os, sys
sys.stdout.flush()
os._exit(0)
"""


def reason_after(code: str, **environment: str) -> str:
    program = CHECK.format(code=textwrap.dedent(code))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment, "PYTHONPATH": str(SDK)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_plain_code_is_forked():
    assert reason_after("import json, logging, concurrent.futures") == "None"


def test_a_python_thread():
    reason = reason_after("""
        import threading
        threading.Thread(target=threading.Event().wait, name="heartbeat", daemon=True).start()
    """)
    assert reason.startswith("Importing my_module left 1 thread running (heartbeat): ")
    assert reason.endswith(".")


def test_a_thread_that_has_ended_does_not_count():
    assert (
        reason_after("""
        import threading
        thread = threading.Thread(target=print)
        thread.start()
        thread.join()
    """).splitlines()[-1]
        == "None"
    )


NATIVE_THREADS = """
    import ctypes, os
    libc = ctypes.CDLL(None)
    handle = ctypes.c_ulong()
    for name in {names!r}:
        others = set(os.listdir("/proc/self/task"))
        libc.pthread_create(ctypes.byref(handle), None, libc.pause, None)
        for task in set(os.listdir("/proc/self/task")) - others:
            if name:
                open(f"/proc/self/task/{{task}}/comm", "w").write(name)
"""


def test_native_threads_by_name():
    reason = reason_after(NATIVE_THREADS.format(names=["polars-0", "polars-1"]))
    assert "2 threads running (polars-0, polars-1)" in reason


def test_a_native_thread_without_a_name():
    assert "1 thread running (unnamed)" in reason_after(NATIVE_THREADS.format(names=[None]))


@pytest.mark.parametrize("name", ["jemalloc_bg_thd", "polars-ooc-clea"])
def test_threads_that_forks_get_over(name):
    assert reason_after(NATIVE_THREADS.format(names=[name])) == "None"


@pytest.mark.parametrize("threads", ["1", "2", "4"])
def test_openblas_threads_are_safe(threads):
    pytest.importorskip("numpy")
    code = "import numpy; numpy.ones((500, 500)) @ numpy.ones((500, 500))"
    assert reason_after(code, OPENBLAS_NUM_THREADS=threads) == "None"


def test_a_thread_beside_openblas_is_found():
    pytest.importorskip("numpy")
    code = "import numpy" + NATIVE_THREADS.format(names=[None]).replace("\n    ", "\n")
    assert "1 thread running (unnamed)" in reason_after(code, OPENBLAS_NUM_THREADS="2")


def test_pandas_is_forked():
    pytest.importorskip("pandas")
    assert reason_after("import pandas; pandas.DataFrame({'a': [1]}).groupby('a').sum()") == "None"


def test_open_sockets_are_named():
    port, reason = reason_after("""
        import socket
        server = socket.create_server(("127.0.0.1", 0))
        port = server.getsockname()[1]
        client = socket.create_connection(server.getsockname())
        print(port)
    """).splitlines()
    assert f"2 sockets open (listening on 127.0.0.1 port {port}, to 127.0.0.1 port {port})" in reason


def test_a_closed_connection_does_not_count():
    assert reason_after("import socket; socket.socket().close()") == "None"
