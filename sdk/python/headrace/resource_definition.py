"""Resources defined by functions: `@resource`, `.configured`, and ready-made values."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from headrace import check
from headrace.config_fields import describe_schema, env_vars_in, secret_values_in
from headrace.config_processing import Path, process_config
from headrace.config_schema import Field, resolve_schema
from headrace.deferred_values import DeferredResource
from headrace.errors import DagsterInvalidDefinitionError, DagsterInvalidInvocationError
from headrace.init_resource_context import InitResourceContext, UnboundInitResourceContext


class ResourceDefinition(DeferredResource):
    """How a resource is made: a function of the init context, its config schema, and the resources it needs."""

    is_io_manager = False

    def __init__(
        self,
        resource_fn: Callable[..., Any],
        config_schema: Any = None,
        description: str | None = None,
        required_resource_keys: AbstractSet[str] | None = None,
        version: str | None = None,
    ) -> None:
        check.opt_callable(resource_fn, "resource_fn")
        self.resource_fn = resource_fn
        self.config_field: Field = resolve_schema(config_schema)
        self.description = check.opt_str(description, "description")
        self.required_resource_keys = frozenset(
            check.opt_sequence(required_resource_keys, "required_resource_keys", str)
        )
        self.version = check.opt_str(version, "version")
        # For a configured definition: the one it was made from, and the config or the function that maps config.
        self._configured_from: tuple[ResourceDefinition, Any] | None = None
        self.shown_type: str | None = None

    @property
    def config_schema(self) -> Field:
        """The schema of the config that a run may give."""
        return self.config_field

    @property
    def type_name(self) -> str:
        """What kind of resource this is, as `module.name`."""
        if self.shown_type is not None:
            return self.shown_type
        if self._configured_from is not None:
            return self._configured_from[0].type_name
        module = getattr(self.resource_fn, "__module__", None)
        name = getattr(self.resource_fn, "__qualname__", type(self.resource_fn).__qualname__)
        return f"{module}.{name}" if module else name

    def processed_config(self, raw: Any, path: Path, what: str, *, resolve: bool = True) -> Any:
        """`raw` run config as the function sees it: checked, defaults filled in, variables resolved."""
        config = process_config(self.config_field, raw, path, resolve=resolve, what=what)
        if self._configured_from is None:
            return config
        parent, config_or_fn = self._configured_from
        given = config_or_fn(config) if callable(config_or_fn) else config_or_fn
        return parent.processed_config(given, path, what, resolve=resolve)

    def check_config(self, raw: Any, path: Path, what: str) -> None:
        """Raise what setting the resource up with this run config would, as far as config goes."""
        self.processed_config(raw, path, what)

    def enter(
        self, raw: Any, path: Path, what: str, context: InitResourceContext, stack: contextlib.ExitStack
    ) -> tuple[Any, Any]:
        """Make the resource from `raw` run config; what it needs to be torn down goes on `stack`.

        Returns the resource and the config it was made with.
        """
        config = self.processed_config(raw, path, what)
        made = self._call(context.replace_config(config))
        if inspect.isgenerator(made):
            made = stack.enter_context(_GeneratorResource(made, self.type_name))
        elif isinstance(made, contextlib.AbstractContextManager) and isinstance(
            made, contextlib.ContextDecorator
        ):
            made = stack.enter_context(made)
        return made, config

    def _call(self, context: InitResourceContext) -> Any:
        return self.resource_fn(context) if takes_context(self.resource_fn) else self.resource_fn()

    def configured(
        self, config_or_config_fn: Any, config_schema: Any = None, description: str | None = None
    ) -> ResourceDefinition:
        """A new definition with this config, or with a function that makes the config from other config.

        Constant config is checked now, environment variables aside.
        """
        if callable(config_or_config_fn):
            derived = self._derived(config_schema, description)
        else:
            if config_schema is not None:
                raise DagsterInvalidDefinitionError(
                    "config_schema only makes sense with a function from config to config."
                )
            self.processed_config(config_or_config_fn, (), f"resource {self.type_name}", resolve=False)
            derived = self._derived(None, description)
        derived._configured_from = (self, config_or_config_fn)
        return derived

    def _derived(self, config_schema: Any, description: str | None) -> ResourceDefinition:
        return ResourceDefinition(
            self.resource_fn,
            config_schema,
            description or self.description,
            self.required_resource_keys,
            self.version,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Make the resource directly, in a test: with the context, or without where the function takes none."""
        if not takes_context(self.resource_fn):
            return self.resource_fn()
        given = [*args, *kwargs.values()]
        if len(given) != 1:
            raise DagsterInvalidInvocationError(
                f"{self.type_name} is a resource: call it with one argument, "
                "the context that build_init_resource_context() returns."
            )
        context = given[0] if given[0] is not None else UnboundInitResourceContext(None, None)
        check.inst(context, "context", InitResourceContext)
        config = self.processed_config(context.resource_config, (), f"resource {self.type_name}")
        return self.resource_fn(context.with_definition(self, config, context.resources))

    def described_config(self) -> list[dict[str, Any]]:
        """The config as people are shown it."""
        if self._configured_from is None:
            return describe_schema(self.config_field, None)
        parent, config_or_fn = self._configured_from
        if callable(config_or_fn):
            return describe_schema(self.config_field, None)
        if parent._configured_from is None:
            return describe_schema(parent.config_field, config_or_fn)
        return parent.described_config()

    def _constant_config(self) -> Any:
        return (
            None
            if self._configured_from is None or callable(self._configured_from[1])
            else self._configured_from[1]
        )

    def env_var_names(self) -> set[str]:
        """The environment variables that the config names."""
        return set(env_vars_in(self._constant_config()))

    def secret_values(self) -> set[str]:
        """Literal secrets in the config, for masking."""
        return set(secret_values_in(self._constant_config()))

    def nested_values(self) -> dict[str, Any]:
        """Resources inside this one, by field; functions have none."""
        return {}

    @property
    def missing_fields(self) -> list[str]:
        """Required fields without a value, which only run config can give."""
        if self._configured_from is not None and not callable(self._configured_from[1]):
            return []
        fields = getattr(self.config_field.config_type, "fields", {})
        return [name for name, field in fields.items() if field.is_required]

    @staticmethod
    def hardcoded_resource(value: Any, description: str | None = None) -> ResourceDefinition:
        """A resource that is this value."""
        definition = ResourceDefinition(lambda: value, description=description)
        definition.shown_type = f"{type(value).__module__}.{type(value).__qualname__}"
        return definition

    @staticmethod
    def mock_resource(description: str | None = None) -> ResourceDefinition:
        """A resource that is a new `unittest.mock.MagicMock`."""
        from unittest import mock

        return ResourceDefinition(lambda: mock.MagicMock(), description=description)

    @staticmethod
    def none_resource(description: str | None = None) -> ResourceDefinition:
        """A resource that is None."""
        return ResourceDefinition.hardcoded_resource(None, description)

    @staticmethod
    def string_resource(description: str | None = None) -> ResourceDefinition:
        """A resource that is the string given as its config."""
        return ResourceDefinition(
            lambda context: context.resource_config, config_schema=str, description=description
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.type_name}>"


class _GeneratorResource(contextlib.AbstractContextManager):
    """A generator that yields its resource once; the code after the yield tears it down."""

    def __init__(self, generator: Any, name: str) -> None:
        self._generator = generator
        self._name = name

    def __enter__(self) -> Any:
        try:
            return next(self._generator)
        except StopIteration:
            raise DagsterInvalidDefinitionError(
                f"The resource {self._name} is a generator that yields nothing."
            ) from None

    def __exit__(self, *exc_info: object) -> None:
        try:
            next(self._generator)
        except StopIteration:
            return
        self._generator.close()
        raise DagsterInvalidDefinitionError(
            f"The resource {self._name} is a generator that yields more than once."
        )


def takes_context(fn: Callable[..., Any]) -> bool:
    """Whether a resource function takes the init context."""
    try:
        parameters = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = [
        each for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
    ]
    required = [each for each in positional if each.default is each.empty]
    if len(required) > 1:
        raise DagsterInvalidDefinitionError(
            f"The resource function {getattr(fn, '__name__', fn)} must take one argument, the init context, or none."
        )
    return bool(positional) or any(each.kind is each.VAR_POSITIONAL for each in parameters)


def resource(
    config_schema: Any = None,
    description: str | None = None,
    required_resource_keys: AbstractSet[str] | None = None,
    version: str | None = None,
) -> Any:
    """Define a resource by a function of the init context (or of nothing), bare or with arguments.

    The function may yield: the code after the yield tears the resource down.
    """
    if callable(config_schema) and not isinstance(config_schema, type) and description is None:
        return _from_function(config_schema, None, None, required_resource_keys, version)

    def decorate(fn: Callable[..., Any]) -> ResourceDefinition:
        return _from_function(fn, config_schema, description, required_resource_keys, version)

    return decorate


def _from_function(
    fn: Any, schema: Any, description: str | None, keys: Any, version: str | None
) -> ResourceDefinition:
    takes_context(fn)
    return ResourceDefinition(fn, schema, description or inspect.getdoc(fn), keys, version)


def make_values_resource(**kwargs: Any) -> ResourceDefinition:
    """A resource that is a dict of its config values; without arguments any config is taken."""

    def values_resource(context: InitResourceContext) -> Any:
        return context.resource_config or {}

    return ResourceDefinition(values_resource, config_schema=kwargs or dict)


def configured(configurable: Any, config_schema: Any = None, **kwargs: Any) -> Callable[[Any], Any]:
    """Decorate a function from config to config: the result is `configurable` with that config.

    Where the function's parameter is annotated with a `Config` class, that class is the schema.
    """
    if not hasattr(configurable, "configured"):
        raise DagsterInvalidInvocationError(f"{check.short_repr(configurable)} has no config to give.")

    def decorate(fn: Any) -> Any:
        if not callable(fn):
            return configurable.configured(fn, config_schema, **kwargs)
        schema, convert = config_schema, fn
        config_class = _config_class_of(fn)
        if config_class is not None and schema is None:
            schema = config_class

            def convert(config: Mapping[str, Any]) -> Any:
                return fn(config_class(**config))

        named = {**kwargs, "description": kwargs.get("description") or inspect.getdoc(fn)}
        return configurable.configured(convert, schema, **named)

    return decorate


def _config_class_of(fn: Callable[..., Any]) -> Any:
    from headrace.annotations import is_class, resolved_annotations
    from headrace.config import Config

    for annotation in resolved_annotations(fn).values():
        if is_class(annotation) and issubclass(annotation, Config):
            return annotation
    return None
