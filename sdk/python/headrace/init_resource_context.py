"""What a resource sees while it is set up, and the resources that steps see."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from headrace import check
from headrace.errors import DagsterInvariantViolationError, DagsterUnknownResourceError
from headrace.log import get_log_manager

if TYPE_CHECKING:
    from headrace.resource_definition import ResourceDefinition
    from headrace.resource_scope import ResourceScope


class IAttachDifferentObjectToOpContext:
    """A resource that shows another object than itself through `context.resources`."""

    def get_object_to_set_on_execution_context(self) -> Any:
        """The object to show."""
        raise NotImplementedError


class ScopedResources:
    """Resources by name: `context.resources.database`. Unknown names raise `DagsterUnknownResourceError`."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__["_values"] = dict(values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._values:
            raise DagsterUnknownResourceError(name, sorted(self._values))
        value = self._values[name]
        if isinstance(value, IAttachDifferentObjectToOpContext):
            return value.get_object_to_set_on_execution_context()
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        raise DagsterInvariantViolationError(f"context.resources cannot be changed (setting {name!r}).")

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[Any]:
        return (getattr(self, name) for name in self._values)

    @property
    def original_resource_dict(self) -> dict[str, Any]:
        """The resources themselves, by name."""
        return dict(self._values)

    def _asdict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self._values}

    def __repr__(self) -> str:
        return f"Resources({', '.join(sorted(self._values))})"


class InitResourceContext:
    """Given to resource functions and to the setup and teardown of resource classes."""

    def __init__(
        self,
        resource_config: Any = None,
        resources: ScopedResources | None = None,
        resource_def: ResourceDefinition | None = None,
        *,
        log: Any = None,
        run: Any = None,
        scope: ResourceScope | None = None,
    ) -> None:
        self._resource_config = resource_config
        self._resources = resources or ScopedResources({})
        self._resource_def = resource_def
        self._log = log
        self._run = run
        self._scope = scope

    @property
    def resource_config(self) -> Any:
        """The resource's config, environment variables resolved."""
        return self._resource_config

    @property
    def resource_def(self) -> ResourceDefinition | None:
        """The definition that is being set up."""
        return self._resource_def

    @property
    def resources(self) -> ScopedResources:
        """The resources that this one requires."""
        return self._resources

    @property
    def log(self) -> Any:
        """The run's log."""
        return self._log or get_log_manager()

    @property
    def log_manager(self) -> Any:
        """The run's log."""
        return self.log

    @property
    def run(self) -> Any:
        """The run, or None outside of one."""
        return self._run

    @property
    def dagster_run(self) -> Any:
        """The run, or None outside of one."""
        return self._run

    @property
    def run_id(self) -> str | None:
        """The run's id, or None outside of a run."""
        return None if self._run is None else self._run.run_id

    @property
    def instance(self) -> Any:
        """Not there yet."""
        raise DagsterInvariantViolationError(
            "headrace has no `DagsterInstance` yet: context.instance cannot be used."
        )

    @property
    def all_resource_defs(self) -> dict[str, ResourceDefinition]:
        """All resource definitions around this one, by name."""
        return {} if self._scope is None else dict(self._scope.definitions)

    @property
    def event_loop(self) -> Any:
        """The loop that asynchronous resources of this run live on."""
        return None if self._scope is None else self._scope.event_loop

    def replace_config(self, config: Any) -> InitResourceContext:
        """A copy with other config."""
        return InitResourceContext(
            config, self._resources, self._resource_def, log=self._log, run=self._run, scope=self._scope
        )

    def with_definition(
        self, definition: Any, config: Any, resources: ScopedResources
    ) -> InitResourceContext:
        """A copy for another resource of the same run."""
        return InitResourceContext(
            config, resources, definition, log=self._log, run=self._run, scope=self._scope
        )


class UnboundInitResourceContext(InitResourceContext, contextlib.AbstractContextManager):
    """A context for tests, made by `build_init_resource_context`.

    Given resources are set up on first use. Use it in a `with` block to have them torn down.
    """

    def __init__(self, config: Any, resources: Mapping[str, Any] | None) -> None:
        from headrace.resource_coercion import to_resource_definitions
        from headrace.resource_scope import ResourceScope

        self._definitions = to_resource_definitions(check.opt_mapping(resources, "resources"))
        super().__init__(config, scope=ResourceScope(self._definitions))
        self._is_set_up = False

    @property
    def resources(self) -> ScopedResources:
        """The given resources."""
        if not self._is_set_up:
            assert self._scope is not None
            self._resources = ScopedResources({key: self._scope.get(key) for key in self._definitions})
            self._is_set_up = True
        return self._resources

    def __enter__(self) -> UnboundInitResourceContext:
        return self

    def __exit__(self, *exc_info: object) -> None:
        assert self._scope is not None
        self._scope.close()


def build_init_resource_context(
    config: Mapping[str, Any] | None = None, resources: Mapping[str, Any] | None = None, instance: Any = None
) -> UnboundInitResourceContext:
    """A context for setting a resource up in a test."""
    if instance is not None:
        raise DagsterInvariantViolationError(
            "headrace has no `DagsterInstance` yet: leave out the argument `instance`."
        )
    return UnboundInitResourceContext(config, resources)
