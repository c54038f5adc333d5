"""One format in a bucket or container; and what the IO managers of all clouds have in common as classes with config."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, ClassVar

from pydantic import Field, PrivateAttr

from headrace.formats.format import Content, Format
from headrace.init_resource_context import InitResourceContext
from headrace.input_context import InputContext
from headrace.io_manager import ConfigurableIOManager
from headrace.log import get_log_manager
from headrace.metadata import MetadataValue
from headrace.output_context import OutputContext
from headrace.stored_io_manager import StoredIOManager
from headrace.stores.blob_store import BlobStore
from headrace.stores.retries import Retries
from headrace.stores.store import Receipt


class BlobIOManager(StoredIOManager):
    """One format in a bucket or container. Keys are the prefix, and then what a folder would have."""

    store: BlobStore

    def __init__(
        self,
        format: Format,
        store: BlobStore,
        prefix: str | None,
        op_output_path: Callable[..., PurePosixPath],
        *,
        records_path: bool,
    ) -> None:
        """`op_output_path`: the key, below the prefix, of a value that is no asset's, from its run, step and name."""
        super().__init__(format, store)
        self._base_path = PurePosixPath(prefix or "")
        self._op_output_path = op_output_path
        self._records_path = records_path

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Store the value, and record its address (and its key, where Dagster does)."""
        super().handle_output(context, obj)
        if not self._records_path:
            context._metadata.pop("path", None)

    def _describe(self, path: Any, receipt: Receipt, content: Content) -> dict[str, MetadataValue]:
        uri = MetadataValue.path(self.store.address(path))
        return {"uri": uri, **super()._describe(path, receipt, content)}

    def _shown(self, path: Any) -> str:
        return self.store.address(path)

    # There are no folders: nothing is made, nothing is in the way, and nothing of this machine is looked at.

    def make_directory(self, path: Any) -> None:
        """Nothing to make."""

    def _move_partitions_aside(self, context: OutputContext, path: Any) -> None:
        """A value and partitions of the same name may stand side by side."""

    def _remove_unpartitioned_value(self, context: OutputContext) -> None:
        """A value and partitions of the same name may stand side by side."""

    def path_exists(self, path: Any) -> bool:
        """Whether there is such an object."""
        return self.store.exists(path, get_log_manager())

    def unlink(self, path: Any) -> None:
        """Remove an object."""
        self.store.delete(path, get_log_manager())

    def get_op_output_relative_path(self, context: InputContext | OutputContext) -> Any:
        """Where Dagster keeps values that are no asset's."""
        return self._op_output_path(*context.get_identifier())

    def get_writing_output_log_message(self, path: Any) -> str | None:
        """Where the value goes."""
        return f"Writing {self.store.address(path)}"

    def get_loading_input_log_message(self, path: Any) -> str | None:
        """Where the value comes from."""
        return f"Loading {self.store.address(path)}"

    def get_loading_input_partition_log_message(self, path: Any, partition_key: str) -> str | None:
        """Where the value comes from."""
        return f"Loading {self.store.address(path)}"


class ConfigurableBlobIOManager(ConfigurableIOManager):
    """Keeps each asset at `<prefix>/<asset key><extension>`, and each partition below the asset's name."""

    max_attempts: int = Field(
        default=5, ge=1, description="How often a request is sent at most, while the store is overloaded or out of reach."
    )
    retry_delay: float = Field(
        default=0.5, ge=0, description="Seconds before the second attempt; the delay doubles with each one."
    )
    request_timeout: float = Field(default=60, gt=0, description="Seconds to wait for an answer of the store.")

    _format: ClassVar[Format]
    # Dagster's managers record the object's key as `path`.
    _records_path: ClassVar[bool] = False
    _manager: Any = PrivateAttr(default=None)

    @abstractmethod
    def _make(self) -> BlobIOManager:
        """The object that stores and loads."""

    def _retries(self) -> Retries:
        return Retries(self.max_attempts, self.retry_delay)

    def inner_io_manager(self) -> BlobIOManager:
        """The object that stores and loads: made on first use, since the clouds' clients must not be forked."""
        if self._manager is None:
            self._manager = self._make()
        return self._manager

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Store the value."""
        self.inner_io_manager().handle_output(context, obj)

    def load_input(self, context: InputContext) -> Any:
        """Load the value."""
        return self.inner_io_manager().load_input(context)

    @property
    def records_path(self) -> bool:
        """Nobody needs to watch which files it opens: those are temporary."""
        return True

    def _entered(self, context: InitResourceContext, stack: contextlib.ExitStack) -> Any:
        entered = super()._entered(context, stack)
        stack.callback(self._close)
        return entered

    def _close(self) -> None:
        manager, self._manager = self._manager, None
        if manager is not None:
            manager.close()
