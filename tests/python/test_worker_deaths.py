"""Workers that die, and workers whose daemon dies: the journal tells the truth in every case."""

from __future__ import annotations

import os
import signal

import pytest
from protocol_driver import is_locked, read_journal

CODE = """
    import os, signal, sys, time
    from dagster import asset

    def wait_for(name):
        fifo = os.open(name, os.O_RDONLY)  # until the test writes
        os.read(fifo, 1)
        os.close(fifo)

    @asset
    def quick() -> None:
        print("quick was here")

    @asset
    def slow() -> None:
        print("slow has begun")
        wait_for("go")

    @asset
    def segfault() -> None:
        import ctypes
        ctypes.string_at(0)

    @asset
    def leaves() -> None:
        print("about to leave")
        sys.exit(3)

    @asset
    def leaves_at_once() -> None:
        os._exit(4)

    @asset
    def interrupts_itself() -> None:
        raise KeyboardInterrupt

    @asset
    def out_of_memory() -> None:
        raise MemoryError("no more")

    @asset
    def forks() -> None:
        pid = os.fork()
        if pid == 0:
            return  # the child comes back into our code
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

    @asset
    def fork_raises() -> None:
        pid = os.fork()
        if pid == 0:
            raise ValueError("in the child")
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1

    @asset
    def closes_everything() -> None:
        os.closerange(3, 64)

    @asset
    def fills_the_journals_limit() -> None:
        import resource
        size = os.fstat(4).st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
"""


@pytest.fixture
def host(start_host):
    host = start_host(CODE)
    os.mkfifo(host.directory / "go")
    host.load()
    return host


def let_go(host) -> None:
    with open(host.directory / "go", "wb") as fifo:
        fifo.write(b"x")


def assert_whole(worker) -> list[str]:
    """The journal ends with a whole line and its lock is free; its kinds of lines."""
    lines, rest = read_journal(worker.files.journal)
    assert rest == b""
    assert not is_locked(worker.files.journal)
    return [line["type"] for line in lines]


def test_kill_9_while_a_step_runs(host):
    worker = host.fork_worker()
    worker.send(worker.step("slow"))
    worker.wait_for_output("slow has begun")
    assert is_locked(worker.files.journal)
    worker.kill()
    worker.wait_for_end()
    exited = host.wait_for_exit_of(worker)
    assert (exited["exit_code"], exited["signal"]) == (None, signal.SIGKILL)
    assert assert_whole(worker)[:2] == ["worker_started", "step_started"]
    assert "step_ended" not in assert_whole(worker)


def test_the_next_worker_is_none_the_worse(host):
    first = host.fork_worker()
    first.send(first.step("segfault"))
    first.wait_for_end()
    assert host.fork_worker().run("quick")["status"] == "success"


def test_a_segfault_leaves_pythons_stack_on_stderr(host):
    worker = host.fork_worker()
    worker.send(worker.step("segfault"))
    worker.wait_for_end()
    assert host.wait_for_exit_of(worker)["signal"] == signal.SIGSEGV
    assert "Segmentation fault" in worker.errors() and "my_code.py" in worker.errors()
    assert "step_ended" not in assert_whole(worker)


def test_sys_exit_fails_the_step_and_the_worker_goes_on(host):
    worker = host.fork_worker()
    ended = worker.run("leaves")
    assert ended["status"] == "failure"
    assert ended["error"]["type"] == "SystemExit" and "sys.exit(3)" in ended["error"]["message"]
    assert ended["error"]["file"] == "my_code.py"
    assert worker.run("quick")["status"] == "success"


def test_os_exit_is_seen_as_the_workers_death(host):
    worker = host.fork_worker()
    worker.send(worker.step("leaves_at_once"))
    worker.wait_for_end()
    assert host.wait_for_exit_of(worker)["exit_code"] == 4
    assert "step_ended" not in assert_whole(worker)


@pytest.mark.parametrize(
    ("step", "error"), [("interrupts_itself", "KeyboardInterrupt"), ("out_of_memory", "MemoryError")]
)
def test_exceptions_that_are_no_errors_fail_the_step(host, step, error):
    worker = host.fork_worker()
    ended = worker.run(step)
    assert (ended["status"], ended["error"]["type"]) == ("failure", error)
    assert worker.run("quick")["status"] == "success"


@pytest.mark.parametrize("step", ["forks", "fork_raises"])
def test_a_child_that_comes_back_journals_nothing(host, step):
    worker = host.fork_worker()
    assert worker.run(step)["status"] == "success"
    worker.no_more_steps()
    worker.wait_for_end()
    kinds = assert_whole(worker)
    assert kinds.count("step_ended") == 1 and kinds.count("worker_ended") == 1


def test_a_failed_append_ends_with_75(host):
    """RLIMIT_FSIZE stands in for a full disk: the next append is refused."""
    worker = host.fork_worker()
    worker.send(worker.step("fills_the_journals_limit"))
    worker.wait_for_end()
    assert host.wait_for_exit_of(worker)["exit_code"] == 75
    assert assert_whole(worker)[-1] != "step_ended"
    assert "cannot append to this worker's journal" in worker.errors()


def test_code_that_closes_the_journal_costs_the_step(host):
    worker = host.fork_worker()
    worker.send(worker.step("closes_everything"))
    worker.wait_for_end()
    assert host.wait_for_exit_of(worker)["exit_code"] == 1
    assert "step_ended" not in assert_whole(worker)


def test_the_worker_outlives_the_host_and_ends_its_step(host):
    worker = host.fork_worker()
    worker.send(worker.step("slow"))
    worker.wait_for_output("slow has begun")
    os.kill(host.pid, signal.SIGKILL)
    assert host.wait_for_end() == -signal.SIGKILL
    let_go(host)
    assert worker.wait_for("step_ended")["status"] == "success"
    assert worker.run("quick", attempt=2)["status"] == "success"
    worker.no_more_steps()
    worker.wait_for_end()
    assert assert_whole(worker)[-1] == "worker_ended"


def test_a_closed_socket_lets_the_step_end_and_then_the_worker(host):
    worker = host.fork_worker()
    worker.send(worker.step("slow"), worker.step("quick"))
    worker.wait_for_output("slow has begun")
    worker.files.socket.close()  # the daemon was killed: what it had sent is still in the buffer
    let_go(host)
    worker.wait_for_end()
    assert host.wait_for_exit_of(worker)["exit_code"] == 0
    lines, _ = read_journal(worker.files.journal)
    assert [line["step_key"] for line in lines if line["type"] == "step_ended"] == ["slow", "quick"]
    assert assert_whole(worker)[-1] == "worker_ended"


def test_the_worker_drains_its_socket_after_the_writing_side_was_shut(host):
    worker = host.fork_worker()
    worker.send(*(worker.step("quick", attempt=number) for number in range(1, 6)))
    worker.no_more_steps()
    worker.wait_for_end()
    ended = [line["attempt"] for line in worker.journal() if line["type"] == "step_ended"]
    assert ended == [1, 2, 3, 4, 5]


def test_a_worker_that_gets_no_step_ends_too(host):
    worker = host.fork_worker()
    worker.no_more_steps()
    worker.wait_for_end()
    assert assert_whole(worker) == ["worker_started", "worker_ended"]


@pytest.mark.parametrize("line", [b"not json\n", b'{"type":"dance"}\n', b"[]\n"])
def test_garbage_ends_the_worker_with_a_reason(host, line):
    worker = host.fork_worker()
    worker.files.socket.sendall(line)
    worker.wait_for_end()
    assert host.wait_for_exit_of(worker)["exit_code"] == 1
    assert "the daemon sent" in worker.journal()[-1]["reason"]


def test_fork_failed_is_answered_and_the_host_lives(start_host):
    host = start_host("raise ValueError")
    host.describe()
    answer, received, files = host.request_worker(1)
    assert answer["type"] == "fork_failed" and "not loaded" in answer["message"]
    assert received == []
    assert not is_locked(files.journal)
    host.send({"type": "describe"})
    assert host.receive()["type"] == "load_failed"


def open_files(pid: int) -> dict[int, str]:
    folder = f"/proc/{pid}/fd"
    return {int(name): os.readlink(f"{folder}/{name}") for name in os.listdir(folder)}


def test_the_host_keeps_no_copy_of_a_workers_files(host):
    workers = [host.fork_worker() for _ in range(3)]
    for worker in workers:
        worker.wait_for("worker_started")
    hosts = open_files(host.pid)
    for worker in workers:
        files = open_files(worker.pid)
        assert files[4] == str(worker.files.journal) and files[5] == str(worker.files.log)
        assert str(worker.files.journal) not in hosts.values()
        assert files[6].startswith("pipe:") and files[6] not in hosts.values()
        own = {files[number] for number in (1, 2)}  # and copies, to restore them from
        beyond = {number: name for number, name in files.items() if number > 6 and name not in own}
        assert beyond.items() <= hosts.items()  # what the host was given by whoever runs this test
