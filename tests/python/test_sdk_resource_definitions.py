"""Resources configured at launch, made by functions, used outside of runs, and bound to assets."""

from __future__ import annotations

import contextlib

import pytest
from pydantic import PrivateAttr

from headrace import (
    CheckError,
    ConfigurableResource,
    ConfigurableResourceFactory,
    DagsterInvalidConfigError,
    DagsterInvalidDefinitionError,
    DagsterInvalidInvocationError,
    DagsterInvariantViolationError,
    DagsterUnknownResourceError,
    Definitions,
    EnvVar,
    Field,
    InitResourceContext,
    ResourceDefinition,
    ResourceDependency,
    ResourceParam,
    RunConfig,
    asset,
    build_init_resource_context,
    build_resources,
    configured,
    make_values_resource,
    materialize,
    resource,
)

LOG: list[str] = []


@pytest.fixture(autouse=True)
def empty_log():
    LOG.clear()


class Database(ConfigurableResource):
    """Where the rows are."""

    url: str = "none"
    size: int = 1
    _handle: str = PrivateAttr(default="closed")

    def setup_for_execution(self, context: InitResourceContext) -> None:
        LOG.append(f"setup {self.url}")
        self._handle = f"handle of {self.url}"

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        LOG.append(f"teardown {self.url}")

    def query(self) -> str:
        return self._handle


class Service(ConfigurableResource):
    database: Database
    name: str = "service"

    def setup_for_execution(self, context: InitResourceContext) -> None:
        LOG.append(f"setup {self.name} with {self.database.query()}")

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        LOG.append(f"teardown {self.name}")


class Client:
    def __init__(self, token: str) -> None:
        self.token = token


class ClientFactory(ConfigurableResourceFactory[Client]):
    token: str

    def create_resource(self, context: InitResourceContext) -> Client:
        return Client(self.token)


class Broken(ConfigurableResource):
    def setup_for_execution(self, context: InitResourceContext) -> None:
        LOG.append("setup broken")
        raise ValueError("no database")

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        LOG.append("teardown broken")


class Yielding(ConfigurableResource):
    @contextlib.contextmanager
    def yield_for_execution(self, context: InitResourceContext):
        LOG.append("enter")
        yield self
        LOG.append("leave")


class AsyncYielding(ConfigurableResource):
    @contextlib.asynccontextmanager
    async def yield_for_execution(self, context: InitResourceContext):
        LOG.append("async enter")
        yield self
        LOG.append("async leave")


class UsesDependency(ConfigurableResource):
    client: ResourceDependency[Client]


class OptionalNested(ConfigurableResource):
    database: Database | None = None


@asset
def queries(database: Database) -> None:
    LOG.append(database.query())


@asset(deps=["queries"])
def queries_again(database: Database) -> None:
    LOG.append(database.query())


@asset
def uses_client(client: ResourceParam[Client]) -> None:
    LOG.append(client.token)


# Config at launch


def test_run_config_wins_over_constructor_values():
    materialize(
        [queries],
        resources={"database": Database(url="given", size=3)},
        run_config={"resources": {"database": {"config": {"url": "at launch"}}}},
    )
    assert LOG[0] == "setup at launch"


def test_configure_at_launch():
    resources = {"database": Database.configure_at_launch(size=4)}
    run_config = RunConfig(resources={"database": Database(url="later")})
    materialize([queries], resources=resources, run_config=run_config)
    assert LOG[0] == "setup later"

    class Needs(ConfigurableResource):
        url: str

    @asset(required_resource_keys={"needs"})
    def subject(context) -> None:
        LOG.append(context.resources.needs.url)

    with pytest.raises(
        DagsterInvalidConfigError, match="Missing required config entry.*resources:needs:config:url"
    ):
        materialize([subject], resources={"needs": Needs.configure_at_launch()})
    materialize(
        [subject],
        resources={"needs": Needs.configure_at_launch()},
        run_config={"resources": {"needs": {"config": {"url": "u"}}}},
    )
    assert LOG[-1] == "u"


def test_bad_resource_config_in_a_run():
    with pytest.raises(DagsterInvalidConfigError, match='"urll".*Did you mean "url"'):
        materialize(
            [queries],
            resources={"database": Database()},
            run_config={"resources": {"database": {"config": {"urll": "x"}}}},
        )


# Functions


@resource(config_schema={"url": str, "size": Field(int, default_value=2)}, description="a function")
def function_database(context: InitResourceContext):
    LOG.append(f"open {context.resource_config['url']} {context.resource_config['size']}")
    yield context.resource_config["url"]
    LOG.append("close")


@asset(required_resource_keys={"db"})
def uses_function(context) -> None:
    LOG.append(context.resources.db)


def test_function_resource_with_teardown_and_configured():
    materialize([uses_function], resources={"db": function_database.configured({"url": "u"})})
    assert LOG == ["open u 2", "u", "close"]


def test_function_resource_configured_by_function():
    @configured(function_database, config_schema={"host": str})
    def by_host(config):
        return {"url": f"http://{config['host']}", "size": 5}

    run_config = {"resources": {"db": {"config": {"host": "h"}}}}
    materialize([uses_function], resources={"db": by_host}, run_config=run_config)
    assert LOG[0] == "open http://h 5"


def test_bad_constant_config_is_refused_at_definition():
    with pytest.raises(DagsterInvalidConfigError, match="url"):
        function_database.configured({"size": 1})
    with pytest.raises(DagsterInvalidConfigError, match='"urll".*Did you mean "url"'):
        function_database.configured({"url": "a", "urll": "b"})


def test_constant_config_with_env_is_resolved_at_launch(monkeypatch):
    from headrace import StringSource

    @resource(config_schema={"url": StringSource})
    def subject(context):
        return context.resource_config["url"]

    monkeypatch.delenv("A_URL", raising=False)
    definition = subject.configured({"url": {"env": "A_URL"}})
    with pytest.raises(DagsterInvalidConfigError, match="A_URL.*resources:db:config:url"):
        materialize([uses_function], resources={"db": definition})
    monkeypatch.setenv("A_URL", "from env")
    materialize([uses_function], resources={"db": definition})
    assert LOG == ["from env"]


def test_function_resource_that_requires_another():
    @resource(required_resource_keys={"base"})
    def derived(context):
        return f"{context.resources.base} and more"

    materialize(
        [uses_function], resources={"db": derived, "base": ResourceDefinition.hardcoded_resource("base")}
    )
    assert LOG == ["base and more"]
    with pytest.raises(DagsterInvalidDefinitionError, match='"base".*"db"'):
        materialize([uses_function], resources={"db": derived})


def test_resources_in_a_circle_are_refused():
    first = ResourceDefinition(lambda context: 1, required_resource_keys={"second"})
    second = ResourceDefinition(lambda context: 1, required_resource_keys={"db"})
    with pytest.raises(DagsterInvalidDefinitionError, match="circle"):
        Definitions.validate_loadable(
            Definitions(assets=[uses_function], resources={"db": first, "second": second})
        )


def test_ready_made_definitions():
    with build_resources(
        {
            "none": ResourceDefinition.none_resource(),
            "text": ResourceDefinition.string_resource(),
            "mock": ResourceDefinition.mock_resource(),
            "values": make_values_resource(a=int),
        },
        resource_config={"text": {"config": "hello"}, "values": {"config": {"a": 1}}},
    ) as resources:
        assert resources.none is None
        assert resources.text == "hello"
        assert resources.mock.anything() is not None
        assert resources.values == {"a": 1}


def test_direct_call_of_a_function_resource():
    @resource(config_schema={"a": int}, required_resource_keys={"other"})
    def subject(context):
        return context.resource_config["a"], context.resources.other

    assert subject(build_init_resource_context(config={"a": 1}, resources={"other": "o"})) == (1, "o")
    with pytest.raises(DagsterInvalidConfigError):
        subject(build_init_resource_context(config={}))
    with pytest.raises(DagsterInvalidInvocationError):
        subject()

    @resource
    def plain():
        return 5

    assert plain() == 5


def test_class_resource_from_a_function():
    @resource(config_schema=Database.to_config_schema())
    def subject(context):
        with Database.from_resource_context_cm(context) as database:
            yield database

    materialize(
        [uses_function],
        resources={"db": subject},
        run_config={"resources": {"db": {"config": {"url": "u"}}}},
    )
    assert LOG[0] == "setup u" and LOG[-1] == "teardown u"
    with pytest.raises(CheckError, match="from_resource_context_cm"):
        Database.from_resource_context(build_init_resource_context(config={}))


# Outside of runs


def test_build_resources_sets_up_and_tears_down():
    with build_resources({"database": Database(url="a")}) as resources:
        assert resources.database.query() == "handle of a"
        with pytest.raises(DagsterUnknownResourceError):
            resources.other  # noqa: B018
        with pytest.raises(DagsterInvariantViolationError):
            resources.database = 1
    assert LOG == ["setup a", "teardown a"]


def test_process_config_and_initialize(monkeypatch):
    monkeypatch.setenv("A_URL", "from env")
    assert ClientFactory(token=EnvVar("A_URL")).process_config_and_initialize().token == "from env"
    with pytest.raises(CheckError, match="process_config_and_initialize_cm"):
        Database().process_config_and_initialize()
    with Database(url=EnvVar("A_URL")).process_config_and_initialize_cm() as database:
        assert database.query() == "handle of from env"
    assert LOG[-1] == "teardown from env"


def test_resource_context_only_while_in_a_run():
    class Asks(ConfigurableResource):
        def run_id(self):
            return self.get_resource_context().run_id

    @asset
    def subject(asks: ResourceParam[Asks]) -> None:
        LOG.append(asks.run_id())

    asks = Asks()
    result = materialize([subject], resources={"asks": asks})
    assert LOG == [result.run_id]
    with pytest.raises(DagsterInvariantViolationError):
        asks.run_id()


# Bound to assets


def test_asset_bound_resources():
    @asset(
        resource_defs={"db": ResourceDefinition.hardcoded_resource("bound")}, required_resource_keys={"db"}
    )
    def subject(context) -> None:
        LOG.append(context.resources.db)

    materialize([subject])
    assert LOG == ["bound"]
    with pytest.raises(DagsterInvalidInvocationError, match="db"):
        materialize([subject], resources={"db": "other"})


def test_asset_bound_resources_win_over_top_level_ones():
    @asset(
        resource_defs={"db": ResourceDefinition.hardcoded_resource("bound")}, required_resource_keys={"db"}
    )
    def subject(context): ...

    resolved = Definitions(assets=[subject], resources={"db": "other"}).resolved()
    with build_resources({"db": resolved.resources["db"]}) as resources:
        assert resources.db == "bound"
    with pytest.raises(DagsterInvalidDefinitionError, match='"db".*uses_function'):
        Definitions.validate_loadable(Definitions(assets=[subject, uses_function], resources={"db": "other"}))
