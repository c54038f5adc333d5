"""The interface of IO managers: storing an asset's value, and loading it again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headrace.input_context import InputContext
    from headrace.output_context import OutputContext


class InputManager(ABC):
    """Loads values only."""

    @abstractmethod
    def load_input(self, context: InputContext) -> Any:
        """The value of an input."""


class IOManager(InputManager):
    """Says where the value of an asset is stored, and how it is loaded for assets downstream."""

    @abstractmethod
    def handle_output(self, context: OutputContext, obj: Any) -> Any:
        """Store `obj`, the value of an asset.

        May return, or yield, metadata (a dict) or an `AssetMaterialization`; usually it returns nothing and calls
        `context.add_output_metadata`.
        """

    @abstractmethod
    def load_input(self, context: InputContext) -> Any:
        """The value that `handle_output` stored for the upstream asset, `context.asset_key`."""
