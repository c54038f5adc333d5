"""IO managers as classes and functions, their contexts, input managers, and values in memory."""

from __future__ import annotations

import pytest

from headrace import (
    AssetIn,
    AssetKey,
    Config,
    ConfigurableIOManager,
    ConfigurableIOManagerFactory,
    DagsterInvalidDefinitionError,
    DagsterInvariantViolationError,
    Field,
    InputContext,
    InputManager,
    IOManager,
    IOManagerDefinition,
    OutputContext,
    ResourceDefinition,
    asset,
    build_init_resource_context,
    build_output_context,
    input_manager,
    io_manager,
    materialize,
    materialize_to_memory,
    mem_io_manager,
)

CALLS: list[tuple] = []


@pytest.fixture(autouse=True)
def empty_calls():
    CALLS.clear()


class Recording(IOManager):
    """Keeps values by asset, and says what it was asked."""

    def __init__(self, name: str = "io_manager", on_output=None) -> None:
        self.name = name
        self.kept: dict[str, object] = {}
        self.on_output = on_output or (lambda context: None)

    def handle_output(self, context, obj):
        CALLS.append((self.name, "out", context.asset_key.to_user_string(), obj))
        self.kept[context.asset_key.to_user_string()] = obj
        return self.on_output(context)

    def load_input(self, context):
        CALLS.append((self.name, "in", context.asset_key.to_user_string()))
        return self.kept.get(context.asset_key.to_user_string(), "made up")


@asset
def first():
    return 1


@asset
def second(first):
    return first + 1


def metadata_of(result, key="first"):
    return {
        label: value.value
        for event in result.get_asset_materialization_events()
        if event.asset_key == AssetKey(key)
        for label, value in event.materialization.metadata.items()
    }


def stored_with(on_output, subject=first):
    return materialize([subject], resources={"io_manager": Recording(on_output=on_output)})


# Contexts


def test_output_context_of_an_asset():
    @asset(key_prefix="a", metadata={"m": 1}, description="d")
    def b() -> int:
        return 1

    seen = {}

    def look(context: OutputContext):
        seen.update(
            step_key=context.step_key,
            name=context.name,
            identifier=context.get_identifier(),
            asset_identifier=context.get_asset_identifier(),
            definition_metadata=context.definition_metadata,
            type_name=context.dagster_type.display_name,
            run_id=context.run_id,
            nones=(context.mapping_key, context.version, context.config),
            partitions=(context.has_partition_key, context.has_asset_partitions),
            spec=context.asset_spec.description,
        )

    result = stored_with(look, b)
    assert seen["step_key"] == "a__b"
    assert seen["name"] == "result"
    assert seen["identifier"] == [result.run_id, "a__b", "result"]
    assert seen["asset_identifier"] == ["a", "b"]
    assert seen["definition_metadata"] == {"m": 1}
    assert seen["type_name"] == "Int"
    assert seen["run_id"] == result.run_id
    assert seen["nones"] == (None, None, None)
    assert seen["partitions"] == (False, False)
    assert seen["spec"] == "d"


def upstream_seen(in_run):
    seen = {}

    class Looking(Recording):
        def load_input(self, context: InputContext):
            upstream = context.upstream_output
            seen.update(
                name=context.name,
                input_metadata=context.definition_metadata,
                step_key=upstream.step_key,
                output_name=upstream.name,
                asset_key=upstream.asset_key,
                upstream_metadata=upstream.definition_metadata,
                type_name=context.dagster_type.display_name,
            )
            return 1

    @asset(metadata={"m": 1})
    def up():
        return 1

    @asset(ins={"value": AssetIn("up", metadata={"i": 2})})
    def down(value: int):
        return value

    selection = None if in_run else [down]
    materialize([up, down], resources={"io_manager": Looking()}, selection=selection)
    return seen


def test_input_context_with_upstream_in_the_run():
    assert upstream_seen(in_run=True) == {
        "name": "value",
        "input_metadata": {"i": 2},
        "step_key": "up",
        "output_name": "result",
        "asset_key": AssetKey("up"),
        "upstream_metadata": {"m": 1},
        "type_name": "Int",
    }


def test_input_context_with_upstream_outside_of_the_run():
    seen = upstream_seen(in_run=False)
    assert seen["step_key"] == "none"
    assert seen["output_name"] == "up"
    assert seen["upstream_metadata"] == {"m": 1, "dagster/io_manager_key": "io_manager"}


# Classes


class Prefixing(ConfigurableIOManager):
    prefix: str
    suffix: str = ""

    def handle_output(self, context, obj):
        CALLS.append((id(self), f"{self.prefix}{obj}{self.suffix}", context.resource_config))

    def load_input(self, context):
        CALLS.append((id(self), "in"))
        return 1


def test_configurable_io_manager_is_one_instance_for_all_steps():
    materialize([first, second], resources={"io_manager": Prefixing(prefix="p")})
    assert len({call[0] for call in CALLS}) == 1
    assert CALLS[0][1:] == ("p1", {"prefix": "p", "suffix": ""})


def test_resource_config_shows_run_config():
    materialize(
        [first],
        resources={"io_manager": Prefixing(prefix="p")},
        run_config={"resources": {"io_manager": {"config": {"suffix": "s"}}}},
    )
    assert CALLS[0][1:] == ("p1s", {"prefix": "p", "suffix": "s"})


class InputConfig(Config):
    rows: int = 10


class WithIOConfig(ConfigurableIOManagerFactory):
    name: str

    @classmethod
    def input_config_schema(cls):
        return InputConfig

    @classmethod
    def output_config_schema(cls):
        return {"path": Field(str, default_value="here")}

    def create_io_manager(self, context):
        manager = Recording(self.name, on_output=lambda context: CALLS.append(("config", context.config)))
        load = manager.load_input
        manager.load_input = lambda context: (CALLS.append(("config", context.config)), load(context))[1]
        return manager


def test_factory_with_config_of_inputs_and_outputs():
    run_config = {
        "ops": {
            "first": {"outputs": {"result": {"path": "there"}}},
            "second": {"inputs": {"first": {"rows": 3}}},
        }
    }
    materialize([first, second], resources={"io_manager": WithIOConfig(name="x")}, run_config=run_config)
    assert [call[1] for call in CALLS if call[0] == "config"] == [
        {"path": "there"},
        {"rows": 3},
        {"path": "here"},
    ]


def test_factory_configured_at_launch():
    resources = {"io_manager": WithIOConfig.configure_at_launch()}
    run_config = {"resources": {"io_manager": {"config": {"name": "later"}}}}
    materialize([first], resources=resources, run_config=run_config)
    assert CALLS[0][0] == "later"


def test_factory_must_create():
    class Nothing(ConfigurableIOManagerFactory):
        pass

    with pytest.raises((NotImplementedError, TypeError)):
        materialize([first], resources={"io_manager": Nothing()})


# Functions


def test_io_manager_function_bare_and_called():
    @io_manager
    def bare():
        return Recording("bare")

    @io_manager(config_schema={"name": str}, description="named")
    def named(init_context):
        return Recording(init_context.resource_config["name"])

    materialize([first], resources={"io_manager": bare})
    materialize([first], resources={"io_manager": named.configured({"name": "configured"})})
    assert [call[0] for call in CALLS] == ["bare", "configured"]
    assert isinstance(named.configured({"name": "x"}), IOManagerDefinition)
    assert named.description == "named"
    assert named(build_init_resource_context(config={"name": "direct"})).name == "direct"


def test_io_manager_function_that_requires_a_resource():
    @io_manager(config_schema={"container": str}, required_resource_keys={"store"})
    def blobs(init_context):
        return Recording(f"{init_context.resources.store}/{init_context.resource_config['container']}")

    resources = {
        "io_manager": blobs.configured({"container": "c"}),
        "store": ResourceDefinition.hardcoded_resource("s"),
    }
    materialize([first], resources=resources)
    assert CALLS[0][0] == "s/c"
    with pytest.raises(DagsterInvalidDefinitionError, match='"store"'):
        materialize([first], resources={"io_manager": blobs.configured({"container": "c"})})


def test_manager_sees_its_required_resources_in_contexts():
    class Looking(Recording):
        def handle_output(self, context, obj):
            CALLS.append(context.resources.store)

    @io_manager(required_resource_keys={"store"})
    def looking():
        return Looking()

    materialize([first], resources={"io_manager": looking, "store": "s"})
    assert CALLS == ["s"]


def test_input_manager():
    @input_manager(config_schema={"value": int})
    def constant(context):
        return context.resource_config["value"]

    @input_manager
    def named(context):
        return context.name

    @asset(
        ins={
            "x": AssetIn("first", input_manager_key="constant"),
            "y": AssetIn("first", input_manager_key="named"),
        }
    )
    def subject(x, y) -> None:
        CALLS.append((x, y))

    materialize(
        [first, subject],
        resources={"io_manager": Recording(), "constant": constant.configured({"value": 7}), "named": named},
    )
    assert CALLS[-1] == (7, "y")


def test_input_manager_class():
    class Fixed(InputManager):
        def load_input(self, context):
            return "fixed"

    from headrace import InputManagerDefinition

    @asset(ins={"x": AssetIn("first", input_manager_key="fixed")})
    def subject(x) -> None:
        CALLS.append(x)

    resources = {"io_manager": Recording(), "fixed": InputManagerDefinition(lambda: Fixed())}
    materialize([first, subject], resources=resources)
    assert CALLS[-1] == "fixed"


# In memory


def test_in_memory_values_last_for_one_run():
    result = materialize([first, second], resources={"io_manager": mem_io_manager})
    assert result.asset_value("second") == 2
    assert metadata_of(result) == {}
    with pytest.raises(DagsterInvariantViolationError, match='Materialize "first"'):
        materialize([first, second], resources={"io_manager": mem_io_manager}, selection=[second])


def test_materialize_to_memory():
    @asset(io_manager_key="other")
    def subject(first):
        return first + 10

    result = materialize_to_memory([first, subject])
    assert result.output_for_node("subject") == 11
    assert metadata_of(result) == {}
    for key in ("io_manager", "other"):
        with pytest.raises(DagsterInvariantViolationError, match=key):
            materialize_to_memory([first, subject], resources={key: Recording()})


def test_set_stored_is_checked():
    context = build_output_context(asset_key="a")
    context.set_stored("file:///x", "parquet", bytes=3)
    assert context.stored == {
        "uri": "file:///x",
        "format": "parquet",
        "schema": None,
        "bytes": 3,
        "etag": None,
    }
    with pytest.raises(Exception, match="absolute"):
        context.set_stored("x", "parquet")
