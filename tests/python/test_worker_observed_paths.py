"""The file an IO manager wrote, seen without its help."""

from __future__ import annotations

import os
import pathlib
import sqlite3
import tempfile

import pytest

from headrace.worker.observed_paths import WrittenFiles


@pytest.fixture(autouse=True)
def working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def observed(write) -> str | None:
    with WrittenFiles() as written:
        write()
    return written.single_path()


def test_the_path_is_the_one_user_code_gave():
    os.mkdir("my_data")
    assert observed(lambda: pathlib.Path("my_data/setosa.csv").write_text("x")) == "my_data/setosa.csv"


def test_a_data_frame_as_csv():
    pandas = pytest.importorskip("pandas")
    assert observed(lambda: pandas.DataFrame({"a": [1]}).to_csv("setosa.csv")) == "setosa.csv"


def test_reading_is_not_writing():
    pathlib.Path("other.csv").write_text("x")

    def write():
        pathlib.Path("other.csv").read_text()
        pathlib.Path("out.csv").write_text("x")

    assert observed(write) == "out.csv"


def test_temporary_name_then_rename():
    def write():
        pathlib.Path("out.csv.tmp").write_text("x")
        os.replace("out.csv.tmp", "out.csv")

    assert observed(write) == "out.csv"


def test_a_renamed_folder_takes_its_file_along():
    def write():
        os.mkdir("new")
        pathlib.Path("new/part").write_text("x")
        os.rename("new", "final")

    assert observed(write) == "final/part"


def test_a_temporary_file_that_is_gone_does_not_count():
    def write():
        with tempfile.NamedTemporaryFile("w", dir=".") as scratch:
            scratch.write("x")
        pathlib.Path("out.csv").write_text("x")

    assert observed(write) == "out.csv"


def test_two_files_are_no_single_path():
    def write():
        pathlib.Path("a").write_text("x")
        pathlib.Path("b").write_text("x")

    assert observed(write) is None


def test_the_same_file_twice_is_one():
    def write():
        pathlib.Path("a").write_text("x")
        with open(os.path.abspath("a"), "a") as file:
            file.write("y")

    assert observed(write) == os.path.abspath("a")


def test_compiled_code_and_devices_do_not_count():
    def write():
        os.mkdir("__pycache__")
        pathlib.Path("__pycache__/m.cpython-311.pyc").write_bytes(b"")
        pathlib.Path("/dev/null").write_text("x")
        pathlib.Path("out").write_text("x")

    assert observed(write) == "out"


def test_os_open_and_descriptors():
    def write():
        descriptor = os.open("raw", os.O_CREAT | os.O_WRONLY)
        with open(descriptor, "wb") as file:
            file.write(b"x")

    assert observed(write) == "raw"


def test_a_database():
    def write():
        connection = sqlite3.connect("iris.sqlite")
        connection.execute("create table t (a)")
        connection.close()

    assert observed(write) == "iris.sqlite"


def test_nothing_written():
    assert observed(lambda: None) is None


def test_after_the_end_nothing_is_watched():
    with WrittenFiles() as written:
        pathlib.Path("a").write_text("x")
    pathlib.Path("b").write_text("x")
    assert written.single_path() == "a"
