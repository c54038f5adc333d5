"""A daemon that cannot start says why in one sentence and exits with an error."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import pytest

from .support.daemon import binary, clean_environment

LIMIT = 60


@pytest.fixture
def refused(guide, tmp_path):
    """Starts a daemon that must not serve; answers what it wrote."""

    def start(*arguments: str, home=None, environment=None, command=(), folder=None) -> str:
        result = subprocess.run(
            [
                *(*(command or [binary()]), "dev", "-m", "my_dagster_code_location", "-d", str(folder or tmp_path)),
                *("--home", str(home or tmp_path / "home"), *arguments),
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            cwd=tmp_path,
            env=clean_environment(environment or {}),
        )
        assert result.returncode not in (0, None) and result.returncode > 0, result
        assert "Serving Headrace" not in result.stdout
        assert "terminate called" not in result.stderr and "Traceback" not in result.stderr, result.stderr
        return result.stdout + result.stderr

    return start


def test_port_in_use(refused):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        said = refused("-p", str(port))
    assert str(port) in said and "in use" in said


def test_a_second_daemon_of_one_home_names_the_first(daemon, guide, refused):
    one = daemon(guide("1_filesystem"), "-m", "my_dagster_code_location")
    said = refused("-p", "0", home=one.home)
    assert str(one.pid) in said and str(one.home) in said
    one.loaded()


def test_home_not_writable(refused):
    """Root may write everywhere, so as root the daemon is started as nobody, from a place that nobody may read."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program = shutil.copy(binary(), folder)
        locked = Path(folder) / "locked"
        locked.mkdir(mode=0o555)
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
        said = refused("-p", "0", home=locked / "home", command=(*nobody, program), folder=folder)
    assert str(locked) in said and "ermission denied" in said


def test_home_cannot_be_made(refused, tmp_path):
    """As root too: a file stands where the folder should."""
    (tmp_path / "file").write_text("in the way")
    said = refused("-p", "0", home=tmp_path / "file" / "home")
    assert str(tmp_path / "file") in said


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
def test_an_open_address_without_a_token_is_refused(refused, address):
    said = refused("-h", address, "-p", "0")
    assert address in said and "token" in said


@pytest.fixture
def database(daemon, guide):
    """The database of a home that a daemon made and left."""
    one = daemon(guide("1_filesystem"), "-m", "my_dagster_code_location")
    one.loaded()
    one.materialize("*")
    assert one.terminate() == 0
    (file,) = [f for f in one.home.rglob("*") if f.is_file() and f.read_bytes()[:15] == b"SQLite format 3"]
    return one.home, file


def test_a_database_of_a_newer_version(database, refused):
    home, file = database
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    said = refused("-p", "0", home=home)
    assert "newer" in said and str(file) in said


@pytest.mark.parametrize("damage", ["header", "half", "garbage"])
def test_a_damaged_database(database, refused, damage):
    home, file = database
    data = bytearray(file.read_bytes())
    if damage == "header":
        data[:16] = b"not a database!!"
    elif damage == "half":
        del data[len(data) // 2 :]
    else:
        data[4096:] = os.urandom(len(data) - 4096)
    file.write_bytes(data)
    said = refused("-p", "0", home=home)
    assert str(file) in said
    assert "damaged" in said or "not a database" in said


def mode_of(path):
    """0 for a file that has gone meanwhile: a journal goes with its worker."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


def test_files_of_a_home_are_for_its_user_alone(daemon, guide):
    previous = os.umask(0)
    try:
        one = daemon(guide("1_filesystem"), "-m", "my_dagster_code_location")
        one.loaded()
        one.materialize("*")
    finally:
        os.umask(previous)
    wide = [
        str(path)
        for path in [one.home, *one.home.rglob("*")]
        if path.name != "storage"
        and one.home / "storage" not in path.parents
        and mode_of(path) & 0o077
    ]
    assert wide == []
