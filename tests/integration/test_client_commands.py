"""Commands that talk to a running daemon, and what they say when there is none."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from .support.command import Terminal, headrace
from .support.gate import Gate

DEFINITIONS = """
    from headrace import Definitions, asset
    from gate import pass_gate

    @asset(group_name="raw", key_prefix="raw")
    def numbers():
        return [1, 2, 3]

    @asset
    def slow():
        return pass_gate("slow")

    @asset
    def bad():
        raise ValueError("no such column")

    defs = Definitions(assets=[numbers, slow, bad])
"""


@pytest.fixture
def served(daemon, project: Callable[..., Path], gate: Gate):
    """A daemon and its folder; commands that are started there with its home find it."""
    folder = project({"defs.py": DEFINITIONS})
    one = daemon(folder, "-f", "defs.py", home=folder / ".headrace", environment=gate.environment())
    one.loaded()
    return one, folder


def test_assets(served) -> None:
    one, folder = served
    one.materialize("raw/numbers")
    listed = headrace("asset", "list", cwd=folder)
    assert listed.returncode == 0, listed.stderr
    rows = [line.split() for line in listed.stdout.splitlines()]
    assert rows[0] == ["ASSET", "STATUS", "GROUP", "CODE", "LOCATION", "MATERIALIZED"]
    assert ["raw/numbers", "materialized", "raw", "defs.py"] == next(r for r in rows if r[0] == "raw/numbers")[:4]
    assert "slow" not in headrace("asset", "list", "--group", "raw", cwd=folder).stdout
    as_json = json.loads(headrace("asset", "list", "--json", cwd=folder).stdout)
    assert len(as_json["items"]) == 3
    shown = headrace("asset", "show", "raw/numbers", cwd=folder)
    assert str(one.home / "storage" / "raw" / "numbers") in shown.stdout
    assert "defs.py:5" in shown.stdout
    unknown = headrace("asset", "show", "raw/nubmers", cwd=folder)
    assert unknown.returncode == 4 and "raw/nubmers" in unknown.stderr


def test_runs(served, gate: Gate) -> None:
    one, folder = served
    one.materialize("bad", expect="failure")
    shown = headrace("run", "show", "1", cwd=folder)
    assert shown.returncode == 0 and "Run 1: failure" in shown.stdout
    assert "ValueError: no such column (defs.py:" in shown.stdout
    number = one.launch("slow")
    visitor = gate.next_visitor()
    canceled = headrace("run", "cancel", str(number), cwd=folder)
    assert canceled.returncode == 0, canceled.stderr
    visitor.wait_gone()
    assert one.wait_run(number)["status"] == "canceled"
    assert headrace("run", "cancel", str(number), cwd=folder).returncode == 1  # it has ended
    listed = json.loads(headrace("run", "list", "--json", "--status", "failure", cwd=folder).stdout)
    assert [run["number"] for run in listed["items"]] == [1]
    assert headrace("run", "list", "--limit", "1", cwd=folder).stdout.splitlines()[1].split()[:2] == ["2", "canceled"]
    assert headrace("run", "show", "77", cwd=folder).returncode == 4


def test_code_locations(served) -> None:
    one, folder = served
    listed = headrace("code-location", "list", "--url", one.url, cwd=folder.parent)
    assert listed.stdout.splitlines()[1].split()[:4] == ["defs.py", "loaded", "python", "3"]
    reloaded = headrace("code-location", "reload", "defs.py", cwd=folder)
    assert (reloaded.returncode, reloaded.stdout) == (0, "Loaded defs.py: 3 assets\n")
    (folder / "defs.py").write_text("import nowhere\n")
    failed = headrace("code-location", "reload", "defs.py", cwd=folder, HEADRACE_URL=one.url)
    assert failed.returncode == 1 and "defs.py:1: ModuleNotFoundError" in failed.stderr
    assert headrace("code-location", "reload", "other", cwd=folder).returncode == 4


def test_no_daemon_is_said(served, tmp_path: Path) -> None:
    one, folder = served
    nobody = headrace("run", "list", cwd=tmp_path)
    assert nobody.returncode == 3 and "headrace dev" in nobody.stderr and "--url" in nobody.stderr
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    refused = headrace("run", "list", "--url", url, cwd=folder)
    assert refused.returncode == 3 and url in refused.stderr
    assert headrace("run", "list", "--url", "127.0.0.1", cwd=folder).returncode == 2
    one.kill()
    assert headrace("run", "list", cwd=folder).returncode == 3  # what a killed daemon left says nothing
    one.start()


def test_the_record_is_for_its_user_alone(served) -> None:
    one, _ = served
    assert (one.home / "daemon.json").stat().st_mode & 0o777 == 0o600


def test_colors_are_for_terminals(served) -> None:
    one, folder = served
    one.materialize("raw/numbers")
    assert "\x1b" not in headrace("run", "show", "1", cwd=folder).stdout
    shown = Terminal("run", "show", "1", cwd=folder)
    assert shown.end() == 0 and "\x1b[32msuccess" in shown.text
    plain = Terminal("run", "show", "1", cwd=folder, NO_COLOR="1")
    assert plain.end() == 0 and "\x1b" not in plain.text
