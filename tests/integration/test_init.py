"""`headrace init`, and what headrace.toml says of code locations: built before each load, the compiler's error shown."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .support.daemon import REPOSITORY, Daemon, binary, stopped_at_the_end


def init(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([binary(), "init", str(folder), *options], capture_output=True, text=True)


@pytest.fixture
def serve(tmp_path: Path):
    with stopped_at_the_end() as started:

        def start(folder: Path, **environment: str) -> Daemon:
            one = Daemon(tmp_path / "home", ["-w", str(folder / "headrace.toml")], cwd=tmp_path, environment=environment)
            started.append(one)
            return one.start()

        yield start


def test_a_python_project_runs_as_it_is_written(serve: Callable[..., Daemon], tmp_path: Path) -> None:
    made = init(tmp_path / "project")
    assert made.returncode == 0 and "headrace dev -w headrace.toml" in made.stdout
    one = serve(tmp_path / "project")
    one.loaded("definitions.py")
    one.materialize("*")
    again = init(tmp_path / "project")
    assert again.returncode == 1 and "not an empty folder" in again.stderr


def test_a_cpp_project_is_built_loaded_and_built_again_by_a_reload(serve: Callable[..., Daemon], tmp_path: Path) -> None:
    build = REPOSITORY / "build" / "release"
    if not (build / "sdk" / "cpp" / "libheadrace_sdk.a").exists():
        pytest.skip("the SDK is not built in build/release")
    folder = tmp_path / "my-project"
    assert init(folder, "--cpp").returncode == 0
    one = serve(folder, CMAKE_PREFIX_PATH=str(build), CMAKE_BUILD_TYPE="Debug", CXXFLAGS="-O0")
    location = one.loaded("my-project")
    assert (location["language"], location["asset_count"]) == ("cpp", 2)
    one.materialize("*")
    made = one.get("/api/v1/assets/total")["latest_materialization"]
    assert made["metadata"]["count"]["value"] == 3
    assert Path(made["metadata"]["path"]["value"]).read_text() == "6"

    code = (folder / "main.cpp").read_text()
    (folder / "main.cpp").write_text(code.replace("return {1, 2, 3};", "return {1, 2, nothing};"))
    broken = one.reload("my-project")
    assert broken["state"] == "loaded"  # the last good definitions serve
    assert broken["error"]["type"] == "BuildError" and "exited with status" in broken["error"]["message"]
    assert "main.cpp:" in broken["error"]["stack"] and "nothing" in broken["error"]["stack"]


def test_a_build_that_runs_when_the_daemon_ends_is_ended(serve: Callable[..., Daemon], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")
    (tmp_path / "headrace.toml").write_text(
        f"""[[code_locations]]
executable = "nothing"
build = "cat {tmp_path / "gate"}"
"""
    )
    one = serve(tmp_path)
    assert one.get("/api/v1/code-locations")["items"][0]["state"] == "loading"
    one.interrupt()  # close() then finds that nothing survived


def test_errors_of_the_file_name_the_line(tmp_path: Path) -> None:
    (tmp_path / "headrace.toml").write_text("[[code_locations]]\nexecutabel = 'x'\n")
    command = [binary(), "dev", "-w", str(tmp_path / "headrace.toml"), "-p", "0", "--home", str(tmp_path / "home")]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 2
    assert 'headrace.toml:2: unknown key "executabel"' in ended.stderr
