"""What the IO managers of all blob stores have in common as classes with config."""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from typing import Any, ClassVar

from pydantic import Field, PrivateAttr

from headrace.formats.format import Format
from headrace.init_resource_context import InitResourceContext
from headrace.input_context import InputContext
from headrace.io_manager import ConfigurableIOManager
from headrace.output_context import OutputContext
from headrace.stored_io_manager import BlobIOManager
from headrace.stores.retries import Retries


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
