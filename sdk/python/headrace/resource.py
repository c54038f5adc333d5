"""Resources as classes: fields are config, methods are what assets use, and setup and teardown are overridden."""

from __future__ import annotations

import contextlib
import inspect
import typing
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar, Union

from pydantic import PrivateAttr

from headrace import check
from headrace.annotations import is_class
from headrace.config import Config, field_key
from headrace.config_fields import describe_model, env_vars_in, secret_values_in
from headrace.config_processing import Path, invalid_config, path_text
from headrace.config_values import config_to_dict, resolved_config, validated, values_from_run_config
from headrace.deferred_values import DeferredResource
from headrace.errors import DagsterInvariantViolationError
from headrace.init_resource_context import InitResourceContext
from headrace.resource_definition import ResourceDefinition

T = TypeVar("T")
TResValue = TypeVar("TResValue")
TFactory = TypeVar("TFactory", bound="ConfigurableResourceFactory")


class _NestedResource:
    """Marks a field that holds a resource."""


class _ResourceParameter:
    """Marks a parameter that is a resource."""


NESTED_RESOURCE = _NestedResource()
RESOURCE_PARAMETER = _ResourceParameter()

if TYPE_CHECKING:

    class _FactoryBase(Config, Generic[TResValue]):
        """For type checkers: `ConfigurableResourceFactory[Client]` makes a `Client`."""

    ResourceDependency = Annotated[T, NESTED_RESOURCE]
    ResourceParam = Annotated[T, RESOURCE_PARAMETER]
else:

    class _FactoryBase:
        """While running, the class in brackets means nothing."""

        def __class_getitem__(cls, item: Any) -> Any:
            return Config

    class ResourceDependency:
        """The annotation of a resource's field that holds another resource: `client: ResourceDependency[Client]`."""

        def __class_getitem__(cls, item: Any) -> Any:
            return Annotated[Any, NESTED_RESOURCE]

    class ResourceParam:
        """The annotation of an asset's parameter that is a resource: `client: ResourceParam[Client]`."""

        def __class_getitem__(cls, item: Any) -> Any:
            return Annotated[item, RESOURCE_PARAMETER]


class ConfigurableResourceFactory(_FactoryBase[TResValue]):
    """A resource whose fields are config and whose `create_resource` returns the object that assets get."""

    _kind_in_words: ClassVar[str] = "resource"
    _is_resource: ClassVar[bool] = True
    _resource_field_names: ClassVar[frozenset[str]] = frozenset()
    _init_context: Any = PrivateAttr(default=None)

    def __class_getitem__(cls, item: Any) -> Any:
        """`ConfigurableResourceFactory[Client]` says what is made; it is for readers and type checkers only."""
        if cls.__pydantic_generic_metadata__["parameters"]:
            return super().__class_getitem__(item)
        return cls

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls._resource_field_names = frozenset(
            name
            for name, info in cls.model_fields.items()
            if NESTED_RESOURCE in info.metadata or _names_resource(info.annotation)
        )

    # What users override.

    def create_resource(self, context: InitResourceContext) -> Any:
        """Make the object that assets get."""
        raise NotImplementedError(f"{type(self).__name__} must implement create_resource.")

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Called before the first use in a process."""

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        """Called after the last use in a process, also after a failure; not if setup failed."""

    @contextlib.contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator[Any]:
        """Both of the above as one context manager (which may be asynchronous where it is overridden)."""
        self.setup_for_execution(context)
        try:
            yield self.create_resource(context)
        finally:
            self.teardown_after_execution(context)

    # What users call.

    @classmethod
    def configure_at_launch(cls: type[TFactory], **kwargs: Any) -> PartialResource[TFactory]:
        """The resource with some fields left for the run config."""
        return PartialResource(cls, kwargs)

    def get_resource_context(self) -> InitResourceContext:
        """The context of the current run; only while the resource is set up."""
        if self._init_context is None:
            raise DagsterInvariantViolationError(
                f"{type(self).__name__} is not part of a run now: get_resource_context() works from setup to teardown."
            )
        return self._init_context

    def get_resource_definition(self) -> ResourceDefinition:
        """The resource as a definition."""
        return definition_of(self)

    def process_config_and_initialize(self) -> Any:
        """The resource as a run would see it, with environment variables resolved.

        For resources without a teardown of their own; those use `process_config_and_initialize_cm`.
        """
        self._refuse_teardown("process_config_and_initialize_cm")
        from headrace.resource_scope import ResourceScope

        return ResourceScope({"resource": self.get_resource_definition()}).get("resource")

    @contextlib.contextmanager
    def process_config_and_initialize_cm(self) -> Iterator[Any]:
        """Like `process_config_and_initialize`, torn down at the end of the `with` block."""
        from headrace.resource_scope import ResourceScope

        with contextlib.closing(ResourceScope({"resource": self.get_resource_definition()})) as scope:
            yield scope.get("resource")

    @classmethod
    def from_resource_context(
        cls, context: InitResourceContext, nested_resources: Mapping[str, Any] | None = None
    ) -> Any:
        """The resource for a function-style `@resource` with this class's schema.

        For resources without a teardown of their own; those use `from_resource_context_cm`.
        """
        cls._refuse_teardown("from_resource_context_cm")
        instance = cls(**{**(context.resource_config or {}), **(nested_resources or {})})
        return instance._entered(context, contextlib.ExitStack())

    @classmethod
    @contextlib.contextmanager
    def from_resource_context_cm(
        cls, context: InitResourceContext, nested_resources: Mapping[str, Any] | None = None
    ) -> Iterator[Any]:
        """Like `from_resource_context`, torn down at the end of the `with` block."""
        with contextlib.ExitStack() as stack:
            instance = cls(**{**(context.resource_config or {}), **(nested_resources or {})})
            yield instance._entered(context, stack)

    # What the framework calls.

    @classmethod
    def _refuse_teardown(cls, instead: str) -> None:
        base = ConfigurableResourceFactory
        own_teardown = cls.teardown_after_execution is not base.teardown_after_execution
        if own_teardown or cls.yield_for_execution is not base.yield_for_execution:
            raise check.CheckError(
                f"{cls.__name__} has a teardown of its own, which would not happen: use {instead}."
            )

    def _nested_resources(self) -> dict[str, Any]:
        """Resources in fields, by field name."""
        return {
            name: value
            for name in type(self).model_fields
            if (value := getattr(self, name)) is not None
            and _is_nested(value, name in self._resource_field_names)
        }

    def _entered(self, context: InitResourceContext, stack: contextlib.ExitStack) -> Any:
        """Set this copy up; the object that assets get."""
        self._init_context = context
        stack.callback(self._forget_context)
        manager = self.yield_for_execution(context)
        if hasattr(manager, "__aenter__") and not hasattr(manager, "__enter__"):
            if context._scope is None:
                raise DagsterInvariantViolationError(
                    f"{type(self).__name__} has an asynchronous yield_for_execution, which works in runs only."
                )
            return context._scope.enter_async(manager, stack)
        return stack.enter_context(manager)

    def _forget_context(self) -> None:
        self._init_context = None


class ConfigurableResource(ConfigurableResourceFactory[TResValue]):
    """Base class of resources: fields are config, and assets get the instance itself.

    ::

        class Database(ConfigurableResource):
            url: str

            def query(self, sql: str): ...

        defs = Definitions(assets=[…], resources={"database": Database(url=EnvVar("DATABASE_URL"))})
    """

    def create_resource(self, context: InitResourceContext) -> Any:
        """The object that assets get: this instance, unless overridden."""
        return self


class PartialResource(DeferredResource, Generic[TFactory]):
    """A resource whose missing fields the run config gives (`configure_at_launch`)."""

    def __init__(self, resource_cls: type[TFactory], data: Mapping[str, Any]) -> None:
        unknown = sorted(
            set(data) - {field_key(name, info) for name, info in resource_cls.model_fields.items()}
        )
        if unknown:
            resource_cls(**data)  # says which field is unknown
        self.resource_cls = resource_cls
        self.data = dict(data)

    def get_resource_definition(self) -> ResourceDefinition:
        """The resource as a definition."""
        return definition_of(self)

    def _nested_resources(self) -> dict[str, Any]:
        names = self.resource_cls._resource_field_names
        return {name: value for name, value in self.data.items() if _is_nested(value, name in names)}

    def __repr__(self) -> str:
        return f"{self.resource_cls.__name__}.configure_at_launch({', '.join(self.data)})"


class ConfigurableResourceDefinition(ResourceDefinition):
    """The definition behind an instance of a resource class, or behind a partial one."""

    def __init__(self, configurable: Any) -> None:
        self.configurable = configurable
        self.resource_cls: type[ConfigurableResourceFactory] = (
            configurable.resource_cls if isinstance(configurable, PartialResource) else type(configurable)
        )
        super().__init__(lambda: configurable, description=class_description(self.resource_cls))
        self.shown_type = f"{self.resource_cls.__module__}.{self.resource_cls.__qualname__}"

    def enter(
        self, raw: Any, path: Path, what: str, context: InitResourceContext, stack: contextlib.ExitStack
    ) -> tuple[Any, Any]:
        nested = self._living_nested(context)
        copy = self._copy(raw, path, what)
        for name, value in nested.items():
            copy.__dict__[name] = value
        config = {
            field_key(name, info): config_to_dict(getattr(copy, name))
            for name, info in type(copy).model_fields.items()
            if name not in nested
        }
        return copy._entered(context.replace_config(config), stack), config

    def check_config(self, raw: Any, path: Path, what: str) -> None:
        self._copy(raw, path, what)
        for name, value in self.nested_values().items():
            if isinstance(value, ConfigurableResourceFactory):
                value.get_resource_definition().check_config(None, (*path, name), what)

    def _living_nested(self, context: InitResourceContext) -> dict[str, Any]:
        if context._scope is None:
            return self.nested_values()
        return {name: context._scope.nested(value, name) for name, value in self.nested_values().items()}

    def _copy(self, raw: Any, path: Path, what: str) -> ConfigurableResourceFactory:
        """A new instance with run config applied and environment variables resolved."""
        if raw is not None and not isinstance(raw, Mapping):
            raise invalid_config(
                what, [f"Expected an object, got {check.short_repr(raw, 60)}, at {path_text(path)}."]
            )
        if not isinstance(self.configurable, PartialResource):
            return resolved_config(self.configurable, path, what, raw)
        values = {
            **self.configurable.data,
            **values_from_run_config(self.resource_cls, raw or {}, path, what),
        }
        return resolved_config(validated(self.resource_cls, values, path, what), path, what)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise DagsterInvariantViolationError(
            f"{self.type_name} is a class-style resource and cannot be called."
        )

    def nested_values(self) -> dict[str, Any]:
        return self.configurable._nested_resources()

    def described_config(self) -> list[dict[str, Any]]:
        if not isinstance(self.configurable, PartialResource):
            return describe_model(self.configurable)
        entries = describe_model(self.resource_cls)
        given = {entry["name"]: entry for entry in describe_model(self._partly_constructed())}
        return [given[e["name"]] if e["name"] in self.configurable.data else e for e in entries]

    def _partly_constructed(self) -> Any:
        return self.resource_cls.model_construct(set(self.configurable.data), **self.configurable.data)

    def env_var_names(self) -> set[str]:
        partial = isinstance(self.configurable, PartialResource)
        return set(env_vars_in(self.configurable.data if partial else self.configurable))

    def secret_values(self) -> set[str]:
        partial = isinstance(self.configurable, PartialResource)
        return set(secret_values_in(self._partly_constructed() if partial else self.configurable))

    @property
    def missing_fields(self) -> list[str]:
        if not isinstance(self.configurable, PartialResource):
            return []
        fields = self.resource_cls.model_fields.items()
        names = (field_key(name, info) for name, info in fields if info.is_required())
        return [name for name in names if name not in self.configurable.data]


def definition_of(configurable: Any) -> ResourceDefinition:
    """The definition behind a resource object; IO managers get an IO manager definition."""
    from headrace.io_manager import ConfigurableIOManagerDefinition, is_io_manager_class

    cls = configurable.resource_cls if isinstance(configurable, PartialResource) else type(configurable)
    if is_io_manager_class(cls):
        return ConfigurableIOManagerDefinition(configurable)
    return ConfigurableResourceDefinition(configurable)


def class_description(cls: type) -> str | None:
    """The class's own docstring."""
    text = cls.__dict__.get("__doc__")
    return inspect.cleandoc(text) if text else None


def _is_nested(value: Any, declared: bool) -> bool:
    return isinstance(value, (ConfigurableResourceFactory, DeferredResource)) or (
        declared and value is not None
    )


def _names_resource(annotation: Any) -> bool:
    """Whether an annotation names a resource class, an IO manager, or a `ResourceDependency`."""
    from headrace.io_manager_base import IOManager

    args = typing.get_args(annotation)
    if typing.get_origin(annotation) is Annotated:
        return NESTED_RESOURCE in args or _names_resource(args[0])
    if typing.get_origin(annotation) is Union or type(annotation).__name__ == "UnionType":
        return any(_names_resource(each) for each in args)
    return is_class(annotation) and issubclass(annotation, (ConfigurableResourceFactory, IOManager))


def is_resource_annotation(annotation: Any) -> bool:
    """Whether a parameter of an asset's function is a resource, by its annotation."""
    if typing.get_origin(annotation) is Annotated and RESOURCE_PARAMETER in annotation.__metadata__:
        return True
    return is_class(annotation) and issubclass(annotation, ConfigurableResourceFactory)
