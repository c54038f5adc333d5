"""Resources: classes and functions, lifecycle, nesting, launch config, and what is refused."""

from __future__ import annotations

import contextlib

import pytest
from pydantic import PrivateAttr, ValidationError

from headrace import (
    AssetExecutionContext,
    ConfigurableIOManager,
    ConfigurableResource,
    ConfigurableResourceFactory,
    DagsterInvalidConfigError,
    DagsterInvalidDefinitionError,
    DagsterInvalidInvocationError,
    DagsterResourceFunctionError,
    DagsterUnknownResourceError,
    Definitions,
    EnvVar,
    InitResourceContext,
    IOManager,
    ParameterCheckError,
    ResourceDependency,
    ResourceParam,
    asset,
    build_resources,
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
