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
    DagsterInvalidDefinitionError,
    DagsterInvalidMetadata,
    DagsterInvariantViolationError,
    Definitions,
    IOManager,
    IOManagerDefinition,
    MaterializeResult,
    MetadataValue,
    Output,
    SourceAsset,
    asset,
    materialize,
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
