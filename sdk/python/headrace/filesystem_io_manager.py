"""The default IO manager: one pickle per asset in a folder."""

from __future__ import annotations

import os
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import Field

from headrace import check
from headrace.atomic_write import atomic_write
from headrace.config_schema import Field as SchemaField
from headrace.config_schema import StringSource
from headrace.errors import DagsterInvariantViolationError
from headrace.init_resource_context import InitResourceContext
from headrace.input_context import InputContext
from headrace.io_manager import ConfigurableIOManagerFactory, io_manager
from headrace.output_context import OutputContext
from headrace.resource_definition import ResourceDefinition
from headrace.storage_folder import storage_folder
from headrace.upath_io_manager import UPathIOManager, to_path

PICKLE_PROTOCOL = 4
_NOT_PICKLABLE = (
    pickle.PicklingError,
    AttributeError,
    TypeError,
    RecursionError,
    ImportError,
    NotImplementedError,
)


class PickledObjectFilesystemIOManager(UPathIOManager):
    """Keeps values as pickles without a file extension, below one folder.

    A value is written beside its place and moved there when it is complete, so that a value that cannot be pickled,
    or a process that is killed, leaves the last good one.
    """

    def __init__(self, base_dir: str | os.PathLike[str] | None = None, **kwargs: Any) -> None:
        if kwargs:
            import fsspec  # noqa: F401 - options are for URLs only, which need it
            from upath import UPath

            super().__init__(UPath(os.fspath(base_dir or "."), **kwargs))
        else:
            super().__init__(to_path(base_dir if base_dir is not None else storage_folder()))
        self.base_dir = str(self._base_path)

    def dump_to_path(self, context: OutputContext, obj: Any, path: Any) -> None:
        """Write the pickle."""
        size = self._dump_local(obj, path) if isinstance(path, Path) else self._dump_remote(obj, path)
        uri = "file://" + quote(os.path.abspath(path)) if isinstance(path, Path) else str(path)
        if "://" in uri:
            context.set_stored(uri, "pickle", bytes=size)

    def get_metadata(self, context: OutputContext, obj: Any) -> Mapping[str, Any]:
        """The size of the file."""
        stored = context.stored
        return {"bytes": stored["bytes"]} if stored is not None and obj is not None else {}

    def _dump_local(self, obj: Any, path: Path) -> int:
        try:
            return atomic_write(path, lambda file: pickle.dump(obj, file, protocol=PICKLE_PROTOCOL))
        except _NOT_PICKLABLE as error:
            raise _not_picklable(obj, error) from error

    def _dump_remote(self, obj: Any, path: Any) -> int:
        try:
            data = pickle.dumps(obj, protocol=PICKLE_PROTOCOL)
        except _NOT_PICKLABLE as error:
            raise _not_picklable(obj, error) from error
        path.write_bytes(data)
        return len(data)

    def load_from_path(self, context: InputContext, path: Any) -> Any:
        """Read the pickle."""
        with path.open("rb") as file:
            try:
                return pickle.load(file)
            except (pickle.UnpicklingError, EOFError) as error:
                raise pickle.UnpicklingError(
                    f"{path} is damaged or no pickle ({error}). Materialize "
                    f"{context.asset_key.to_user_string() if context.has_asset_key else 'it'} again."
                ) from error


def _not_picklable(obj: Any, error: BaseException) -> DagsterInvariantViolationError:
    why = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
    return DagsterInvariantViolationError(
        f"Object {check.short_repr(obj)} is not picklable ({why}). The filesystem IO manager stores pickles, because "
        "steps may run in different processes (the multiprocess executor). Return something that can be pickled, use "
        "another IO manager for this asset, or mem_io_manager with the in-process executor. The value stored before, "
        "if any, is unchanged."
    )


class FilesystemIOManager(ConfigurableIOManagerFactory):
    """Keeps values as pickles below `base_dir`: a folder, or a URL that fsspec knows.

    A relative folder is relative to where the step runs. Without `base_dir` it is the daemon's storage folder.
    """

    base_dir: str | None = Field(default=None, description="Base directory for storing files.")

    def create_io_manager(self, context: InitResourceContext) -> PickledObjectFilesystemIOManager:
        """The IO manager for this folder."""
        return PickledObjectFilesystemIOManager(self.base_dir)


@io_manager(
    config_schema={
        "base_dir": SchemaField(StringSource, is_required=False, description="Folder, or URL, of the files.")
    },
    description="Keeps values as pickles below a folder.",
)
def fs_io_manager(init_context: InitResourceContext) -> PickledObjectFilesystemIOManager:
    """Keeps values as pickles below `base_dir`, in the older way of writing it: `fs_io_manager.configured({…})`."""
    config = init_context.resource_config or {}
    return PickledObjectFilesystemIOManager(config.get("base_dir"))


def default_io_manager_definition() -> ResourceDefinition:
    """What `io_manager` is when nobody gives one."""
    return FilesystemIOManager().get_resource_definition()
