"""The living resources of one run in one process: set up on first need, torn down in reverse order."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.errors import (
    DagsterError,
    DagsterInvalidDefinitionError,
    DagsterResourceFunctionError,
    DagsterUnknownResourceError,
)
from headrace.init_resource_context import InitResourceContext, ScopedResources
from headrace.resource_definition import ResourceDefinition

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop


_NO_RESOURCES = ScopedResources({})


class ResourceScope:
    """Holds each resource from its first use until `close`. For one thread."""

    def __init__(
        self,
        definitions: Mapping[str, ResourceDefinition],
        *,
        resource_config: Mapping[str, Any] | None = None,
        what: str = "resources",
        log: Any = None,
        run: Any = None,
    ) -> None:
        self.definitions = dict(definitions)
        self._config = dict(resource_config or {})
        self._what = what
        self._log = log
        self._run = run
        self._values: dict[str, Any] = {}
        self._configs: dict[str, Any] = {}
        self._nested: dict[int, tuple[Any, Any]] = {}
        self._in_progress: list[str] = []
        self._stack = contextlib.ExitStack()
        self._event_loop: AbstractEventLoop | None = None

    @property
    def event_loop(self) -> AbstractEventLoop:
        """The loop that asynchronous resources live on."""
        if self._event_loop is None:
            import asyncio  # only asynchronous code pays for it

            self._event_loop = asyncio.new_event_loop()
        return self._event_loop

    def get(self, key: str) -> Any:
        """The resource `key`, set up now if it was not."""
        if key in self._values:
            return self._values[key]
        definition = self.definitions.get(key)
        if definition is None:
            raise DagsterUnknownResourceError(key, sorted(self.definitions))
        if key in self._in_progress:
            cycle = " → ".join([*self._in_progress[self._in_progress.index(key) :], key])
            raise DagsterInvalidDefinitionError(f"Resources need each other in a circle: {cycle}.")
        self._in_progress.append(key)
        try:
            self._values[key] = self._enter(definition, key)
        finally:
            self._in_progress.pop()
        return self._values[key]

    def config_of(self, key: str) -> Any:
        """The config that the resource `key` was set up with."""
        return self._configs.get(key)

    def resources(self, keys: Any) -> ScopedResources:
        """These resources, as `context.resources` shows them."""
        return ScopedResources({key: self.get(key) for key in sorted(keys)}) if keys else _NO_RESOURCES

    def nested(self, value: Any, name: str) -> Any:
        """The living resource behind a value nested in another resource."""
        for key, definition in self.definitions.items():
            if definition is value or getattr(definition, "configurable", None) is value:
                return self.get(key)
        if id(value) not in self._nested:
            from headrace.resource_coercion import to_resource_definition

            made = self._enter(to_resource_definition(value), None, name)
            self._nested[id(value)] = (value, made)
        return self._nested[id(value)][1]

    def _enter(self, definition: ResourceDefinition, key: str | None, name: str = "") -> Any:
        path = (
            ("resources", key, "config")
            if key is not None
            else ("resources", *self._in_progress[-1:], "config", name)
        )
        resources = self.resources(definition.required_resource_keys)
        context = InitResourceContext(None, resources, definition, log=self._log, run=self._run, scope=self)
        shown = f'resource "{key}"' if key is not None else f'nested resource "{name}"'
        with contextlib.ExitStack() as own:
            with translated_errors(f"Error while setting up the {shown}"):
                made, config = definition.enter(self._raw_config(key), path, self._what, context, own)
            self._stack.push(own.pop_all())
        if key is not None:
            self._configs[key] = config
        return made

    def _raw_config(self, key: str | None) -> Any:
        entry = self._config.get(key) if key is not None else None
        if entry is None:
            return None
        check.inst(entry, f"run_config['resources'][{key!r}]", Mapping)
        return entry.get("config")

    def enter_async(self, manager: Any, stack: contextlib.ExitStack) -> Any:
        """Enter an asynchronous context manager on the scope's loop; it is left there too."""
        loop = self.event_loop
        stack.push(lambda *exc_info: loop.run_until_complete(manager.__aexit__(*exc_info)))
        try:
            return loop.run_until_complete(manager.__aenter__())
        except BaseException:
            stack.pop_all()
            raise

    def close(self) -> None:
        """Tear everything down, the last first. All are torn down even if some raise; the last error is raised."""
        try:
            with translated_errors("Error while tearing resources down"):
                self._stack.close()
        finally:
            self._values.clear()
            self._nested.clear()
            if self._event_loop is not None:
                self._event_loop.close()
                self._event_loop = None


@contextlib.contextmanager
def translated_errors(what: str) -> Iterator[None]:
    """User errors become `DagsterResourceFunctionError`; our own pass."""
    try:
        yield
    except DagsterError:
        raise
    except Exception as error:
        raise DagsterResourceFunctionError(f"{what}: {type(error).__name__}: {error}", error) from error


@contextlib.contextmanager
def build_resources(
    resources: Mapping[str, Any],
    instance: Any = None,
    resource_config: Mapping[str, Any] | None = None,
    dagster_run: Any = None,
    log_manager: Any = None,
    event_loop: Any = None,
) -> Iterator[ScopedResources]:
    """Set resources up outside of a run, and tear them down at the end of the `with` block.

    `resource_config`: key → `{"config": …}`.
    """
    from headrace.resource_coercion import to_resource_definitions

    for name, value in (("instance", instance), ("event_loop", event_loop)):
        if value is not None:
            raise DagsterInvalidDefinitionError(
                f"headrace has no `{name}` for build_resources yet: leave it out."
            )
    scope = ResourceScope(
        to_resource_definitions(check.opt_mapping(resources, "resources")),
        resource_config=resource_config,
        log=log_manager,
        run=dagster_run,
    )
    with contextlib.closing(scope):
        yield scope.resources(scope.definitions)
