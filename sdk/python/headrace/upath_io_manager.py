"""The base of IO managers that keep one file per asset, or per partition, below a folder.

Subclasses say how a value is written to a path and read from it. Paths are `pathlib.Path`s, or `upath.UPath`s where
the folder is a URL; only what both have is used, so that every check is made on the file system of the path itself.
"""

from __future__ import annotations

import errno
import functools
import inspect
import os
import time
import typing
from abc import abstractmethod
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any

from headrace import check
from headrace.annotations import is_class
from headrace.atomic_write import make_folders
from headrace.dagster_type import Any as AnyType
from headrace.input_context import InputContext
from headrace.io_manager_base import IOManager
from headrace.metadata import MetadataValue
from headrace.output_context import OutputContext

ALLOW_MISSING_PARTITIONS = "allow_missing_partitions"


class UPathIOManager(IOManager):
    """Keeps values at `base_path / key parts … + extension`; partitions in a folder of the asset's name.

    Implement `dump_to_path(context, obj, path)` and `load_from_path(context, path)` (which may be `async`).
    """

    extension: str | None = None
    # It records `path` itself, so that nobody needs to watch which files it opens.
    records_path = True

    def __init__(self, base_path: Any = None) -> None:
        if self.extension is not None and "." not in self.extension:
            raise check.CheckError(f'The extension must begin with a dot, but is "{self.extension}".')
        self._base_path = to_path("." if base_path is None else base_path)

    @abstractmethod
    def dump_to_path(self, context: OutputContext, obj: Any, path: Any) -> None:
        """Write `obj` to `path`. The folder exists."""

    @abstractmethod
    def load_from_path(self, context: InputContext, path: Any) -> Any:
        """Read the value at `path`; `FileNotFoundError` where there is none."""

    def get_metadata(self, context: OutputContext, obj: Any) -> Mapping[str, Any]:
        """Metadata to record besides the path."""
        return {}

    @property
    def fs(self) -> Any:
        """The fsspec file system of the folder."""
        if isinstance(self._base_path, Path):
            import fsspec

            return fsspec.filesystem("file")
        return self._base_path.fs

    @property
    def storage_options(self) -> dict[str, Any]:
        """The options of the folder's file system."""
        return dict(getattr(self._base_path, "storage_options", {}))

    # Files; a subclass may do these in its own way.

    def path_exists(self, path: Any) -> bool:
        """Whether there is a file or folder."""
        return path.exists()

    def unlink(self, path: Any) -> None:
        """Remove a file."""
        path.unlink()

    def make_directory(self, path: Any) -> None:
        """Make a folder and those above it."""
        if _is_dir(path):
            return
        try:
            if isinstance(path, Path):
                make_folders(path)
            else:
                path.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            raise type(error)(
                error.errno,
                "A folder is needed here, but a file is in its way (the value of another asset?)",
                str(path),
            ) from None

    def has_output(self, context: OutputContext) -> bool:
        """Whether the value of an output is there."""
        return all(self.path_exists(path) for path in self._paths(context).values())

    # Paths.

    def get_asset_relative_path(self, context: InputContext | OutputContext) -> Any:
        """The asset's key as a path below the folder."""
        return _relative_path(tuple(context.asset_key.path))

    def get_op_output_relative_path(self, context: InputContext | OutputContext) -> Any:
        """Run, step and output as a path below the folder, for values that are no asset's."""
        return _relative_path(tuple(context.get_identifier()))

    def get_path_for_partition(self, context: InputContext | OutputContext, path: Any, partition: str) -> Any:
        """The path of one partition, given the asset's own."""
        return path / partition

    def make_safe_partition_path(self, path_text: str) -> str:
        """A partition's key as a relative path that cannot leave the asset's folder."""
        if path_text.startswith("/"):
            path_text = "%2F" + path_text[1:]
        if not isinstance(self._base_path, Path):
            return path_text
        return "/".join("%2E%2E" if segment == ".." else segment for segment in path_text.split("/"))

    def _with_extension(self, path: Any) -> Any:
        return path.with_name(path.name + self.extension) if self.extension else path

    def _path_without_extension(self, context: InputContext | OutputContext) -> Any:
        if context.has_asset_key:
            return self._base_path / self.get_asset_relative_path(context)
        return self._base_path / self.get_op_output_relative_path(context)

    def _paths(self, context: InputContext | OutputContext) -> dict[Any, Any]:
        """Partition → path; one entry under None for an unpartitioned value."""
        path = self._path_without_extension(context)
        if not (context.has_asset_key and context._partition_keys is not None):
            return {None: self._with_extension(path)}
        return {key: self._partition_path(context, path, key) for key in context._partition_keys}

    def _partition_path(self, context: Any, path: Any, key: str) -> Any:
        safe = self.make_safe_partition_path(partition_path_text(key))
        return self._with_extension(self.get_path_for_partition(context, path, safe))

    def _older_partition_path(self, context: Any, key: str) -> Any:
        """Where a value of several dimensions was kept long ago: under its key as it is, `a1|b1`."""
        if getattr(key, "keys_by_dimension", None) is None:
            return None
        return self._with_extension(
            self._path_without_extension(context) / self.make_safe_partition_path(str(key))
        )

    # Storing.

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Store the value, and record its path."""
        path = self._output_path(context)
        self.make_directory(path.parent)
        _say(context, self.get_writing_output_log_message(path))
        self.dump_to_path(context=context, obj=obj, path=path)
        recorded = context.get_logged_metadata()
        metadata: dict[str, Any] = {}
        if obj is not None:
            metadata["path"] = MetadataValue.path(str(path))
        metadata.update(self.get_metadata(context=context, obj=obj))
        context.add_output_metadata(
            {label: value for label, value in metadata.items() if label not in recorded}
        )

    def _output_path(self, context: OutputContext) -> Any:
        paths = self._paths(context)
        if len(paths) != 1:
            raise check.CheckError(
                f"This IO manager stores one partition at a time, but the run is for {len(paths)}. Run each partition "
                "by itself, or let the asset store them and return None."
            )
        partition, path = next(iter(paths.items()))
        if partition is None:
            self._move_partitions_aside(context, path)
        else:
            self._remove_unpartitioned_value(context)
        return path

    def _remove_unpartitioned_value(self, context: OutputContext) -> None:
        """A file where the partitions' folder must be is the value from before the asset was partitioned."""
        folder = self._path_without_extension(context)
        if folder.is_file():
            context.log.warning(
                f"{folder} holds the value of {context.asset_key.to_user_string()} from before it was partitioned. "
                "It is removed to make room for the partitions."
            )
            self.unlink(folder)

    def _move_partitions_aside(self, context: OutputContext, path: Any) -> None:
        """A folder where the file must be holds the partitions from before: they are kept under another name."""
        if not context.has_asset_key or not _is_dir(path):
            return
        below = [
            key
            for key in context._all_asset_keys
            if key != context.asset_key and key.has_prefix(context.asset_key.path)
        ]
        if below:
            raise check.CheckError(
                f"The value of asset {context.asset_key.to_user_string()} cannot be stored at {path}: that is the folder "
                f"of asset {below[0].to_user_string()}. Rename one of them, or use an IO manager with a file extension."
            )
        aside = path.with_name(f"{path.name}.partitions-{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}")
        context.log.warning(
            f"{path} is a folder with partitions of {context.asset_key.to_user_string()}, which is not partitioned "
            f"any more. The folder is kept as {aside}."
        )
        path.rename(aside)

    # Loading.

    def load_input(self, context: InputContext) -> Any:
        """The stored value: one value, or for several partitions a dict from partition to value."""
        paths = self._paths(context)
        if None in paths:
            return _finished(self._load_single(context, paths[None]))
        if not paths:
            return None
        if len(paths) > 1:
            _check_dict_type(context)
        values = self.load_partitions(context)
        return values.get(next(iter(paths))) if len(paths) == 1 else values

    def load_partitions(self, context: InputContext) -> dict[str, Any]:
        """The values of all partitions of the input, in their order; missing ones are skipped where that is allowed."""
        paths = self._paths(context)
        if _loads_async(type(self)):
            return run_coroutine(self.load_partitions_async(context))
        loaded = {key: self._load_partition(context, key, path) for key, path in paths.items()}
        return _present(loaded)

    async def load_partitions_async(self, context: InputContext) -> dict[str, Any]:
        """Like `load_partitions`, all at the same time."""
        import asyncio

        paths = self._paths(context)
        values = await asyncio.gather(
            *(self._load_partition_async(context, key, path) for key, path in paths.items())
        )
        return _present(dict(zip(paths, values, strict=True)))

    def _load_single(self, context: InputContext, path: Any) -> Any:
        _say(context, self.get_loading_input_log_message(path))
        if _loads_async(type(self)):
            return self._load_single_async(context, path)
        try:
            return self.load_from_path(context=context, path=path)
        except FileNotFoundError as error:
            raise self._not_found(context, path, error) from error

    async def _load_single_async(self, context: InputContext, path: Any) -> Any:
        try:
            return await self.load_from_path(context=context, path=path)
        except FileNotFoundError as error:
            raise self._not_found(context, path, error) from error

    def _load_partition(self, context: InputContext, key: str, path: Any) -> Any:
        _say(context, self.get_loading_input_partition_log_message(path, key))
        try:
            return self.load_from_path(context=context, path=path)
        except FileNotFoundError as error:
            older = self._older_partition_path(context, key)
            if older is not None and self.path_exists(older):
                return self.load_from_path(context=context, path=older)
            return self._missing_partition(context, key, path, error)

    async def _load_partition_async(self, context: InputContext, key: str, path: Any) -> Any:
        _say(context, self.get_loading_input_partition_log_message(path, key))
        try:
            return await self.load_from_path(context=context, path=path)
        except FileNotFoundError as error:
            older = self._older_partition_path(context, key)
            if older is not None and self.path_exists(older):
                return await self.load_from_path(context=context, path=older)
            return self._missing_partition(context, key, path, error)

    def _missing_partition(self, context: InputContext, key: str, path: Any, error: FileNotFoundError) -> Any:
        if context.definition_metadata.get(ALLOW_MISSING_PARTITIONS):
            context.log.warning(self.get_missing_partition_log_message(key))
            return None
        raise self._not_found(context, path, error, key) from error

    def _not_found(
        self, context: InputContext, path: Any, error: FileNotFoundError, partition: str | None = None
    ) -> Any:
        """The error that says what to do; the original one where the value is there and something else is missing."""
        if not context.has_asset_key or self.path_exists(path):
            return error
        name = context.asset_key.to_user_string() + (
            f", partition {partition}" if partition is not None else ""
        )
        return FileNotFoundError(
            errno.ENOENT, f'No value of asset "{name}" is stored here: materialize "{name}" first', str(path)
        )

    # What is logged, at level debug. None: nothing, since the events of the step say which path it was.

    def get_writing_output_log_message(self, path: Any) -> str | None:
        """Said before a value is written."""
        return None

    def get_loading_input_log_message(self, path: Any) -> str | None:
        """Said before a value is read."""
        return None

    def get_loading_input_partition_log_message(self, path: Any, partition_key: str) -> str | None:
        """Said before a partition is read."""
        return None

    def get_missing_partition_log_message(self, partition_key: str) -> str:
        """Said when a partition is missing and may be."""
        return (
            f"Partition {partition_key} is missing and left out, as the input's metadata says "
            f"{ALLOW_MISSING_PARTITIONS}."
        )


def _say(context: InputContext | OutputContext, message: str | None) -> None:
    if message is not None:
        context.log.debug(message)


def to_path(value: Any) -> Any:
    """A path from text or a path; text with a scheme (`s3://…`) needs universal-pathlib."""
    if not isinstance(value, str):
        return value if hasattr(value, "exists") else Path(os.fspath(value))
    if "://" not in value:
        return Path(value)
    try:
        from upath import UPath
    except ImportError as error:
        raise ImportError(
            f'The folder "{value}" is a URL, which needs the package universal-pathlib: pip install universal-pathlib'
        ) from error
    return UPath(value)


def partition_path_text(key: str) -> str:
    """A partition's key as path text; several dimensions are joined by slashes, in the order of their names."""
    dimensions = getattr(key, "keys_by_dimension", None)
    if dimensions is None:
        return str(key)
    return "/".join(dimensions[name] for name in sorted(dimensions))


def _safe_part(part: str) -> str:
    return "%2E%2E" if part == ".." else part.replace("/", "%2F") if part.startswith("/") else part


@functools.lru_cache(maxsize=1024)  # paths cost more to make than all else that is done with them
def _relative_path(parts: tuple[str, ...]) -> Path:
    return Path(*map(_safe_part, parts))


def _is_dir(path: Any) -> bool:
    return os.path.isdir(path) if isinstance(path, Path) else path.is_dir()


@functools.cache
def _loads_async(kind: type[UPathIOManager]) -> bool:
    return inspect.iscoroutinefunction(kind.load_from_path)


def _present(values: Mapping[Any, Any]) -> dict[Any, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _finished(value: Any) -> Any:
    return run_coroutine(value) if inspect.iscoroutine(value) else value


def run_coroutine(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """The coroutine's result, also where an event loop is running already (in a notebook, for example)."""
    import asyncio
    import threading

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["value"] = asyncio.run(coroutine)
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=run, name="headrace-load")
    thread.start()
    thread.join()
    if "error" in outcome:
        raise outcome["error"]
    return outcome["value"]


def _check_dict_type(context: InputContext) -> None:
    kind = context._dagster_type
    if kind is None or kind is AnyType:
        return
    annotation = typing.get_origin(kind.typing_type) or kind.typing_type
    if annotation is typing.Any or (is_class(annotation) and issubclass(dict, annotation)):
        return
    raise check.CheckError(
        f"The input has several partitions, so that it is loaded as a dict, but the type annotation on the op input is "
        f"not a dict: it is {kind.display_name}."
    )
