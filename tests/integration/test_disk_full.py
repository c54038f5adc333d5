"""A full disk under the home: nothing is lost, reads go on, and so does the run once there is room again."""

from __future__ import annotations

import os
import subprocess
import time

import pytest

from .support.daemon import LIMIT, step_of

# A worker that cannot write its journal is replaced, and the step begun again: it stands at the gate only once.
# No values are stored: they lie on the full disk too, and a value that cannot be stored is the step's own failure.
ASSETS = """
    import os
    from headrace import asset
    from gate import pass_gate

    @asset
    def waits() -> None:
        try:
            os.close(os.open("been_here", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
        pass_gate("waits")

    @asset(deps=[waits])
    def after() -> None:
        pass
"""


@pytest.fixture
def small_home(tmp_path):
    """A home on a file system of 4 MiB of its own; fill() takes what is left of it."""
    folder = tmp_path / "home"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def one(daemon, project, gate, small_home):
    """A daemon with such a home."""
    environment = gate.environment() | {"HEADRACE_STORE_RETRY_MS": "20"}
    one = daemon(project({"defs.py": ASSETS}), "-f", "defs.py", home=small_home, environment=environment)
    one.loaded()
    return one


def fill(folder):
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return filler


def refused_launch(one):
    """The answer to the first launch that finds no room: some may fit into what the write-ahead log has already."""
    for _ in range(1000):
        answer = one.request("POST", "/api/v1/runs", json={"selection": "*"})
        if answer.status_code != 201:
            break
    assert answer.status_code == 503, answer.text
    return answer


def test_a_run_goes_on_when_there_is_room_again(one, gate, small_home):
    number = one.launch()
    visitor = gate.next_visitor()
    filler = fill(small_home)

    refused = refused_launch(one)
    assert "disk is full" in refused.json()["detail"] or "full" in refused.json()["detail"], refused.text
    assert "full" in one.get("/api/v1/status")["trouble"]
    assert one.run(number)["status"] == "running"
    assert len(one.get("/api/v1/assets")["items"]) == 2
    assert one.request("GET", "/").status_code == 200

    visitor.let_pass()
    os.unlink(filler)
    run = one.wait_run(number)
    assert run["status"] == "success", f"{run}\n{one.log}"
    assert step_of(run, "waits")["attempt"] <= 2
    assert one.materialize()["status"] == "success"
    assert one.get("/api/v1/status")["trouble"] is None


def test_an_interrupt_ends_the_daemon_on_a_full_disk_too(one, gate, small_home):
    """No end can be written: what runs is killed, and the next start writes that it is dead."""
    number = one.launch()
    visitor = gate.next_visitor()
    filler = fill(small_home)
    refused_launch(one)
    assert one.interrupt() == 0, one.log
    visitor.wait_gone()
    os.unlink(filler)
    one.start()
    one.loaded()
    run = one.wait_run(number)
    assert step_of(run, "waits")["status"] in ("failure", "canceled"), run
    assert run["status"] in ("failure", "canceled")


def wait_for_log(one, text):
    """No event tells of what cannot be written: the daemon's log does."""
    deadline = time.monotonic() + LIMIT
    while text not in one.log:
        assert time.monotonic() < deadline, one.log


@pytest.fixture
def reload_on_a_full_disk(one, project, small_home):
    """reload_on_a_full_disk("…"): the file that fills it, when the reload of this code is over and could not be written."""

    def reload(code):
        project({"defs.py": code})
        filler = fill(small_home)
        one.post("/api/v1/code-locations/defs.py/reload", expect=202)
        wait_for_log(one, "event log: ")
        return filler

    return reload


# What is written about them is long: no room is left for it, whatever the log has set aside.
LATE = """
    from headrace import asset

    @asset(description="x" * 1_000_000)
    def late() -> None: ...
"""
BROKEN = "raise RuntimeError('x' * 1_000_000)"


def test_new_definitions_are_launched_when_there_is_room_for_them(one, reload_on_a_full_disk):
    filler = reload_on_a_full_disk(LATE)
    assert [asset["key"] for asset in one.get("/api/v1/assets")["items"]] == [["late"]]
    refused = one.request("POST", "/api/v1/runs", json={"selection": "late"})
    assert refused.status_code == 503, refused.text
    assert "could not be written to the event log yet" in refused.json()["detail"]
    with one.events("code-locations", one.get("/api/v1/status")["as_of"]) as stream:
        os.unlink(filler)
        next(event for event in stream if event["type"] == "code_location_loaded")
    assert one.materialize("late")["status"] == "success"


def test_a_reload_that_fails_on_a_full_disk_is_told_when_there_is_room(one, reload_on_a_full_disk):
    filler = reload_on_a_full_disk(BROKEN)
    location = one.get("/api/v1/code-locations")["items"][0]
    assert location["state"] == "loaded" and location["error"]["type"] == "RuntimeError"
    with one.events("code-locations", one.get("/api/v1/status")["as_of"]) as stream:
        os.unlink(filler)
        told = next(event for event in stream if event["type"] == "code_location_failed")
    assert told["data"]["error"]["type"] == "RuntimeError"
    assert one.launch()
