"""Resources: classes and functions, lifecycle, nesting, launch config, and what is refused."""

from __future__ import annotations

import contextlib

import pytest
from pydantic import PrivateAttr, ValidationError

from headrace import (
    AssetExecutionContext,
    CheckError,
    ConfigurableIOManager,
    ConfigurableResource,
    ConfigurableResourceFactory,
    DagsterInvalidConfigError,
    DagsterInvalidDefinitionError,
    DagsterInvalidInvocationError,
    DagsterInvariantViolationError,
    DagsterResourceFunctionError,
    DagsterUnknownResourceError,
    Definitions,
    EnvVar,
    Field,
    InitResourceContext,
    IOManager,
    ParameterCheckError,
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


def test_lifecycle_is_once_per_process_around_all_steps():
    materialize([queries, queries_again], resources={"database": Database(url="a")})
    assert LOG == ["setup a", "handle of a", "handle of a", "teardown a"]


def test_teardown_happens_after_a_failure_too():
    @asset
    def fails(database: Database) -> None:
        raise RuntimeError("boom")

    with pytest.raises(RuntimeError, match="boom"):
        materialize([fails], resources={"database": Database(url="a")})
    assert LOG == ["setup a", "teardown a"]


def test_failed_setup_is_told_and_not_torn_down():
    @asset
    def uses(broken: Broken) -> None: ...

    with pytest.raises(DagsterResourceFunctionError, match='resource "broken".*no database') as caught:
        materialize([uses], resources={"broken": Broken()})
    assert isinstance(caught.value.user_exception, ValueError)
    assert LOG == ["setup broken"]
    result = materialize([uses], resources={"broken": Broken()}, raise_on_error=False)
    assert not result.success
    assert "RESOURCE_INIT_FAILURE" in [event.event_type_value for event in result.all_events]


def test_only_needed_resources_are_set_up():
    materialize([queries], resources={"database": Database(url="a"), "broken": Broken()})
    assert "setup broken" not in LOG


def test_yield_for_execution():
    @asset
    def uses(thing: Yielding) -> None:
        LOG.append("use")

    materialize([uses], resources={"thing": Yielding()})
    assert LOG == ["enter", "use", "leave"]


def test_asynchronous_yield_for_execution():
    @asset
    def uses(thing: AsyncYielding) -> None:
        LOG.append("use")

    materialize([uses], resources={"thing": AsyncYielding()})
    assert LOG == ["async enter", "use", "async leave"]


def test_state_of_one_run_does_not_reach_the_next():
    database = Database(url="a")
    materialize([queries], resources={"database": database})
    assert database.query() == "closed"


def test_fields_cannot_be_changed():
    with pytest.raises(DagsterInvalidInvocationError, match="url"):
        Database().url = "b"
    with pytest.raises(DagsterInvalidInvocationError, match="cache"):
        Database().cache = {}


def test_unknown_constructor_fields_are_refused_by_name():
    with pytest.raises(ValidationError, match='Database has no field "urll".*Did you mean "url"'):
        Database(urll="x")
    with pytest.raises(ValidationError, match="bogus"):
        Database.configure_at_launch(bogus=1)


def test_factory_gives_the_object_it_creates():
    materialize([uses_client], resources={"client": ClientFactory(token="t")})
    assert LOG == ["t"]


def test_any_object_is_a_resource():
    materialize([uses_client], resources={"client": Client("plain")})
    assert LOG == ["plain"]

    @asset(required_resource_keys={"text"})
    def reads(context: AssetExecutionContext) -> None:
        LOG.append(context.resources.text)

    materialize([reads], resources={"text": "hello"})
    assert LOG == ["plain", "hello"]


def test_class_instead_of_instance_is_refused():
    with pytest.raises(DagsterInvalidDefinitionError, match=r"Database\(…\)"):
        materialize([queries], resources={"database": Database})


def test_missing_resource_names_asset_and_key():
    with pytest.raises(DagsterInvalidDefinitionError) as caught:
        materialize([queries], resources={"databse": Database()})
    assert '"database"' in str(caught.value)
    assert '"queries"' in str(caught.value)
    assert 'Did you mean "databse"' in str(caught.value)


def test_definitions_are_made_without_their_resources():
    Definitions(assets=[queries])
    with pytest.raises(DagsterInvalidDefinitionError):
        Definitions.validate_loadable(Definitions(assets=[queries]))


def test_resource_that_was_not_asked_for_is_unknown():
    @asset
    def reads(context: AssetExecutionContext) -> None:
        context.resources.database  # noqa: B018

    with pytest.raises(DagsterUnknownResourceError, match="database"):
        materialize([reads], resources={"database": Database()})


def test_parameter_and_required_keys_exclude_each_other():
    with pytest.raises(ParameterCheckError):

        @asset(required_resource_keys={"database"})
        def subject(database: Database): ...


# Nesting


@asset
def uses_service(service: Service) -> None:
    LOG.append(service.database.query())


def test_nested_resources_inner_first_torn_down_in_reverse():
    materialize([uses_service], resources={"service": Service(database=Database(url="in"))})
    assert LOG == [
        "setup in",
        "setup service with handle of in",
        "handle of in",
        "teardown service",
        "teardown in",
    ]


def test_same_object_nested_and_top_level_is_set_up_once():
    database = Database(url="shared")
    materialize(
        [uses_service, queries], resources={"database": database, "service": Service(database=database)}
    )
    assert LOG.count("setup shared") == 1
    assert LOG.count("teardown shared") == 1


def test_same_object_nested_twice_is_set_up_once():
    class Both(ConfigurableResource):
        first: Database
        second: Database

    database = Database(url="shared")
    with build_resources({"both": Both(first=database, second=database)}) as resources:
        assert resources.both.first is resources.both.second
    assert LOG == ["setup shared", "teardown shared"]


def test_nested_env_vars_are_resolved(monkeypatch):
    monkeypatch.setenv("A_URL", "from env")
    materialize([uses_service], resources={"service": Service(database=Database(url=EnvVar("A_URL")))})
    assert "setup from env" in LOG
    monkeypatch.delenv("A_URL")
    with pytest.raises(DagsterInvalidConfigError, match="A_URL.*resources:service:config:database:url"):
        materialize([uses_service], resources={"service": Service(database=Database(url=EnvVar("A_URL")))})


def test_nested_factories_functions_and_raw_values():
    @asset
    def uses(thing: UsesDependency) -> None:
        LOG.append(thing.client.token)

    @resource
    def client_resource():
        yield Client("from function")
        LOG.append("function torn down")

    for client in (ClientFactory(token="made"), Client("raw"), client_resource):
        materialize([uses], resources={"thing": UsesDependency(client=client)})
    assert LOG == ["made", "raw", "from function", "function torn down"]


def test_nested_io_manager_and_optional():
    class Kept(IOManager):
        def handle_output(self, context, obj): ...

        def load_input(self, context): ...

    class Wrapper(ConfigurableIOManager):
        inner: ResourceDependency[IOManager]

        def handle_output(self, context, obj):
            LOG.append(type(self.inner).__name__)

        def load_input(self, context): ...

    @asset
    def value():
        return 1

    materialize([value], resources={"io_manager": Wrapper(inner=Kept())})
    assert LOG == ["Kept"]
    with build_resources({"thing": OptionalNested()}) as resources:
        assert resources.thing.database is None


def test_wrong_nested_object_is_refused_at_construction():
    with pytest.raises(ValidationError, match="database"):
        Service(database=ClientFactory(token="t"))


def test_unconfigured_nested_resource_must_be_top_level_too():
    partial = Database.configure_at_launch()
    service = Service(database=partial)
    Definitions.validate_loadable(
        Definitions(assets=[uses_service], resources={"service": service, "db": partial})
    )

    class Needs(ConfigurableResource):
        url: str

    class Outer(ConfigurableResource):
        needs: Needs

    inner = Needs.configure_at_launch()
    with pytest.raises(DagsterInvalidDefinitionError, match="needs"):
        Definitions.validate_loadable(Definitions(resources={"outer": Outer(needs=inner)}))
    Definitions.validate_loadable(Definitions(resources={"outer": Outer(needs=inner), "needs": inner}))


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
