"""UPathIOManager: paths, partitions, asynchronous loading; and that Dagster's defects are not here."""

from __future__ import annotations

import asyncio
import logging
import os

import pytest

from headrace import AssetKey, CheckError, InputContext, OutputContext, UPathIOManager, build_input_context
from headrace import build_output_context as output_context
from headrace.dagster_type import resolve_type
from headrace.log import get_log_manager


class TextIOManager(UPathIOManager):
    extension = ".txt"

    def dump_to_path(self, context, obj, path):
        path.write_text(str(obj))

    def load_from_path(self, context, path):
        return path.read_text()


class PlainIOManager(TextIOManager):
    extension = None


class AsyncIOManager(TextIOManager):
    async def load_from_path(self, context, path):
        await asyncio.sleep(0)  # lint: allow (gives way, waits for nothing)
        return path.read_text()


class MultiPartitionKey(str):
    """A key of several dimensions, as partitions will have them."""

    def __new__(cls, dimensions):
        key = super().__new__(cls, "|".join(dimensions[name] for name in sorted(dimensions)))
        key.keys_by_dimension = dict(dimensions)
        return key


def output_of(key, partition=None, **kwargs):
    keys = None if partition is None else [partition] if isinstance(partition, str) else partition
    return OutputContext(
        asset_key=AssetKey(key),
        asset_partition_keys=keys,
        log=get_log_manager(kwargs.pop("sink", None)),
        **kwargs,
    )


def input_of(key, partitions=None, **kwargs):
    return InputContext(
        asset_key=AssetKey(key),
        asset_partition_keys=partitions,
        log=get_log_manager(kwargs.pop("sink", None)),
        **kwargs,
    )


def files(folder):
    return sorted(
        os.path.relpath(os.path.join(a, f), folder) for a, _, names in os.walk(folder) for f in names
    )


# Paths


@pytest.mark.parametrize(
    ("manager", "key", "partition", "expected"),
    [
        (TextIOManager, ["a", "b"], None, "a/b.txt"),
        (TextIOManager, ["0.0-to-1.0"], None, "0.0-to-1.0.txt"),
        (PlainIOManager, ["a", "b"], None, "a/b"),
        (TextIOManager, ["a"], "2024-01-01", "a/2024-01-01.txt"),
        (TextIOManager, ["a"], "x/y", "a/x/y.txt"),
        (TextIOManager, ["a"], "with space", "a/with space.txt"),
        (TextIOManager, ["a"], MultiPartitionKey({"b": "b1", "a": "a1"}), "a/a1/b1.txt"),
        (PlainIOManager, ["part"], "..", "part/%2E%2E"),
        (PlainIOManager, ["part"], "../../etc", "part/%2E%2E/%2E%2E/etc"),
        (PlainIOManager, ["part"], "/abs", "part/%2Fabs"),
        (PlainIOManager, ["..", "x"], None, "%2E%2E/x"),
    ],
)
def test_layout(tmp_path, manager, key, partition, expected):
    manager(tmp_path / "base").handle_output(output_of(key, partition), "v")
    assert files(tmp_path / "base") == [expected]
    assert files(tmp_path) == [f"base/{expected}"]


def test_path_of_no_asset(tmp_path):
    TextIOManager(tmp_path).handle_output(
        output_context(run_id="r", step_key="s", name="n", mapping_key="m"), "v"
    )
    assert files(tmp_path) == ["r/s/n/m.txt"]


def test_metadata_is_the_path_and_get_metadata(tmp_path):
    class WithMetadata(TextIOManager):
        def get_metadata(self, context, obj):
            return {"length": len(obj)}

    context = output_of(["a"])
    WithMetadata(tmp_path).handle_output(context, "abc")
    logged = {label: value.value for label, value in context.get_logged_metadata().items()}
    assert logged == {"path": str(tmp_path / "a.txt"), "length": 3}
    context = output_of(["b"])
    TextIOManager(tmp_path).handle_output(context, None)
    assert context.get_logged_metadata() == {}


def test_hooks_are_called_with_keywords(tmp_path):
    class Renamed(UPathIOManager):
        def dump_to_path(self, *, path, obj, context):
            path.write_text(obj)

        def load_from_path(self, *, path, context):
            return path.read_text()

    manager = Renamed(tmp_path)
    manager.handle_output(output_of(["a"]), "v")
    assert manager.load_input(input_of(["a"])) == "v"


def test_extension_needs_a_dot(tmp_path):
    class Wrong(TextIOManager):
        extension = "txt"

    with pytest.raises(CheckError, match="dot"):
        Wrong(tmp_path)


def test_base_path_may_be_text_or_path(tmp_path):
    assert TextIOManager(str(tmp_path))._base_path == tmp_path
    with pytest.raises(ImportError, match="universal-pathlib"):
        __import__("sys").modules.setdefault("upath", None)
        TextIOManager("memory://folder")


def test_has_output(tmp_path):
    manager = TextIOManager(tmp_path)
    assert not manager.has_output(output_of(["a"]))
    manager.handle_output(output_of(["a"]), "v")
    assert manager.has_output(output_of(["a"]))


# Loading


@pytest.fixture(params=[TextIOManager, AsyncIOManager])
def partitioned(request, tmp_path):
    """A manager, loading at once or asynchronously, with p2 and p3 stored and p1 missing."""
    manager = request.param(tmp_path)
    for partition in ("p2", "p3"):
        manager.handle_output(output_of(["a"], partition), f"data-of-{partition}")
    return manager


def test_unpartitioned_value(partitioned):
    partitioned.handle_output(output_of(["b"]), "v")
    assert partitioned.load_input(input_of(["b"])) == "v"


def test_no_partition_loads_none(partitioned):
    assert partitioned.load_input(input_of(["a"], [])) is None


def test_one_partition_loads_the_bare_value(partitioned):
    """Not a dict of one entry, however it is loaded."""
    assert partitioned.load_input(input_of(["a"], ["p2"])) == "data-of-p2"


def test_several_partitions_load_a_dict_in_their_order(partitioned):
    loaded = partitioned.load_input(input_of(["a"], ["p3", "p2"]))
    assert list(loaded.items()) == [("p3", "data-of-p3"), ("p2", "data-of-p2")]


def test_missing_partitions_never_shift_values_to_other_keys(partitioned):
    lines = []
    context = input_of(
        ["a"],
        ["p1", "p2", "p3"],
        definition_metadata={"allow_missing_partitions": True},
        sink=lambda level, message: lines.append((level, message)),
    )
    assert partitioned.load_input(context) == {"p2": "data-of-p2", "p3": "data-of-p3"}
    assert [level for level, message in lines if "Partition p1 is missing" in message] == ["warning"]


def test_missing_partitions_are_an_error_by_default(partitioned):
    with pytest.raises(FileNotFoundError, match='materialize "a, partition p1" first'):
        partitioned.load_input(input_of(["a"], ["p1", "p2"]))


def test_values_of_none_are_dropped(tmp_path):
    class Sometimes(TextIOManager):
        def load_from_path(self, context, path):
            return None if "p1" in path.name else "v"

    assert Sometimes(tmp_path).load_input(input_of(["a"], ["p1", "p2"])) == {"p2": "v"}


def test_several_partitions_need_a_dict_annotation(partitioned):
    for annotation in (dict, dict[str, str], object):
        partitioned.load_input(input_of(["a"], ["p2", "p3"], dagster_type=resolve_type(annotation)))
    with pytest.raises(CheckError, match="not a dict"):
        partitioned.load_input(input_of(["a"], ["p2", "p3"], dagster_type=resolve_type(str)))


def test_asynchronous_loading_inside_a_running_loop(tmp_path):
    manager = AsyncIOManager(tmp_path)
    manager.handle_output(output_of(["a"]), "v")

    async def inside():
        return manager.load_input(input_of(["a"]))

    assert asyncio.run(inside()) == "v"


def test_older_file_name_of_several_dimensions(partitioned, tmp_path):
    key = MultiPartitionKey({"x": "x1", "y": "y1"})
    (tmp_path / "a" / "x1|y1.txt").write_text("old")
    assert partitioned.load_input(input_of(["a"], [key])) == "old"


def test_missing_value_through_the_test_helpers(tmp_path):
    with pytest.raises(FileNotFoundError, match='materialize "a" first'):
        TextIOManager(tmp_path).load_input(build_input_context(asset_key="a"))


# Storing


def test_one_partition_at_a_time(tmp_path):
    with pytest.raises(CheckError, match="one partition at a time"):
        TextIOManager(tmp_path).handle_output(output_of(["a"], ["p1", "p2"]), "v")


def test_unpartitioned_to_partitioned(tmp_path):
    manager, lines = PlainIOManager(tmp_path), []
    manager.handle_output(output_of(["a"]), "before")
    manager.handle_output(output_of(["a"], "p1", sink=lambda level, message: lines.append(level)), "v")
    assert files(tmp_path) == ["a/p1"]
    assert "warning" in lines


def test_partitioned_to_unpartitioned_keeps_the_partitions_aside(tmp_path):
    manager, lines = PlainIOManager(tmp_path), []
    manager.handle_output(output_of(["a"], "p1"), "of p1")
    manager.handle_output(
        output_of(["a"], sink=lambda level, message: lines.append((level, message))), "whole"
    )
    assert manager.load_input(input_of(["a"])) == "whole"
    kept = [name for name in files(tmp_path) if name != "a"]
    assert len(kept) == 1
    assert (tmp_path / kept[0]).read_text() == "of p1"
    assert any(level == "warning" and kept[0].split("/")[0] in message for level, message in lines)


def test_folder_of_another_asset_is_not_moved_aside(tmp_path):
    manager = PlainIOManager(tmp_path)
    manager.handle_output(output_of(["a", "b"]), "of a/b")
    context = output_of(["a"])
    context._all_asset_keys = [AssetKey(["a"]), AssetKey(["a", "b"])]
    with pytest.raises(CheckError, match="folder of asset a/b"):
        manager.handle_output(context, "v")
    assert (tmp_path / "a" / "b").read_text() == "of a/b"


class RemotePath:
    """A path of a store that is not the local disk, with the few operations that are needed."""

    store: dict[str, str] = {}

    def __init__(self, text):
        self.text = text

    def __truediv__(self, other):
        return RemotePath(f"{self.text}/{other}")

    def __str__(self):
        return self.text

    @property
    def name(self):
        return self.text.rsplit("/", 1)[1]

    @property
    def parent(self):
        return RemotePath(self.text.rsplit("/", 1)[0])

    def with_name(self, name):
        return self.parent / name

    def exists(self):
        return self.text in self.store

    is_file = exists

    def is_dir(self):
        return False

    def mkdir(self, parents, exist_ok): ...

    def unlink(self):
        del self.store[self.text]

    def write_text(self, text):
        self.store[self.text] = text


def test_local_file_of_the_same_name_is_not_touched_by_a_remote_store(tmp_path, monkeypatch):
    """The change from unpartitioned to partitioned is looked for in the store, never on the local disk."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(RemotePath, "store", {})
    (tmp_path / "prefix").mkdir()
    (tmp_path / "prefix" / "a").write_text("mine")
    PlainIOManager(RemotePath("prefix")).handle_output(output_of(["a"], "p1"), "v")
    assert (tmp_path / "prefix" / "a").read_text() == "mine"
    assert RemotePath.store == {"prefix/a/p1": "v"}


def test_messages_may_be_changed(tmp_path, caplog):
    class Talking(TextIOManager):
        def get_writing_output_log_message(self, path):
            return f"now writing {path.name}"

    with caplog.at_level(logging.DEBUG, "headrace"):
        Talking(tmp_path).handle_output(output_context(asset_key="a"), "v")
    assert "now writing a.txt" in caplog.text
