"""What a step does to its process, and what the next one sees of it."""

from __future__ import annotations

import os

import pytest

CODE = """
    import os, random, signal, subprocess, sys
    from dagster import asset

    try:
        import numpy
    except ImportError:
        numpy = None

    @asset
    def disturbs() -> None:
        os.makedirs("gone", exist_ok=True)
        os.chdir("gone")
        os.rmdir("../gone")
        os.umask(0o777)
        os.environ["PATH"] = "/nowhere"
        os.environ["NEW"] = "1"
        del os.environ["HEADRACE_HOME"]
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, lambda *_: None)
        sys.stdout = open(os.devnull, "w")

    @asset
    def looks() -> None:
        mask = os.umask(0)
        os.umask(mask)
        handlers = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGUSR1)]
        print(os.getcwd(), oct(mask), os.environ["PATH"], "NEW" in os.environ, "HEADRACE_HOME" in os.environ)
        print(handlers == [signal.default_int_handler, signal.SIG_DFL], signal.getsignal(signal.SIGTERM).__name__)

    @asset
    def draws() -> None:
        print("drawn", random.random(), None if numpy is None else numpy.random.random())

    @asset
    def floods() -> None:
        line = "x" * 999
        for _ in range(20_000):
            print(line)

    @asset
    def floods_beyond_the_cap() -> None:
        os.write(1, b"first\\n")
        block = b"y" * (1 << 20)
        for _ in range(120):
            os.write(1, block)
        os.write(1, b"last\\n")

    @asset
    def writes_binary() -> None:
        sys.stdout.buffer.write(bytes(range(256)) * 100)
        sys.stderr.buffer.write(b"\\xff\\xfe\\x00")
        print("surrogate \\udcff")
        os.write(1, b"\\n{\\"type\\":\\"step_ended\\"}\\n")

    @asset
    def prints() -> None:
        print("to stdout")
        print("to stderr", file=sys.stderr)
        sys.stdout.write("no line break")
        import ctypes
        ctypes.CDLL(None).puts(b"from C")

    @asset
    def closes_stdout() -> None:
        sys.stdout.close()

    @asset
    def closes_descriptor_1() -> None:
        os.close(1)

    @asset
    def redirects_descriptor_1() -> None:
        os.dup2(os.open("elsewhere", os.O_CREAT | os.O_WRONLY), 1)

    @asset
    def runs_a_program() -> None:
        subprocess.run(["ls", "-l", "/proc/self/fd"], check=True)

    @asset(required_resource_keys=set())
    def logs(context) -> None:
        context.log.info("hello %s", "there")
        context.log.warning("two\\nlines")

    @asset
    def reads_stdin() -> None:
        print(repr(sys.stdin.read()))

    @asset
    def leads_its_session() -> None:
        print(os.getsid(0) == os.getpid(), os.environ["HEADRACE_ROLE"])
"""


POOL = """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from dagster import asset

    def square(number):
        return number * number

    @asset
    def in_a_pool() -> None:
        for method in ("spawn", "forkserver", "fork"):
            with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as pool:
                print(method, list(pool.map(square, [1, 2, 3])))
"""


def test_process_pools_of_user_code(start_host):
    host = start_host(POOL)
    host.load()
    worker = host.fork_worker()
    assert worker.run("in_a_pool")["status"] == "success", worker.errors()
    assert worker.output().splitlines() == [f"{how} [1, 4, 9]" for how in ("spawn", "forkserver", "fork")]
    worker.no_more_steps()
    assert host.wait_for_exit_of(worker)["exit_code"] == 0


@pytest.fixture
def host(start_host):
    host = start_host(CODE)
    host.load()
    return host


@pytest.fixture
def worker(host):
    return host.fork_worker()


def test_the_next_step_finds_everything_as_it_was(host, worker):
    worker.run("looks")
    before = worker.output()
    assert worker.run("disturbs")["status"] == "success"
    worker.run("looks", attempt=2)
    assert worker.output() == before * 2
    directory, _, path, new, home = before.splitlines()[0].split()
    assert (directory, path, new, home) == (str(host.directory), os.environ["PATH"], "False", "True")
    assert before.splitlines()[1] == "True _on_terminate"


def test_siblings_draw_different_numbers(host):
    drawn = set()
    for _ in range(3):
        worker = host.fork_worker()
        worker.run("draws")
        drawn.update(worker.output().split()[1:])
    numbers = drawn - {"None"}
    assert len(numbers) in (3, 6)


def test_offsets_mark_what_each_step_wrote(worker):
    ended = worker.run("prints")
    start = worker.events("prints")[0]["offsets"]
    end = ended["offsets"]
    written = worker.files.stdout.read_bytes()[start[0] : end[0]]
    assert written == b"to stdout\nno line breakfrom C\n"
    assert worker.files.stderr.read_bytes()[start[1] : end[1]] == b"to stderr\n"
    worker.run("draws")
    assert worker.events("draws")[0]["offsets"] == end


def test_a_flood_is_no_harm(worker):
    ended = worker.run("floods")
    assert ended["status"] == "success"
    assert ended["offsets"][0] == worker.files.stdout.stat().st_size == 20_000 * 1000


def test_beyond_the_cap_head_and_tail_stay(worker):
    ended = worker.run("floods_beyond_the_cap")
    size = worker.files.stdout.stat().st_size
    assert ended["offsets"][0] == size > 120 * 1024 * 1024
    worker.run("draws")  # the hole is made after the step's end was journaled
    with worker.files.stdout.open("rb") as file:
        assert file.read(8) == b"first\nyy"
        file.seek(ended["offsets"][0] - 7)
        assert file.read(7) == b"yylast\n"[-7:]
        file.seek(size // 2)
        middle = file.read(1)
    if middle != b"y":  # the file system can make holes
        assert middle == b"\0"
        assert worker.files.stdout.stat().st_blocks * 512 < 105 * 1024 * 1024


def test_binary_output_and_forged_lines_change_nothing(worker):
    assert worker.run("writes_binary")["status"] == "success"
    assert [line["type"] for line in worker.events("writes_binary")].count("step_ended") == 1
    assert b"surrogate \\udcff" in worker.files.stdout.read_bytes()


@pytest.mark.parametrize("step", ["closes_stdout", "closes_descriptor_1", "redirects_descriptor_1"])
def test_the_next_step_has_its_stdout_again(host, worker, step):
    assert worker.run(step)["status"] == "success"
    assert worker.run("draws")["status"] == "success"
    assert worker.output().startswith("drawn")
    assert worker.files.stdout.read_bytes() == worker.output().encode()


def test_programs_inherit_stdout_and_stderr_alone(host, worker):
    assert worker.run("runs_a_program")["status"] == "success"
    listing = worker.output()
    for file in (worker.files.journal, worker.files.log):
        assert str(file) not in listing
    assert "socket:" not in listing


def test_the_log_has_a_line_for_each_message(worker):
    worker.run("logs")
    first, second = worker.log()
    assert (first["level"], first["message"], first["step_key"], first["attempt"]) == (
        "info",
        "hello there",
        "logs",
        1,
    )
    assert (second["level"], second["message"]) == ("warning", "two\nlines")
    assert first["run_id"] and isinstance(first["time"], int)


def test_standard_input_is_empty(worker):
    worker.run("reads_stdin")
    assert worker.output() == "''\n"


def test_a_worker_leads_its_own_session(worker):
    worker.run("leads_its_session")
    assert worker.output() == "True worker\n"


def test_the_journal_is_for_its_owner_alone(worker):
    worker.wait_for("worker_started")
    assert worker.files.journal.stat().st_mode & 0o777 == 0o600


def test_worker_started_tells_who_it_is(host, worker):
    line = worker.wait_for("worker_started")
    with open(f"/proc/{worker.pid}/stat") as file:
        start_time = int(file.read().rpartition(")")[2].split()[19])
    assert (line["pid"], line["worker_id"], line["start_time"]) == (worker.pid, worker.worker_id, start_time)
    host.send({"type": "describe"})
    assert line["hash"] == host.receive()["hash"]
