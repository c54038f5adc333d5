"""What a disk holds after a power loss, played from the shim's record of writes, names and syncs.

A file's bytes last once the file was synced, its name once the folder was: that is what POSIX promises, and no more. Of
the rest any part may be there: of a file's writes some and some torn, of a folder's changes of names the first few.
"""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CREATE, WRITE, TRUNCATE, SYNC, RENAME, REMOVE, MAKE_FOLDER, LINK, SAY = range(9)  # shim/record.hpp
_HEAD = struct.Struct("<BBHHQqQ")
SECTOR = 512


@dataclass(frozen=True)
class Op:
    deed: int
    path: str
    other: str
    inode: int
    offset: int
    size: int
    data: bytes


def read_record(file: Path) -> list[Op]:
    ops, bytes_, at = [], file.read_bytes(), 0
    while at < len(bytes_):
        deed, is_whole, path_size, other_size, inode, offset, size = _HEAD.unpack_from(bytes_, at)
        at += _HEAD.size
        path, other = bytes_[at : at + path_size], bytes_[at + path_size : at + path_size + other_size]
        at += path_size + other_size
        data = bytes_[at : at + size] if is_whole else b""
        at += len(data)
        ops.append(Op(deed, os.fsdecode(path), os.fsdecode(other), inode, offset, size, data))
    return ops


def apply(content: bytearray, op: Op) -> None:
    """One write or change of size."""
    if op.deed == TRUNCATE:
        content.extend(bytes(max(0, op.offset - len(content))))
        del content[op.offset :]
        return
    content.extend(bytes(max(0, op.offset - len(content))))
    content[op.offset : op.offset + len(op.data)] = op.data


@dataclass
class File:
    lasting: bytearray = field(default_factory=bytearray)
    pending: list[Op] = field(default_factory=list)

    def sync(self) -> None:
        for op in self.pending:
            apply(self.lasting, op)
        self.pending.clear()

    def survivor(self, choice: Choice) -> bytes:
        content = bytearray(self.lasting)
        for op in choice.some(self.pending):
            apply(content, choice.torn(op))
        return bytes(content)


Change = tuple[str, "File | Folder | None"]  # a name, and what it stands for from now on


@dataclass
class Folder:
    lasting: dict[str, File | Folder] = field(default_factory=dict)
    now: dict[str, File | Folder] = field(default_factory=dict)
    pending: list[tuple[Change, ...]] = field(default_factory=list)

    def change(self, *changes: Change) -> None:
        """Together or not at all: a rename is two."""
        self.pending.append(changes)
        _change(self.now, changes)

    def sync(self) -> None:
        self.lasting = dict(self.now)
        self.pending.clear()

    def survivor(self, choice: Choice) -> dict[str, File | Folder]:
        names = dict(self.lasting)
        for changes in choice.first_few(self.pending):
            _change(names, changes)
        return names


def _change(names: dict[str, File | Folder], changes: tuple[Change, ...]) -> None:
    for name, item in changes:
        if item is None:
            names.pop(name, None)
        else:
            names[name] = item


class Choice:
    """What of the unsynced is there: nothing, everything, or what chance says."""

    def __init__(self, kind: str, seed: int = 0):
        self.kind, self._random = kind, random.Random(seed)

    def some(self, ops: list[Op]) -> list[Op]:
        if self.kind == "nothing":
            return []
        return ops if self.kind == "everything" else [op for op in ops if self._random.random() < 0.6]

    def first_few(self, changes: list) -> list:
        if self.kind == "nothing":
            return []
        return changes if self.kind == "everything" else changes[: self._random.randint(0, len(changes))]

    def torn(self, op: Op) -> Op:
        """A write of which only some first sectors came to be."""
        if self.kind != "chance" or op.deed != WRITE or op.size <= SECTOR or self._random.random() < 0.8:
            return op
        kept = self._random.randrange(0, op.size // SECTOR) * SECTOR
        return Op(op.deed, op.path, op.other, op.inode, op.offset, kept, op.data[:kept])


class Disk:
    """The files below `root`, as the record makes them; what was there before has lasted."""

    def __init__(self, root: Path):
        self.root = str(root)
        self.top = _lasting_copy(root) if root.exists() else Folder()
        self._inodes: dict[int, File | Folder] = {}

    def play(self, ops: list[Op]) -> Disk:
        for op in ops:
            if op.deed != SAY:
                self._play(op)
        return self

    def _play(self, op: Op) -> None:
        if op.deed in (WRITE, TRUNCATE):
            self._file(op).pending.append(op)
        elif op.deed == SYNC and op.offset < 0:
            for item in _walk(self.top):
                item.sync()
        elif op.deed == SYNC:
            self._item(op).sync()
        elif op.deed == CREATE:
            self._inodes[op.inode] = File()
            self._parent(op.path).change((_name(op.path), self._inodes[op.inode]))
        elif op.deed == MAKE_FOLDER:
            self._parent(op.path).change((_name(op.path), Folder()))
        elif op.deed == REMOVE:
            self._parent(op.path).change((_name(op.path), None))
        elif op.deed in (RENAME, LINK):
            source, target = self._parent(op.path), self._parent(op.other)
            assert source is target, f"not within one folder: {op.path} -> {op.other}"
            moved = (_name(op.other), source.now[_name(op.path)])
            source.change(moved) if op.deed == LINK else source.change(moved, (_name(op.path), None))

    def _file(self, op: Op) -> File:
        item = self._item(op)
        assert isinstance(item, File)
        return item

    def _item(self, op: Op) -> File | Folder:
        if op.inode not in self._inodes:
            self._inodes[op.inode] = self._find(op.path)
        return self._inodes[op.inode]

    def _find(self, path: str) -> File | Folder:
        item: File | Folder = self.top
        for part in _parts(path, self.root):
            item = item.now[part]
        return item

    def _parent(self, path: str) -> Folder:
        folder = self._find(os.path.dirname(os.path.normpath(path)))
        assert isinstance(folder, Folder)
        return folder

    def lose_power(self, choice: Choice, target: Path) -> None:
        """Writes into `target` what is found when the machine starts again."""
        _write(self.top, choice, target)


def _walk(folder: Folder) -> Iterator[File | Folder]:
    yield folder
    for item in list(folder.now.values()):
        if isinstance(item, Folder):
            yield from _walk(item)
        else:
            yield item


def _parts(path: str, root: str) -> list[str]:
    relative = os.path.relpath(os.path.normpath(path), root)
    return [] if relative == "." else relative.split("/")


def _name(path: str) -> str:
    return os.path.basename(os.path.normpath(path))


def _lasting_copy(path: Path) -> Folder:
    items: dict[str, File | Folder] = {}
    for child in path.iterdir():
        items[child.name] = _lasting_copy(child) if child.is_dir() else File(bytearray(child.read_bytes()))
    return Folder(items, dict(items))


def _write(folder: Folder, choice: Choice, target: Path) -> None:
    target.mkdir(mode=0o700, exist_ok=True)
    for name, item in folder.survivor(choice).items():
        if isinstance(item, Folder):
            _write(item, choice, target / name)
        else:
            (target / name).write_bytes(item.survivor(choice))
