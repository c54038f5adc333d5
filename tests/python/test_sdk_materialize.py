"""materialize(): order, selection, results, events, and what happens after a failure."""

from __future__ import annotations

import logging

import pytest

from headrace import (
    AssetExecutionContext,
    AssetKey,
    AssetSpec,
    CheckError,
    DagsterEventType,
    DagsterInvalidSubsetError,
    DagsterInvariantViolationError,
    IOManager,
    Output,
    asset,
    materialize,
)

ORDER: list[str] = []


@pytest.fixture(autouse=True)
def empty_order():
    ORDER.clear()


def named(name, *upstream, value=None, error=None):
    """An asset that says when it is made."""

    def fn(**inputs):
        ORDER.append(name)
        if error is not None:
            raise error
        return value

    from headrace import AssetIn

    return asset(name=name, ins={each: AssetIn(each) for each in upstream})(fn)


def test_upstream_first_whatever_the_order_given():
    assets = [named("c", "b"), named("a"), named("b", "a"), named("d", "a", "c")]
    assert materialize(assets).success
    assert ORDER == ["a", "b", "c", "d"]


def test_deep_chain():
    assets = [named("a0")] + [named(f"a{n}", f"a{n - 1}") for n in range(1, 300)]
    materialize(list(reversed(assets)))
    assert ORDER == [f"a{n}" for n in range(300)]


def test_result():
    @asset(key_prefix="p")
    def subject(context: AssetExecutionContext):
        return Output(5, metadata={"a": 1})

    result = materialize([subject], tags={"t": "v"}, run_config={"loggers": {}})
    assert result.success
    assert result.run_id == result.dagster_run.run_id
    assert result.dagster_run.tags == {"t": "v"}
    assert result.output_for_node("p__subject") == 5
    assert result.asset_value(["p", "subject"]) == 5
    assert result.asset_materializations_for_node("p__subject")[0].asset_key == AssetKey(["p", "subject"])
    assert len(result.get_asset_materialization_events()) == 1
    assert result.get_step_failure_events() == []
    assert result.get_failed_step_keys() == set()
    assert result.is_node_success("p__subject")
    assert result.retry_attempts_for_node("p__subject") == 0
    with pytest.raises(DagsterInvariantViolationError, match='Did you mean "p__subject"'):
        result.output_for_node("p__subjec")
    with pytest.raises(CheckError, match="nothing"):
        result.asset_value("nothing")


def test_order_of_events():
    class Kept(IOManager):
        def handle_output(self, context, obj): ...

        def load_input(self, context): ...

    result = materialize([named("a"), named("b", "a")], resources={"io_manager": Kept()})
    assert [(each.event_type_value, each.step_key) for each in result.all_events] == [
        ("PIPELINE_START", None),
        ("ENGINE_EVENT", None),
        ("RESOURCE_INIT_STARTED", None),
        ("RESOURCE_INIT_SUCCESS", None),
        ("LOGS_CAPTURED", None),
        ("STEP_START", "a"),
        ("STEP_OUTPUT", "a"),
        ("ASSET_MATERIALIZATION", "a"),
        ("HANDLED_OUTPUT", "a"),
        ("STEP_SUCCESS", "a"),
        ("STEP_START", "b"),
        ("LOADED_INPUT", "b"),
        ("STEP_INPUT", "b"),
        ("STEP_OUTPUT", "b"),
        ("ASSET_MATERIALIZATION", "b"),
        ("HANDLED_OUTPUT", "b"),
        ("STEP_SUCCESS", "b"),
        ("ENGINE_EVENT", None),
        ("PIPELINE_SUCCESS", None),
    ]
    assert len(result.filter_events(lambda event: event.event_type == DagsterEventType.STEP_SUCCESS)) == 2
    assert all(event.is_step_event for event in result.all_node_events)


def test_first_error_is_raised_as_it_is():
    error = ValueError("boom")
    with pytest.raises(ValueError, match="boom") as caught:
        materialize([named("a", error=error), named("z")])
    assert caught.value is error
    assert ORDER == ["a"]


def test_without_raising_independent_assets_are_made():
    assets = [named("a", error=ValueError("boom")), named("b", "a"), named("c", "b"), named("d")]
    result = materialize(assets, raise_on_error=False)
    assert not result.success
    assert ORDER == ["a", "d"]
    assert result.get_failed_step_keys() == {"a"}
    assert result.is_node_failed("a") and not result.is_node_success("b")
    error = result.failure_data_for_node("a").error
    assert error.cls_name == "DagsterExecutionStepExecutionError"
    assert (error.cause.cls_name, error.cause.message) == ("ValueError", "ValueError: boom\n")
    assert result.all_events[-1].event_type_value == "PIPELINE_FAILURE"
    assert result.failure_data_for_node("d") is None
    with pytest.raises(DagsterInvariantViolationError, match="No outputs"):
        result.output_for_node("a")


class Text(IOManager):
    def handle_output(self, context, obj): ...

    def load_input(self, context):
        return f"loaded {context.asset_key.to_user_string()}"


@pytest.mark.parametrize("selection", ["b", ["b"], [AssetKey("b")], AssetKey("b")])
def test_selection(selection):
    seen = []

    @asset
    def b(a):
        seen.append(a)

    materialize([named("a"), b, named("c", "b")], selection=selection, resources={"io_manager": Text()})
    assert seen == ["loaded a"]
    assert ORDER == []


def test_selection_of_everything_and_by_asset():
    a, b = named("a"), named("b", "a")
    materialize([a, b], selection="*")
    materialize([a, b], selection=[b, a])
    assert ORDER == ["a", "b", "a", "b"]


def test_selection_that_matches_nothing():
    with pytest.raises(DagsterInvalidSubsetError, match='"iris_dta".*Did you mean "iris_data"'):
        materialize([named("iris_data")], selection="iris_dta")
    with pytest.raises(DagsterInvalidSubsetError, match="empty"):
        materialize([named("a")], selection=[])


def test_external_assets_are_not_made():
    result = materialize([named("a"), AssetSpec("spec")])
    assert [event.asset_key for event in result.get_asset_materialization_events()] == [AssetKey("a")]


def test_nothing_to_make():
    assert materialize([]).success


def test_wrong_arguments():
    for wrong in (5, [5], named("a")):
        with pytest.raises(CheckError):
            materialize(wrong)
    with pytest.raises(CheckError):
        materialize([named("a")], run_config=5)
    with pytest.raises(CheckError):
        materialize([named("a")], tags={"a": 1})


def test_log_lines_reach_pythons_logging(caplog):
    @asset
    def talks(context) -> None:
        context.log.debug("quiet")
        context.log.info("hello %d", 1)
        context.log.warning("careful")
        try:
            raise ValueError("inside")
        except ValueError:
            context.log.exception("caught")

    with caplog.at_level(logging.DEBUG, "headrace"):
        materialize([talks])
    lines = {(record.levelname, record.getMessage().splitlines()[0]) for record in caplog.records}
    assert {("INFO", "hello 1"), ("WARNING", "careful"), ("ERROR", "caught")} <= lines
    assert "ValueError: inside" in caplog.text


def test_load_asset_value_in_a_step():
    @asset(deps=["a"])
    def subject(context: AssetExecutionContext):
        return context.load_asset_value(AssetKey("a"))

    result = materialize([named("a"), subject], resources={"io_manager": Text()})
    assert result.output_for_node("subject") == "loaded a"


def test_run_config_is_seen():
    seen = {}

    @asset(config_schema={"x": int})
    def subject(context) -> None:
        seen.update(config=context.op_config, run_config=context.run_config)

    run_config = {"ops": {"subject": {"config": {"x": 1}}}}
    materialize([subject], run_config=run_config)
    assert seen == {"config": {"x": 1}, "run_config": run_config}


def test_metadata_that_cannot_be_stored_fails_the_step():
    from headrace import DagsterInvalidMetadata

    @asset
    def subject(context):
        context.add_output_metadata({"bad": object()})

    with pytest.raises(DagsterInvalidMetadata, match='"bad"'):
        materialize([subject])
