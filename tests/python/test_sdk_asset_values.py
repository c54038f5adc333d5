"""What the functions of assets return, the types that are checked, direct calls, and specs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal, Optional

import pytest

from headrace import (
    AssetExecutionContext,
    AssetKey,
    AssetMaterialization,
    AssetObservation,
    AssetSpec,
    Config,
    ConfigurableResource,
    DagsterInvalidInvocationError,
    DagsterInvariantViolationError,
    DagsterStepOutputNotFoundError,
    DagsterType,
    DagsterTypeCheckDidNotPass,
    DataVersion,
    MaterializeResult,
    Nothing,
    Output,
    ParameterCheckError,
    TypeCheck,
    asset,
    build_asset_context,
    materialize_to_memory,
)


class Limits(Config):
    limit: int = 2


class Shouting(ConfigurableResource):
    word: str = "hey"

    def shout(self) -> str:
        return self.word.upper()


def value_of(subject, *others, **kwargs):
    return materialize_to_memory([subject, *others], **kwargs).output_for_node(subject.step_key)


# What functions return


def test_output_and_data_version():
    @asset(code_version="v1")
    def subject():
        return Output(5, metadata={"a": 1}, data_version=DataVersion("d1"), tags={"t": "v"})

    result = materialize_to_memory([subject])
    event = result.asset_materializations_for_node("subject")[0]
    assert result.output_for_node("subject") == 5
    assert event.metadata["a"].value == 1
    assert event.tags == {
        "t": "v",
        "dagster/data_version": "d1",
        "dagster/data_version_is_user_provided": "true",
        "dagster/code_version": "v1",
    }


def test_tuple_of_outputs_is_a_plain_value():
    @asset
    def subject():
        return (1, 2)

    assert value_of(subject) == (1, 2)


def test_generators():
    @asset
    def subject():
        yield AssetObservation("subject", metadata={"o": 1})
        yield AssetMaterialization("other", metadata={"m": 1})
        yield Output(5)

    result = materialize_to_memory([subject])
    assert result.output_for_node("subject") == 5
    assert [event.asset_key for event in result.get_asset_materialization_events()] == [
        AssetKey("other"),
        AssetKey("subject"),
    ]
    assert len(result.get_asset_observation_events()) == 1

    @asset
    def annotated() -> Iterator[MaterializeResult]:
        yield MaterializeResult(metadata={"a": 1})

    assert materialize_to_memory([annotated]).success


@pytest.mark.parametrize(
    ("items", "error", "word"),
    [
        ([5], DagsterInvariantViolationError, "int"),
        ([], DagsterStepOutputNotFoundError, "did not yield"),
        ([Output(1), Output(2)], DagsterInvariantViolationError, "more than one"),
        ([Output(1, output_name="other")], DagsterInvariantViolationError, "other"),
        ([MaterializeResult(asset_key="other")], DagsterInvariantViolationError, "other"),
    ],
)
def test_wrong_yields(items, error, word):
    @asset
    def subject():
        yield from items

    with pytest.raises(error, match=word):
        value_of(subject)


def test_output_that_is_not_required():
    @asset(output_required=False)
    def subject():
        if False:
            yield Output(1)

    result = materialize_to_memory([subject])
    assert result.success
    assert result.get_asset_materialization_events() == []


def test_asynchronous_functions():
    @asset
    async def returns():
        return 5

    @asset
    async def yields() -> AsyncIterator[Output]:
        yield Output(6)

    assert value_of(returns) == 5
    assert value_of(yields) == 6


# Types


def typed(annotation, value):
    def subject():
        return value

    subject.__annotations__ = {"return": annotation}
    return asset(subject)


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        (int, 1, "1"),
        (str, "a", 1),
        (float, 1.0, 1),
        (bool, True, 1),
        (dict, {}, []),
        (list[int], [1], ["a"]),
        (dict[str, int], {"a": 1}, {"a": "b"}),
        (tuple[int, str], (1, "a"), (1, 2)),
        (set[int], {1}, {"a"}),
        (Optional[int], None, "a"),  # noqa: UP045
        (int | None, 3, "a"),
        (int | str, "a", 1.5),
        (Literal["a", "b"], "a", "c"),
        (Output[int], Output(1), Output("a")),
        (MaterializeResult[int], MaterializeResult(value=1), MaterializeResult(value="a")),
        (MaterializeResult[int], MaterializeResult(value=1), MaterializeResult()),
        (None, None, 5),
        (AssetKey, AssetKey("a"), "a"),
    ],
)
def test_return_annotations_are_checked(annotation, good, bad):
    assert materialize_to_memory([typed(annotation, good)]).success
    with pytest.raises(DagsterTypeCheckDidNotPass, match="result"):
        materialize_to_memory([typed(annotation, bad)])


@pytest.mark.parametrize("annotation", [Any, object, "NotDefined", Iterator[int]])
def test_annotations_that_say_nothing_checkable(annotation):
    assert materialize_to_memory([typed(annotation, "x")]).success


def test_input_annotations_are_checked():
    @asset
    def up():
        return "text"

    @asset
    def subject(up: int): ...

    with pytest.raises(DagsterTypeCheckDidNotPass, match='input "up"'):
        value_of(subject, up)


def test_own_types():
    def even(_context, value):
        return TypeCheck(value % 2 == 0, description=f"{value} is odd")

    Even = DagsterType(even, name="Even")

    @asset(dagster_type=Even)
    def subject():
        return 3

    with pytest.raises(DagsterTypeCheckDidNotPass, match="3 is odd"):
        value_of(subject)

    @asset(dagster_type=Nothing)
    def nothing(): ...

    assert nothing.output_type.is_nothing


# Direct calls


def test_direct_call_with_plain_values():
    @asset
    def subject(up, other=2):
        return up + other

    assert subject(1) == 3
    assert subject(up=1, other=5) == 6
    with pytest.raises(DagsterInvalidInvocationError):
        subject(1, 2, 3)


def test_direct_call_with_context_config_and_resources():
    @asset
    def subject(context: AssetExecutionContext, up, config: Limits, shouting: Shouting):
        context.add_output_metadata({"a": 1})
        context.log_event(AssetObservation("x"))
        return (context.asset_key.path, up, config.limit, shouting.shout())

    context = build_asset_context(resources={"shouting": Shouting(word="ctx")}, asset_config={"limit": 9})
    assert subject(context, up=1) == (["subject"], 1, 9, "CTX")
    assert context.get_output_metadata("result") == {"a": 1}
    assert [event.asset_key for event in context.get_events()] == [AssetKey("x")]
    assert subject(build_asset_context(), 1, Limits(limit=4), Shouting(word="arg")) == (
        ["subject"],
        1,
        4,
        "ARG",
    )
    assert subject(build_asset_context(), up=1, shouting=Shouting())[2] == 2


def test_direct_call_without_needed_things():
    @asset
    def with_context(context): ...

    @asset
    def with_resource(shouting: Shouting): ...

    with pytest.raises(DagsterInvalidInvocationError, match="context"):
        with_context()
    with pytest.raises(DagsterInvalidInvocationError, match="shouting"):
        with_resource()


def test_direct_call_returns_what_the_function_returns():
    @asset
    def subject():
        return MaterializeResult(metadata={"a": 1})

    @asset
    def yields():
        yield Output(5)

    assert subject().metadata == {"a": 1}
    assert [item.value for item in yields()] == [5]


# Specs


def test_spec_copies():
    spec = AssetSpec("a", deps=["b"], metadata={"m": 1}, tags={"t": "v"}, kinds={"csv"}, owners=["team:x"])
    assert spec.replace_attributes(group_name="g", kinds={"json"}).kinds == {"json"}
    assert spec.replace_attributes(description="d").tags["t"] == "v"
    merged = spec.merge_attributes(deps=["c"], metadata={"n": 2}, owners=["team:y"])
    assert [dep.asset_key for dep in merged.deps] == [AssetKey("b"), AssetKey("c")]
    assert merged.metadata == {"m": 1, "n": 2}
    assert spec.with_io_manager_key("k").metadata["dagster/io_manager_key"] == "k"
    assert spec == AssetSpec(
        "a", deps=["b"], metadata={"m": 1}, tags={"t": "v"}, kinds={"csv"}, owners=["team:x"]
    )


def test_not_callable_is_refused():
    with pytest.raises(ParameterCheckError):
        asset(5)
