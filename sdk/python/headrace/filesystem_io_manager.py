"""The default IO manager: one pickle per asset in a folder."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from pydantic import Field

from headrace.config_schema import Field as SchemaField
from headrace.config_schema import StringSource
from headrace.formats.pickled import PickleFormat
from headrace.init_resource_context import InitResourceContext
from headrace.io_manager import ConfigurableIOManagerFactory, io_manager
from headrace.resource_definition import ResourceDefinition
from headrace.storage_folder import storage_folder
from headrace.stored_io_manager import LocalIOManager


class PickledObjectFilesystemIOManager(LocalIOManager):
    """Keeps values as pickles without a file extension, below one folder.

    A value is written beside its place and moved there when it is complete, so that a value that cannot be pickled,
    or a process that is killed, leaves the last good one.
    """

    def __init__(self, base_dir: str | os.PathLike[str] | None = None, **kwargs: Any) -> None:
        folder: Any = base_dir if base_dir is not None else storage_folder()
        if kwargs:
            import fsspec  # noqa: F401 - options are for URLs only, which need it
            from upath import UPath

            folder = UPath(os.fspath(base_dir or "."), **kwargs)
        super().__init__(PickleFormat(), folder)
        self.base_dir = str(self._base_path)


class FilesystemIOManager(ConfigurableIOManagerFactory):
    """Keeps values as pickles below `base_dir`: a folder, or a URL that fsspec knows.

    A relative folder is relative to where the step runs. Without `base_dir` it is the daemon's storage folder.
    """

    base_dir: str | None = Field(default=None, description="Base directory for storing files.")
    _format: ClassVar[PickleFormat] = PickleFormat()

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


fs_io_manager.stored_format = PickleFormat.name



def default_io_manager_definition() -> ResourceDefinition:
    """What `io_manager` is when nobody gives one."""
    return FilesystemIOManager().get_resource_definition()
