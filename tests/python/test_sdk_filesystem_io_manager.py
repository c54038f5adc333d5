"""The default IO manager: layout, metadata, and that the last good value always stays."""

from __future__ import annotations

import os
import pickle
import pickletools
import subprocess
import sys
import textwrap
import threading

import pytest

from headrace import (
    AssetKey,
    DagsterInvariantViolationError,
    Definitions,
    FilesystemIOManager,
    StringSource,
    asset,
    build_input_context,
    build_output_context,
    fs_io_manager,
    materialize,
)
from headrace.atomic_write import atomic_write
from headrace.execution import ResourceSession, StepRequest, execute_step
from headrace.filesystem_io_manager import PickledObjectFilesystemIOManager


@asset
def first():
    return [1, 2]


@asset(key_prefix=["a", "b"])
def nested():
    return "n"


def metadata_of(result, key):
    events = [e for e in result.get_asset_materialization_events() if e.asset_key == key]
    return {label: value.value for label, value in events[0].materialization.metadata.items()}


def test_layout_is_the_key_without_extension(tmp_path):
    materialize([first, nested], resources={"io_manager": FilesystemIOManager(base_dir=str(tmp_path))})
    assert pickle.loads((tmp_path / "first").read_bytes()) == [1, 2]
    assert pickle.loads((tmp_path / "a" / "b" / "nested").read_bytes()) == "n"
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "b", "first", "nested"]


def test_pickle_protocol_4(tmp_path):
    materialize([first], resources={"io_manager": FilesystemIOManager(base_dir=str(tmp_path))})
    opcode, argument, _ = next(pickletools.genops((tmp_path / "first").read_bytes()))
    assert (opcode.name, argument) == ("PROTO", 4)


def test_path_and_size_are_recorded_relative_as_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = materialize([first], resources={"io_manager": FilesystemIOManager(base_dir="my_data")})
    assert metadata_of(result, AssetKey("first")) == {
        "path": "my_data/first",
        "bytes": os.path.getsize("my_data/first"),
    }


def test_none_is_stored_without_path_metadata(tmp_path):
    @asset
    def none_value(): ...

    result = materialize([none_value], resources={"io_manager": FilesystemIOManager(base_dir=str(tmp_path))})
    assert metadata_of(result, AssetKey("none_value")) == {}
    assert pickle.loads((tmp_path / "none_value").read_bytes()) is None


class Collecting:
    """A reporter that keeps what the daemon would get."""

    def __init__(self):
        self.materializations = []

    def inputs_loaded(self, inputs): ...

    def observed(self, *arguments): ...

    def materialized(self, *arguments):
        self.materializations.append(arguments)

    def log(self, level, message): ...


def test_stored_says_where_and_how(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    definitions = Definitions(
        assets=[first], resources={"io_manager": FilesystemIOManager(base_dir="my_data")}
    ).resolved()
    reporter = Collecting()
    with ResourceSession(definitions) as session:
        execute_step(definitions, session, StepRequest("r", "first", ["first"]), reporter)
    size = (tmp_path / "my_data" / "first").stat().st_size
    assert reporter.materializations == [
        (
            ["first"],
            None,
            {"path": {"type": "path", "value": "my_data/first"}, "bytes": {"type": "int", "value": size}},
            {
                "uri": (tmp_path / "my_data" / "first").as_uri(),
                "format": "pickle",
                "schema": None,
                "bytes": size,
                "etag": None,
            },
            None,
            {},
        )
    ]


def test_value_is_replaced_and_keeps_permissions(tmp_path):
    resources = {"io_manager": FilesystemIOManager(base_dir=str(tmp_path))}
    materialize([first], resources=resources)
    (tmp_path / "first").chmod(0o640)

    @asset(name="first")
    def again():
        return "again"

    materialize([again], resources=resources)
    assert pickle.loads((tmp_path / "first").read_bytes()) == "again"
    assert (tmp_path / "first").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("bad", [lambda: lambda: 1, threading.Lock, lambda: [1] * 3 + [open(os.devnull)]])  # noqa: SIM115
def test_unpicklable_value_leaves_the_last_good_one(tmp_path, bad):
    resources = {"io_manager": FilesystemIOManager(base_dir=str(tmp_path))}
    materialize([first], resources=resources)

    @asset(name="first")
    def unpicklable():
        return bad()

    with pytest.raises(DagsterInvariantViolationError, match="is not picklable.*executor"):
        materialize([unpicklable], resources=resources)
    assert pickle.loads((tmp_path / "first").read_bytes()) == [1, 2]
    assert os.listdir(tmp_path) == ["first"]


def test_too_deep_value_says_so(tmp_path):
    @asset
    def deep():
        value = []
        for _ in range(100_000):
            value = [value]
        return value

    with pytest.raises(DagsterInvariantViolationError, match="nested too deeply"):
        materialize([deep], resources={"io_manager": FilesystemIOManager(base_dir=str(tmp_path))})
    assert os.listdir(tmp_path) == []


def test_missing_upstream_says_what_to_materialize_first(tmp_path):
    @asset
    def second(first): ...

    with pytest.raises(FileNotFoundError, match='materialize "first" first') as caught:
        materialize(
            [first, second],
            resources={"io_manager": FilesystemIOManager(base_dir=str(tmp_path))},
            selection=[second],
        )
    assert caught.value.filename == str(tmp_path / "first")


def test_damaged_file_says_which(tmp_path):
    (tmp_path / "first").write_bytes(b"\x80\x04no pickle")

    @asset
    def second(first): ...

    with pytest.raises(pickle.UnpicklingError, match=str(tmp_path / "first")):
        materialize(
            [first, second],
            resources={"io_manager": FilesystemIOManager(base_dir=str(tmp_path))},
            selection=[second],
        )


def test_file_in_the_way_of_a_folder_is_told(tmp_path):
    (tmp_path / "a").write_text("the value of asset a")
    with pytest.raises(OSError, match="A folder is needed here") as caught:
        materialize([nested], resources={"io_manager": FilesystemIOManager(base_dir=str(tmp_path))})
    assert str(tmp_path) in str(caught.value)
    assert (tmp_path / "a").read_text() == "the value of asset a"


def test_default_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADRACE_STORAGE", str(tmp_path / "storage"))
    result = materialize([first])
    assert metadata_of(result, AssetKey("first"))["path"] == str(tmp_path / "storage" / "first")


def test_materialize_without_manager_leaves_nothing(monkeypatch):
    monkeypatch.delenv("HEADRACE_STORAGE", raising=False)

    @asset
    def second(first):
        return first

    result = materialize([first, second])
    assert result.output_for_node("second") == [1, 2]
    assert not os.path.exists(metadata_of(result, AssetKey("first"))["path"])


def test_older_way_of_writing_it(tmp_path, monkeypatch):
    materialize([first], resources={"io_manager": fs_io_manager.configured({"base_dir": str(tmp_path)})})
    assert (tmp_path / "first").exists()
    monkeypatch.setenv("A_FOLDER", str(tmp_path / "other"))
    materialize(
        [first], resources={"io_manager": fs_io_manager.configured({"base_dir": {"env": "A_FOLDER"}})}
    )
    assert (tmp_path / "other" / "first").exists()
    assert StringSource is not None


def test_values_of_no_asset_go_below_their_run(tmp_path):
    manager = PickledObjectFilesystemIOManager(str(tmp_path))
    manager.handle_output(build_output_context(run_id="r", step_key="s", name="result"), 5)
    assert (tmp_path / "r" / "s" / "result").exists()
    upstream = build_output_context(run_id="r", step_key="s", name="result")
    assert manager.load_input(build_input_context(upstream_output=upstream)) == 5


def test_load_asset_value(tmp_path):
    definitions = Definitions(
        assets=[first, nested], resources={"io_manager": FilesystemIOManager(base_dir=str(tmp_path))}
    )
    materialize(definitions.assets, resources=definitions.resources)
    assert definitions.load_asset_value("first") == [1, 2]
    with definitions.get_asset_value_loader() as loader:
        assert loader.load_asset_value(AssetKey(["a", "b", "nested"])) == "n"
        with pytest.raises(DagsterInvariantViolationError, match='Did you mean "first"'):
            loader.load_asset_value("firs")


# Atomic writes


def test_failed_write_keeps_the_old_file_and_removes_the_temporary_one(tmp_path):
    target = tmp_path / "value"
    assert atomic_write(target, lambda file: file.write(b"old")) == 3

    def fails(file):
        file.write(b"new")
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        atomic_write(target, fails)
    assert target.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["value"]


def test_killed_write_keeps_the_old_file_and_its_leftover_is_used_again(tmp_path):
    target = tmp_path / "value"
    atomic_write(target, lambda file: file.write(b"old"))
    code = f"""
        import os, signal
        from headrace.atomic_write import atomic_write

        def dies(file):
            file.write(b"half")
            file.flush()
            os.kill(os.getpid(), signal.SIGKILL)

        atomic_write({str(target)!r}, dies)
    """
    for _ in range(3):
        killed = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
        assert killed.returncode == -9
        assert target.read_bytes() == b"old"
        assert len(os.listdir(tmp_path)) == 2
    atomic_write(target, lambda file: file.write(b"new"))
    assert target.read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["value"]


def test_two_writers_at_once_do_not_mix(tmp_path):
    target = tmp_path / "value"

    def outer(file):
        file.write(b"outer")
        atomic_write(target, lambda other: other.write(b"inner"))
        assert target.read_bytes() == b"inner"

    atomic_write(target, outer)
    assert target.read_bytes() == b"outer"
    assert os.listdir(tmp_path) == ["value"]


def test_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    atomic_write(tmp_path / "link", lambda file: file.write(b"new"))
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_durable_writes_sync_file_before_rename_and_folder_after(tmp_path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, os.replace

    def logged_fsync(descriptor):
        calls.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
        fsync(descriptor)

    def logged_replace(source, target):
        calls.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", logged_fsync)
    monkeypatch.setattr(os, "replace", logged_replace)
    monkeypatch.setenv("HEADRACE_DURABILITY", "full")
    atomic_write(tmp_path / "value", lambda file: file.write(b"x"))
    assert calls == ["file", "rename", "folder"]
    calls.clear()
    monkeypatch.setenv("HEADRACE_DURABILITY", "fast")
    atomic_write(tmp_path / "value", lambda file: file.write(b"x"))
    assert calls == ["rename"]


def test_long_names(tmp_path):
    name = "x" * 250
    atomic_write(tmp_path / name, lambda file: file.write(b"x"))
    assert os.listdir(tmp_path) == [name]
