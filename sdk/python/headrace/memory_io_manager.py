"""An IO manager that keeps values in the memory of one process, for the time of one run."""

from __future__ import annotations

from typing import Any

from headrace.errors import DagsterInvariantViolationError
from headrace.input_context import InputContext
from headrace.io_manager import IOManagerDefinition
from headrace.io_manager_base import IOManager
from headrace.output_context import OutputContext


class InMemoryIOManager(IOManager):
    """Keeps values in a dict. A run that uses it stays in one process; nothing is left when it ends."""

    in_memory = True
    # There is no path, and files that a value's code happens to open are none.
    records_path = True

    def __init__(self) -> None:
        self.values: dict[tuple[str, ...], Any] = {}

    def handle_output(self, context: OutputContext, obj: Any) -> None:
        """Keep the value."""
        self.values[tuple(context.get_identifier())] = obj

    def load_input(self, context: InputContext) -> Any:
        """The value kept in this run."""
        key = tuple(context.get_identifier())
        if key not in self.values:
            name = context.asset_key.to_user_string() if context.has_asset_key else key[1]
            raise DagsterInvariantViolationError(
                f'The value of "{name}" is not in memory: it is kept for the time of one run only. '
                f'Materialize "{name}" in the same run, or store it with another IO manager.'
            )
        return self.values[key]


mem_io_manager = IOManagerDefinition(
    lambda: InMemoryIOManager(), description="Keeps values in memory, for the time of one run."
)
mem_io_manager.in_memory = True
mem_io_manager.shown_type = f"{InMemoryIOManager.__module__}.{InMemoryIOManager.__qualname__}"
