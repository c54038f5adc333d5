"""IO managers: which one is called with what, what it may return, and how metadata is merged."""

from __future__ import annotations

import pytest

from headrace import (
    AssetIn,
    AssetKey,
    AssetMaterialization,
    AssetObservation,
    AssetSpec,
    CheckError,
    Config,
    ConfigurableIOManager,
    ConfigurableIOManagerFactory,
    DagsterInvalidDefinitionError,
    DagsterInvalidMetadata,
    DagsterInvariantViolationError,
    Definitions,
    Field,
    InputContext,
    InputManager,
    IOManager,
    IOManagerDefinition,
    MaterializeResult,
    MetadataValue,
    Output,
    OutputContext,
    ResourceDefinition,
    SourceAsset,
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


# Which manager, and when


def test_value_is_stored_and_loaded():
    result = materialize([first, second], resources={"io_manager": Recording()})
    assert CALLS == [
        ("io_manager", "out", "first", 1),
        ("io_manager", "in", "first"),
        ("io_manager", "out", "second", 2),
    ]
    assert result.output_for_node("second") == 2


def test_upstream_manager_loads_an_input_unless_the_input_names_another():
    @asset(io_manager_key="other")
    def downstream(first):
        return first

    @asset(ins={"first": AssetIn(input_manager_key="other")})
    def overriding(first):
        return first

    managers = {"io_manager": Recording(), "other": Recording("other")}
    materialize([first, downstream], resources=managers)
    assert ("io_manager", "in", "first") in CALLS
    CALLS.clear()
    materialize([first, overriding], resources=managers)
    assert ("other", "in", "first") in CALLS


def test_upstream_outside_of_the_run_is_loaded_by_its_own_manager():
    @asset(io_manager_key="other")
    def upstream(): ...

    @asset
    def downstream(upstream): ...

    managers = {"io_manager": Recording(), "other": Recording("other")}
    materialize([upstream, downstream], resources=managers, selection=[downstream])
    assert CALLS == [("other", "in", "upstream"), ("io_manager", "out", "downstream", None)]


def test_none_annotation_skips_the_manager_and_a_plain_none_does_not():
    @asset
    def nothing() -> None: ...

    @asset
    def none_value(): ...

    materialize([nothing, none_value], resources={"io_manager": Recording()})
    assert CALLS == [("io_manager", "out", "none_value", None)]


def test_materialize_result_skips_the_manager_unless_it_has_a_value():
    @asset
    def without():
        return MaterializeResult(metadata={"a": 1})

    @asset
    def annotated() -> MaterializeResult:
        return MaterializeResult()

    @asset
    def with_none():
        return MaterializeResult(value=None)

    @asset
    def with_value() -> MaterializeResult[int]:
        return MaterializeResult(value=3)

    result = materialize([without, annotated, with_none, with_value], resources={"io_manager": Recording()})
    assert sorted(CALLS) == [("io_manager", "out", "with_none", None), ("io_manager", "out", "with_value", 3)]
    assert metadata_of(result, "without") == {"a": 1}


def test_deps_load_nothing():
    @asset(deps=[first])
    def after():
        return 5

    materialize([first, after], resources={"io_manager": Recording()})
    assert [call[1] for call in CALLS] == ["out", "out"]


def test_specs_and_source_assets_are_loaded_by_the_manager_they_name():
    @asset
    def from_both(spec, source) -> None:
        CALLS.append((spec, source))

    spec = AssetSpec("spec").with_io_manager_key("other")
    source = SourceAsset("source", io_manager_key="other")
    materialize([from_both, spec, source], resources={"other": Recording("other")})
    assert CALLS == [("other", "in", "spec"), ("other", "in", "source"), ("made up", "made up")]


def test_unknown_io_manager_key_names_key_output_step_and_available_ones():
    @asset(io_manager_key="my_manger")
    def subject(): ...

    definitions = Definitions(assets=[subject], resources={"my_manager": Recording(), "other": "text"})
    with pytest.raises(DagsterInvalidDefinitionError) as caught:
        Definitions.validate_loadable(definitions)
    for word in (
        '"my_manger"',
        "'result'",
        "'subject'",
        "['io_manager', 'my_manager']",
        'Did you mean "my_manager"',
    ):
        assert word in str(caught.value)


def test_resource_that_is_no_io_manager_is_refused():
    @asset(io_manager_key="other")
    def subject(): ...

    with pytest.raises(DagsterInvalidDefinitionError, match="no IO manager"):
        materialize([subject], resources={"other": "text"})


def test_io_manager_def():
    @asset(io_manager_def=IOManagerDefinition.hardcoded_io_manager(Recording("own")))
    def subject():
        return 1

    materialize([subject])
    assert CALLS == [("own", "out", "subject", 1)]
    with pytest.raises(CheckError):

        @asset(io_manager_def=mem_io_manager, io_manager_key="x")
        def both(): ...


# What handle_output may return


def test_returned_and_yielded_metadata():
    assert metadata_of(stored_with(lambda context: {"rows": 3})) == {"rows": 3}

    class Yielding(Recording):
        def handle_output(self, context, obj):
            yield {"rows": 4}

    assert metadata_of(materialize([first], resources={"io_manager": Yielding()})) == {"rows": 4}


def test_returned_materialization_is_an_event_of_its_own():
    result = stored_with(lambda context: AssetMaterialization("other", metadata={"a": 1}))
    keys = [event.asset_key.to_user_string() for event in result.get_asset_materialization_events()]
    assert keys == ["other", "first"]


@pytest.mark.parametrize("returned", [5, "text", AssetObservation("first")])
def test_anything_else_that_is_returned_is_refused(returned):
    with pytest.raises(DagsterInvariantViolationError, match=type(returned).__name__):
        stored_with(lambda context: returned)


def test_metadata_in_two_ways_is_refused():
    def both(context):
        context.add_output_metadata({"a": 1})
        return AssetMaterialization(context.asset_key, metadata={"b": 1})

    with pytest.raises(DagsterInvariantViolationError, match="one of the two"):
        stored_with(both)


def test_logged_events_come_before_the_materialization():
    def logs(context):
        context.log_event(AssetObservation("first", metadata={"seen": 1}))

    kinds = [event.event_type_value for event in stored_with(logs).events_for_node("first")]
    assert (
        kinds.index("ASSET_OBSERVATION")
        < kinds.index("ASSET_MATERIALIZATION")
        < kinds.index("HANDLED_OUTPUT")
    )


# Metadata


def test_manager_wins_over_function_and_add_asset_metadata_over_both():
    @asset
    def subject(context):
        context.add_output_metadata({"a": "function", "b": "function", "c": "function"})
        context.add_asset_metadata({"a": "asset"})
        return Output(1, metadata={"c": "output", "d": "output"})

    def adds(context):
        assert {label: value.value for label, value in context.output_metadata.items()} == {
            "a": "function",
            "b": "function",
            "c": "function",
            "d": "output",
        }
        context.add_output_metadata({"a": "manager", "b": "manager"})

    result = stored_with(adds, subject)
    assert metadata_of(result, "subject") == {"a": "asset", "b": "manager", "c": "function", "d": "output"}
    handled = [e for e in result.all_events if e.event_type_value == "HANDLED_OUTPUT"][0]
    assert set(handled.event_specific_data.metadata) == {"a", "b"}


def test_one_label_twice_in_handle_output_is_refused():
    def twice(context):
        context.add_output_metadata({"a": 1})
        context.add_output_metadata({"b": 1})
        context.add_output_metadata({"a": 2})

    with pytest.raises(DagsterInvalidMetadata, match="'a'"):
        stored_with(twice)


def test_input_metadata_is_an_observation_too():
    class Observing(Recording):
        def load_input(self, context):
            context.add_input_metadata({"rows": 3}, description="read")
            return 1

    result = materialize([first, second], resources={"io_manager": Observing()})
    observed = result.asset_observations_for_node("second")
    assert [(each.asset_key, each.metadata["rows"].value, each.description) for each in observed] == [
        (AssetKey("first"), 3, "read")
    ]
    loaded = [event for event in result.all_events if event.event_type_value == "LOADED_INPUT"][0]
    assert loaded.event_specific_data.metadata["rows"] == MetadataValue.int(3)


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
