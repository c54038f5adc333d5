"""The host: hello, loading, and every way in which loading fails."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys

import pytest
from protocol_driver import SDK, wait_readable

ASSET = """
    from dagster import asset

    @asset
    def one():
        return 1
"""


def error_of(host) -> dict:
    answer = host.describe()
    assert answer["type"] == "load_failed", answer
    assert answer["error"]["phase"] == "load"
    return answer["error"]


def test_hello_comes_before_user_code_is_imported(start_host):
    host = start_host("open('imported', 'w')")
    hello = host.receive()
    assert hello["type"] == "hello" and hello["protocol"] == 1
    assert (hello["language"], hello["fork"], hello["pid"]) == ("python", True, host.pid)
    assert hello["executable"] == sys.executable
    assert hello["language_version"] == ".".join(map(str, sys.version_info[:3]))
    assert hello["sdk"].startswith("headrace ")
    assert not (host.directory / "imported").exists()


def test_definitions_and_their_hash(start_host):
    answer = start_host(ASSET).describe()
    assert answer["type"] == "definitions"
    assert (answer["worker_start"], answer["worker_start_reason"]) == ("fork", None)
    assert [asset["key"] for asset in answer["definitions"]["assets"]] == [["one"]]
    canonical = json.dumps(answer["definitions"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert answer["hash"] == hashlib.sha256(canonical.encode()).hexdigest()
    assert answer["load_seconds"] > 0


def test_the_same_code_has_the_same_hash(start_host):
    assert start_host(ASSET).describe()["hash"] == start_host(ASSET).describe()["hash"]


def test_user_code_is_imported_once(start_host):
    host = start_host(ASSET + "    open('imports', 'a').write('x')\n")
    first = host.describe()
    host.send({"type": "describe"})
    assert host.receive() == first
    assert (host.directory / "imports").read_text() == "x"


def test_what_the_import_prints_is_in_the_hosts_files(start_host):
    host = start_host(ASSET + "    import sys\n    print('out')\n    print('err', file=sys.stderr)\n")
    host.load()
    assert host.stdout.read_text() == "out\n"
    assert host.stderr.read_text() == "err\n"


def test_a_module_is_found_in_the_working_directory(start_host):
    host = start_host(
        None, "-m", "package.inner", files={"package/__init__.py": "", "package/inner.py": ASSET}
    )
    assert len(host.load()["assets"]) == 1


def test_a_working_directory_of_its_own(start_host):
    files = {
        "sub/code.py": "from dagster import asset\nimport helper\n@asset(name=helper.name)\ndef f(): ...\n",
        "sub/helper.py": "name = 'from_helper'",
    }
    host = start_host(None, "-f", "code.py", "-d", "sub", files=files)
    assert [asset["key"] for asset in host.load()["assets"]] == [["from_helper"]]


def test_a_file_whose_name_is_no_module_name(start_host):
    host = start_host(None, "-f", "my-assets 2.py", files={"my-assets 2.py": ASSET})
    assert [asset["key"] for asset in host.load()["assets"]] == [["one"]]


@pytest.mark.parametrize("attribute", ["defs_b", "make", "inner.defs"])
def test_an_attribute_chooses_the_definitions(start_host, attribute):
    code = """
        from dagster import Definitions, asset

        @asset
        def a(): ...

        @asset
        def b(): ...

        defs_a = Definitions(assets=[a])
        defs_b = Definitions(assets=[b])

        def make():
            return Definitions(assets=[b])

        class inner:
            defs = Definitions(assets=[b])
    """
    host = start_host(code, "-f", "my_code.py", "-a", attribute)
    assert [asset["key"] for asset in host.load()["assets"]] == [["b"]]


# ---- failures


def test_a_syntax_error(start_host):
    error = error_of(start_host("x = 1\ndef broken(:\n    pass\n"))
    assert (error["type"], error["file"], error["line"]) == ("SyntaxError", "my_code.py", 2)
    assert "^" in error["stack"]


def test_an_exception_of_the_import(start_host):
    error = error_of(start_host("def f():\n    raise ValueError('bad config')\n\nf()\n"))
    assert (error["type"], error["message"]) == ("ValueError", "bad config")
    assert (error["file"], error["line"]) == ("my_code.py", 2)
    assert "frames of headrace" in error["stack"]
    assert "importlib" not in error["stack"]


def test_an_error_deep_in_a_package(start_host):
    files = {"pkg/__init__.py": "from . import inner", "pkg/inner.py": "1 / 0"}
    error = error_of(start_host(None, "-m", "pkg", files=files))
    assert (error["type"], error["file"], error["line"]) == ("ZeroDivisionError", "pkg/inner.py", 1)


def test_an_installed_package_is_the_users_code_too(start_host):
    files = {"site-packages/pkg/__init__.py": "def f():\n    1 / 0\nf()\n"}
    error = error_of(start_host(None, "-m", "pkg", "-d", "site-packages", files=files))
    assert (error["file"], error["line"]) == ("pkg/__init__.py", 2)


def test_sys_exit_while_importing(start_host):
    error = error_of(start_host("import sys\nsys.exit(3)\n"))
    assert (error["type"], error["line"]) == ("SystemExit", 2)


def test_a_module_that_does_not_exist(start_host):
    error = error_of(start_host(None, "-m", "no_such_module"))
    assert '"no_such_module" not found' in error["message"]
    assert sys.executable in error["message"]
    assert (error["file"], error["line"]) == (None, None)


def test_a_submodule_that_does_not_exist(start_host):
    error = error_of(start_host(None, "-m", "pkg.missing", files={"pkg/__init__.py": ""}))
    assert '"pkg.missing" not found' in error["message"]


def test_a_file_given_as_module_is_hinted_at(start_host):
    error = error_of(start_host(ASSET, "-m", "my_code.py"))
    assert "use -f" in error["message"]


def test_a_file_that_does_not_exist(start_host):
    host = start_host(None, "-f", "missing.py")
    error = error_of(host)
    assert '"missing.py" not found' in error["message"] and str(host.directory) in error["message"]


def test_a_missing_package_names_it_and_the_interpreter(start_host):
    error = error_of(start_host("import os\nimport polars_of_tomorrow\n"))
    assert error["type"] == "ModuleNotFoundError"
    assert "polars_of_tomorrow" in error["message"] and sys.executable in error["message"]
    assert (error["file"], error["line"]) == ("my_code.py", 2)


def test_no_definitions(start_host):
    error = error_of(start_host("x = 1\n"))
    assert "no Definitions" in error["message"] and "my_code.py" in error["message"]


def test_two_definitions_are_both_named(start_host):
    code = """
        from dagster import Definitions
        first = Definitions()
        second = Definitions()
        again = first
    """
    message = error_of(start_host(code))["message"]
    assert "first and second" in message and "again" not in message


def test_an_attribute_that_does_not_exist(start_host):
    error = error_of(start_host(ASSET, "-f", "my_code.py", "-a", "nothing"))
    assert 'no attribute "nothing"' in error["message"]


def test_two_assets_with_one_key(start_host):
    code = """
        from dagster import Definitions, asset

        @asset(name="iris")
        def a(): ...

        @asset(name="iris")
        def b(): ...

        defs = Definitions(assets=[a, b])
    """
    error = error_of(start_host(code))
    assert error["type"] == "DagsterInvalidDefinitionError"
    assert "iris" in error["message"]


def test_a_name_of_dagster_that_we_lack(start_host):
    error = error_of(start_host("from dagster import ThingOfTomorrow\n"))
    assert (error["type"], error["line"]) == ("ImportError", 1)
    assert "dagster.ThingOfTomorrow" in error["message"]


def test_dagster_is_installed_and_not_asked_to_step_aside(start_host):
    dagster = "class Definitions: ...\n"
    code = "from dagster import Definitions\ndefs = Definitions()\n"
    files = {"dagster/__init__.py": dagster}
    message = error_of(start_host(code, files=files))["message"]
    assert '"defs"' in message and "--compat dagster" in message
    assert (
        start_host(code, "-f", "my_code.py", "--compat", "dagster", files=files).describe()["type"]
        == "definitions"
    )


def test_threads_of_the_import_mean_spawned_workers(start_host):
    code = (
        ASSET
        + "    import threading\n    threading.Thread(target=threading.Event().wait, name='ticker').start()\n"
    )
    host = start_host(code)
    answer = host.describe()
    assert answer["worker_start"] == "spawn"
    assert "my_code.py left 1 thread running (ticker)" in answer["worker_start_reason"]
    host.send({"type": "shutdown"})
    assert host.wait_for_end() == 0  # it does not wait for that thread


def test_a_relative_import_in_a_file_gets_a_hint(start_host):
    error = error_of(start_host("from . import other\n"))
    assert error["type"] == "ImportError" and "load it as a module, with -m" in error["message"]


def test_code_that_looks_at_its_arguments_sees_none_of_ours(start_host):
    host = start_host(ASSET + "    import sys\n    print(sys.argv)\n")
    host.load()
    assert host.stdout.read_text() == "['my_code.py']\n"


def test_a_replaced_stdout_is_no_harm(start_host):
    host = start_host(ASSET + "    import sys\n    sys.stdout = object()\n")
    host.load()
    worker = host.fork_worker()
    assert worker.run("one")["status"] == "success"


def test_thousands_of_assets(start_host):
    code = """
        from dagster import Definitions, asset

        def make(number):
            @asset(name=f"asset_{number}", deps=[f"asset_{number - 1}"] if number else [])
            def one(): ...
            return one

        defs = Definitions(assets=[make(number) for number in range(2000)])
    """
    assert len(start_host(code).load()["assets"]) == 2000


# ---- the end


def test_shutdown(start_host):
    host = start_host(ASSET)
    host.load()
    host.send({"type": "shutdown"})
    assert host.wait_for_end() == 0


@pytest.mark.parametrize("loaded", [True, False])
def test_the_host_ends_when_its_socket_closes(start_host, loaded):
    host = start_host(ASSET)
    if loaded:
        host.load()
    else:
        host.receive()
    host.close_control()
    assert host.wait_for_end() == 0


def test_the_host_dies_with_the_daemon_even_while_it_imports(start_host, tmp_path):
    """A process between us and the host plays the daemon and is killed."""
    os.mkfifo(tmp_path / "importing")
    reading = os.open(tmp_path / "importing", os.O_RDONLY | os.O_NONBLOCK)
    code = f"open({str(tmp_path / 'importing')!r}, 'w').write('x')\nimport signal\nsignal.pause()\n"
    read_end, write_end = os.pipe()
    middle = os.fork()
    if middle == 0:
        host = start_host(code)
        os.write(write_end, b"%d\n" % host.pid)
        host.receive()
        host.send({"type": "describe"})
        signal.pause()
    host_pid = int(os.read(read_end, 20))
    pidfd = os.pidfd_open(host_pid)
    wait_readable([reading])
    os.kill(middle, signal.SIGKILL)
    os.waitpid(middle, 0)
    wait_readable([pidfd])
    for descriptor in (reading, read_end, write_end, pidfd):
        os.close(descriptor)


def test_started_by_hand_it_says_who_starts_it(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "headrace.host", "-m", "x"],
        env={**os.environ, "PYTHONPATH": str(SDK)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "headrace dev" in done.stderr and "Traceback" not in done.stderr
