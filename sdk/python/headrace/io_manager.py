"""IO managers as classes with config, and as functions."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar

from headrace.config_schema import Field, resolve_schema
from headrace.init_resource_context import InitResourceContext
from headrace.io_manager_base import InputManager, IOManager
from headrace.resource import (
    ConfigurableResource,
    ConfigurableResourceDefinition,
    ConfigurableResourceFactory,
    TResValue,
)
from headrace.resource_definition import ResourceDefinition, takes_context

__all__ = [
    "ConfigurableIOManager",
    "ConfigurableIOManagerFactory",
    "IOManager",
    "IOManagerDefinition",
    "InputManager",
    "InputManagerDefinition",
    "input_manager",
    "io_manager",
]


class InputManagerDefinition(ResourceDefinition):
    """A resource that loads inputs."""

    def __init__(
        self,
        resource_fn: Callable[..., Any],
        config_schema: Any = None,
        description: str | None = None,
        input_config_schema: Any = None,
        required_resource_keys: AbstractSet[str] | None = None,
        version: str | None = None,
    ) -> None:
        super().__init__(resource_fn, config_schema, description, required_resource_keys, version)
        self.input_config_field: Field | None = _optional_schema(input_config_schema)

    def _derived(self, config_schema: Any, description: str | None) -> InputManagerDefinition:
        derived = InputManagerDefinition(
            self.resource_fn,
            config_schema,
            description or self.description,
            None,
            self.required_resource_keys,
            self.version,
        )
        derived.input_config_field = self.input_config_field
        return derived


class IOManagerDefinition(ResourceDefinition):
    """A resource that is an IO manager."""

    is_io_manager = True
    in_memory = False
    stored_format: str | None = None

    def __init__(
        self,
        resource_fn: Callable[..., Any],
        config_schema: Any = None,
        description: str | None = None,
        required_resource_keys: AbstractSet[str] | None = None,
        version: str | None = None,
        input_config_schema: Any = None,
        output_config_schema: Any = None,
    ) -> None:
        super().__init__(resource_fn, config_schema, description, required_resource_keys, version)
        self.input_config_field: Field | None = _optional_schema(input_config_schema)
        self.output_config_field: Field | None = _optional_schema(output_config_schema)

    def _derived(self, config_schema: Any, description: str | None) -> IOManagerDefinition:
        derived = IOManagerDefinition(
            self.resource_fn,
            config_schema,
            description or self.description,
            self.required_resource_keys,
            self.version,
        )
        derived.input_config_field = self.input_config_field
        derived.output_config_field = self.output_config_field
        derived.in_memory = self.in_memory
        derived.stored_format = self.stored_format
        return derived

    @staticmethod
    def hardcoded_io_manager(value: IOManager, description: str | None = None) -> IOManagerDefinition:
        """An IO manager that is this object."""
        definition = IOManagerDefinition(lambda: value, description=description)
        definition.shown_type = f"{type(value).__module__}.{type(value).__qualname__}"
        definition.in_memory = bool(getattr(value, "in_memory", False))
        definition.stored_format = getattr(getattr(value, "format", None), "name", None)
        return definition


class ConfigurableIOManagerFactory(ConfigurableResourceFactory[TResValue]):
    """An IO manager whose fields are config and whose `create_io_manager` returns the object that stores and loads.

    Use it where that object needs another class, or state; otherwise `ConfigurableIOManager` is shorter.
    """

    _kind_in_words: ClassVar[str] = "IO manager"

    def create_resource(self, context: InitResourceContext) -> Any:
        """The IO manager."""
        return self.create_io_manager(context)

    @abstractmethod
    def create_io_manager(self, context: InitResourceContext) -> IOManager:
        """Make the IO manager."""
        raise NotImplementedError(f"{type(self).__name__} must implement create_io_manager.")

    @classmethod
    def input_config_schema(cls) -> Any:
        """The schema of the config that a run may give for each input."""
        return None

    @classmethod
    def output_config_schema(cls) -> Any:
        """The schema of the config that a run may give for each output."""
        return None


class ConfigurableIOManager(ConfigurableIOManagerFactory, IOManager):
    """Base class of IO managers: fields are config, `handle_output` stores, `load_input` loads.

    ::

        class CsvIOManager(ConfigurableIOManager):
            folder: str

            def handle_output(self, context: OutputContext, obj):
                obj.to_csv(f"{self.folder}/{context.asset_key.to_user_string()}.csv")

            def load_input(self, context: InputContext):
                return pandas.read_csv(f"{self.folder}/{context.asset_key.to_user_string()}.csv", index_col=0)
    """

    def create_io_manager(self, context: InitResourceContext) -> IOManager:
        """The IO manager: this instance."""
        return self


class ConfigurableIOManagerDefinition(ConfigurableResourceDefinition):
    """The definition behind an IO manager class."""

    is_io_manager = True

    def __init__(self, configurable: Any) -> None:
        super().__init__(configurable)
        self.in_memory = bool(getattr(self.resource_cls, "in_memory", False))
        factory = issubclass(self.resource_cls, ConfigurableIOManagerFactory)
        schemas = (
            (self.resource_cls.input_config_schema(), self.resource_cls.output_config_schema())
            if factory
            else (None, None)
        )
        self.input_config_field: Field | None = _optional_schema(schemas[0])
        self.output_config_field: Field | None = _optional_schema(schemas[1])


def _optional_schema(schema: Any) -> Field | None:
    return None if schema is None else resolve_schema(schema)


def is_io_manager_class(cls: type) -> bool:
    """Whether instances of a resource class are used as IO managers."""
    return issubclass(cls, (ConfigurableIOManagerFactory, IOManager)) or (
        issubclass(cls, ConfigurableResource) and issubclass(cls, InputManager)
    )


def io_manager(
    config_schema: Any = None,
    description: str | None = None,
    output_config_schema: Any = None,
    input_config_schema: Any = None,
    required_resource_keys: AbstractSet[str] | None = None,
    version: str | None = None,
) -> Any:
    """Define an IO manager by a function that returns one, bare or with arguments.

    The function takes the init context (with `resource_config`), or nothing.
    """

    def decorate(fn: Callable[..., Any]) -> IOManagerDefinition:
        takes_context(fn)
        return IOManagerDefinition(
            fn,
            None if bare else config_schema,
            description or inspect.getdoc(fn),
            required_resource_keys,
            version,
            input_config_schema,
            output_config_schema,
        )

    bare = callable(config_schema) and not isinstance(config_schema, type)
    return decorate(config_schema) if bare else decorate


class _FunctionInputManager(InputManager):
    def __init__(self, load_fn: Callable[..., Any]) -> None:
        self._load_fn = load_fn

    def load_input(self, context: Any) -> Any:
        return self._load_fn(context) if takes_context(self._load_fn) else self._load_fn()


def input_manager(
    config_schema: Any = None,
    description: str | None = None,
    input_config_schema: Any = None,
    required_resource_keys: AbstractSet[str] | None = None,
    version: str | None = None,
) -> Any:
    """Define how an input is loaded, by a function of the input context; used through `input_manager_key`."""

    def decorate(fn: Callable[..., Any]) -> InputManagerDefinition:
        manager = _FunctionInputManager(fn)
        definition = InputManagerDefinition(
            lambda: manager,
            None if bare else config_schema,
            description or inspect.getdoc(fn),
            input_config_schema,
            required_resource_keys,
            version,
        )
        definition.shown_type = f"{fn.__module__}.{getattr(fn, '__qualname__', 'input_manager')}"
        return definition

    bare = callable(config_schema) and not isinstance(config_schema, type)
    return decorate(config_schema) if bare else decorate
