"""A code location in plain Python, without any SDK: it proves that the protocol is enough, and it behaves badly on demand.

    python plain.py GRAPH.json

GRAPH.json: {"assets": {"a": [], "b": ["a"]}, "behavior": {"b": "fail"}, "spawn": false, "in_memory": false,
             "fields": {"b": {"pool": "db"}}, "execution": {}, "birth": "PATH", "protocol": 1}

Behaviors of a step: "ok" (default), "fail", "fail_once", "wish" (fails once and asks for a retry itself), "forbid"
(fails and forbids a retry), "retire" (succeeds and takes no other step), "exit" (status 3), "segfault", "kill"
(SIGKILL to itself), "lost" (dies before it begins, once), "lost_always" (says so on stderr and dies before it begins,
each time), "torn" (half a journal line, then SIGKILL), "hang:PATH" (reads a FIFO until its other side closes it),
"flood" (3.5 MB of observations), "disk_full" (exit status 75, once),
"child" (leaves a child behind that holds the journal, says its pid in GRAPH.json.child, and dies; the second attempt
fails if that child still lives),
"failed_long_ago" (fails once, as if that had been an hour ago). "once" marks are files beside GRAPH.json.

"birth" is a FIFO: a worker reads it until its other side closes it, before it says anything.
"""

import hashlib
import json
import os
import select
import signal
import socket
import sys
import time
import zlib


def send(sock: socket.socket, message: dict) -> None:
    sock.sendall(json.dumps(message).encode() + b"\n")


def definitions(graph: dict) -> dict:
    manager = {
        "key": "io_manager",
        "type": "plain.Nothing",
        "description": None,
        "is_io_manager": True,
        "in_memory": graph.get("in_memory", False),
        "nested": [],
        "config": [],
    }
    assets = [
        {
            "key": [name],
            "step_key": name,
            "group": "default",
            "deps": [{"key": [d], "input": d, "input_manager_key": None} for d in deps],
            "io_manager_key": "io_manager",
            "stores_output": True,
            "required_resources": ["io_manager"],
            **graph.get("fields", {}).get(name, {}),
        }
        for name, deps in graph["assets"].items()
    ]
    return {"assets": assets, "resources": [manager], "env_vars": [], "execution": graph.get("execution", {})}


def digest(described: dict) -> str:
    return hashlib.sha256(json.dumps(described, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class Journal:
    def __init__(self, fd: int, sock: socket.socket) -> None:
        self.fd, self.sock = fd, sock
        self.steps = 0

    def append(self, *lines: dict, wake: bool = True) -> None:
        data = b""
        for line in lines:
            body = json.dumps({"time": time.time_ns() // 1000, **line}).encode()
            data += b"%08x %s\n" % (zlib.crc32(body), body)
        os.write(self.fd, data)
        if not wake:
            return
        try:
            self.sock.send(b"\n", socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError:
            pass  # nobody listens any more, or enough wake-ups wait already


def happens_once(graph_path: str, mark: str) -> bool:
    try:
        os.close(os.open(f"{graph_path}.{mark}", os.O_CREAT | os.O_EXCL))
        return True
    except FileExistsError:
        return False


def is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def leave_a_child(graph_path: str) -> None:
    pid = os.fork()
    if pid == 0:
        os.setsid()
        while True:
            signal.pause()
    with open(graph_path + ".child", "w") as file:
        file.write(str(pid))
    os.kill(os.getpid(), signal.SIGKILL)


def run_step(journal: Journal, graph: dict, graph_path: str, step: dict) -> None:
    behavior = graph.get("behavior", {}).get(step["step_key"], "ok")
    if behavior == "lost" and happens_once(graph_path, "lost"):
        os.kill(os.getpid(), signal.SIGKILL)
    if behavior == "lost_always":
        os.write(2, b"not this step\n")
        os.kill(os.getpid(), signal.SIGKILL)
    if behavior == "disk_full" and happens_once(graph_path, "disk_full"):
        os._exit(75)
    about = {
        "run_id": step["run_id"],
        "step_key": step["step_key"],
        "attempt": step["attempt"],
        "offsets": [0, 0, 0],
    }
    # As the protocol allows: the daemon looks by itself for the start of a step that is not the first.
    journal.append({"type": "step_started", **about}, wake=journal.steps == 0)
    journal.steps += 1
    if behavior.startswith("hang:"):
        with open(behavior[5:], "rb") as fifo:
            fifo.read()
    elif behavior == "exit":
        os._exit(3)
    elif behavior == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif behavior == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif behavior == "child":
        if step["attempt"] == 1:
            leave_a_child(graph_path)
        assert not is_alive(int(open(graph_path + ".child").read()))
    elif behavior == "torn":
        os.write(journal.fd, b'00000000 {"type":"mater')
        os.kill(os.getpid(), signal.SIGKILL)
    elif behavior == "flood":
        note = {"note": {"type": "text", "value": "x" * 1000}}
        for _ in range(2000):
            journal.append(
                {"type": "observed", **about, "asset_key": step["asset_key"], "metadata": note}, wake=False
            )
        long = {"note": {"type": "text", "value": "x" * 1_500_000}}
        journal.append(
            {"type": "observed", **about, "asset_key": step["asset_key"], "metadata": long}, wake=False
        )
    fails_once = behavior in ("fail_once", "wish", "failed_long_ago") and step["attempt"] == 1
    if behavior in ("fail", "forbid") or fails_once:
        error = {
            "type": "ValueError",
            "message": "asked to fail",
            "stack": "",
            "file": None,
            "line": None,
            "phase": "asset",
        }
        wish = {"wish": {"max_retries": 1, "seconds": 0}, "forbid": False}.get(behavior)
        if behavior == "failed_long_ago":
            about["time"] = time.time_ns() // 1000 - 3_600_000_000
        return journal.append(
            {"type": "step_ended", **about, "status": "failure", "error": error, "seconds": 0, "retry": wish}
        )
    journal.append({"type": "inputs_loaded", **about, "inputs": step["inputs"]})
    journal.append(
        {
            "type": "materialized",
            **about,
            "asset_key": step["asset_key"],
            "partition": None,
            "metadata": {},
            "stored": None,
        },
        {
            "type": "step_ended",
            **about,
            "status": "success",
            "error": None,
            "seconds": 0,
            "retiring": behavior == "retire",
        },
    )


def work(sock: socket.socket, journal_fd: int, worker_id: int, graph_path: str) -> None:
    """A worker: steps come line by line; the end of the stream is the end of the work."""
    graph = json.load(open(graph_path))
    journal = Journal(journal_fd, sock)
    if "birth" in graph:
        with open(graph["birth"], "rb") as fifo:
            fifo.read()
    with open("/proc/self/stat") as stat:
        started = int(stat.read().rpartition(")")[2].split()[19])
    journal.append(
        {
            "type": "worker_started",
            "protocol": 1,
            "worker_id": worker_id,
            "pid": os.getpid(),
            "start_time": started,
            "boot_id": open("/proc/sys/kernel/random/boot_id").read().strip(),
            "hash": digest(definitions(graph)),
            "definitions": definitions(graph),
        }
    )
    for line in sock.makefile("rb"):
        message = json.loads(line.strip() or b'{"type": "nudge"}')
        if message["type"] == "run_step":
            run_step(journal, graph, graph_path, message)
    journal.append({"type": "worker_ended", "reason": "no more steps"})


def fork_worker(forks: socket.socket, graph_path: str) -> None:
    data, fds, _, _ = socket.recv_fds(forks, 65536, 8)
    if not data:
        return
    worker_id = json.loads(data)["worker_id"]
    pid = os.fork()
    if pid == 0:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for target, fd in enumerate(fds, start=100):
            os.dup2(fd, target)
        for target in range(1, 6):
            os.dup2(99 + target, target, inheritable=False)
        os.closerange(6, 200)
        work(socket.socket(fileno=3), 4, worker_id, graph_path)
        os._exit(0)
    for fd in fds:
        os.close(fd)
    pidfd = os.pidfd_open(pid)
    socket.send_fds(
        forks, [json.dumps({"type": "worker_forked", "worker_id": worker_id, "pid": pid}).encode()], [pidfd]
    )
    os.close(pidfd)
    WORKERS[pid] = worker_id


def reap(control: socket.socket) -> None:
    while WORKERS:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        code = os.waitstatus_to_exitcode(status)
        send(
            control,
            {
                "type": "worker_exited",
                "worker_id": WORKERS.pop(pid),
                "pid": pid,
                "exit_code": max(code, 0),
                "signal": -code if code < 0 else None,
            },
        )


WORKERS: dict[int, int] = {}


def host(graph_path: str) -> None:
    control, forks = socket.socket(fileno=3), socket.socket(fileno=4)
    send(
        control,
        {
            "type": "hello",
            "protocol": json.load(open(graph_path)).get("protocol", 1),
            "language": "plain",
            "language_version": "1",
            "sdk": "none",
            "fork": True,
            "pid": os.getpid(),
            "executable": sys.executable,
        },
    )
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    lines = control.makefile("rb", buffering=0)
    while True:
        readable, _, _ = select.select([control, forks, wake_read], [], [])
        if wake_read in readable:
            os.read(wake_read, 4096)
            reap(control)
        if forks in readable:
            fork_worker(forks, graph_path)
        if control in readable:
            line = lines.readline()
            if not line or json.loads(line)["type"] == "shutdown":
                return
            graph = json.load(open(graph_path))
            described = definitions(graph)
            send(
                control,
                {
                    "type": "definitions",
                    "hash": digest(described),
                    "worker_start": "spawn" if graph.get("spawn") else "fork",
                    "worker_start_reason": None,
                    "load_seconds": 0.0,
                    "definitions": described,
                },
            )


if __name__ == "__main__":
    if os.environ["HEADRACE_ROLE"] == "worker":
        work(socket.socket(fileno=3), 4, int(os.environ["HEADRACE_WORKER_ID"]), sys.argv[1])
    else:
        host(sys.argv[1])
