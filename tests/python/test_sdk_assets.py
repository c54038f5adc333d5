"""Assets: names, parameters, dependencies, what functions may return, and direct calls."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Literal, Optional

import pytest

from headrace import (
    AssetDep,
    AssetExecutionContext,
    AssetIn,
    AssetKey,
    AssetMaterialization,
    AssetObservation,
    AssetSpec,
    CheckError,
    Config,
    ConfigurableResource,
    DagsterInvalidDefinitionError,
    DagsterInvalidInvocationError,
    DagsterInvariantViolationError,
    DagsterStepOutputNotFoundError,
    DagsterType,
    DagsterTypeCheckDidNotPass,
    DataVersion,
    MaterializeResult,
    Nothing,
    OpExecutionContext,
    Output,
    ParameterCheckError,
    SourceAsset,
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


# Names and attributes


def test_bare_and_called():
    @asset
    def bare(): ...

    @asset(name="other", key_prefix=["a", "b"])
    def called(): ...

    @asset(key=["x", "y"])
    def keyed(): ...

    assert bare.key == AssetKey("bare")
    assert called.key == AssetKey(["a", "b", "other"])
    assert keyed.key == AssetKey(["x", "y"])
    assert called.step_key == "a__b__other"


def test_attributes():
    @asset(
        group_name="g",
        description="given",
        metadata={"m": 1},
        tags={"t": "v"},
        kinds={"csv", "python"},
        owners=["me@example.com", "team:data"],
        code_version="3",
    )
    def subject():
        """The docstring."""

    spec = subject.get_asset_spec()
    assert (spec.group_name, spec.description, spec.metadata) == ("g", "given", {"m": 1})
    assert spec.kinds == {"csv", "python"}
    assert spec.tags["t"] == "v"
    assert (spec.owners, spec.code_version) == (["me@example.com", "team:data"], "3")
    assert subject.group_names_by_key == {subject.key: "g"}


def test_description_is_the_docstring_by_default():
    @asset
    def subject():
        """First line.

        More.
        """

    assert subject.get_asset_spec().description == "First line.\n\nMore."


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"group_name": "a b"}, "a b"),
        ({"owners": ["nobody"]}, "nobody"),
        ({"tags": {"a b": "c"}}, "a b"),
        ({"key": "a", "name": "b"}, "name"),
        ({"key": "a", "key_prefix": "b"}, "key_prefix"),
        ({"ins": {"nope": AssetIn()}}, "nope"),
        ({"deps": ["subject"]}, "itself"),
        ({"deps": ["a", "a"]}, "twice"),
    ],
)
def test_contradictory_or_odd_options_are_refused(options, word):
    with pytest.raises(DagsterInvalidDefinitionError, match=word):

        @asset(**options)
        def subject(up): ...


@pytest.mark.parametrize(
    "options",
    [
        {"name": 5},
        {"metadata": 5},
        {"tags": {"a": 1}},
        {"description": 5},
        {"deps": "a"},
        {"code_version": 1},
    ],
)
def test_wrong_argument_types_name_parameter_and_type(options):
    with pytest.raises(CheckError) as caught:

        @asset(**options)
        def subject(): ...

    assert next(iter(options)) in str(caught.value)


def test_unknown_option_is_refused():
    with pytest.raises(TypeError, match="colour"):

        @asset(colour="red")
        def subject(): ...


# Parameters


def test_parameters_are_upstream_assets():
    @asset
    def a():
        return 1

    @asset
    def b(a, context_free=None):
        return a

    assert b.keys_by_input_name == {"a": AssetKey("a"), "context_free": AssetKey("context_free")}


def test_context_config_resources_and_inputs_together():
    @asset
    def up():
        return 3

    @asset
    def subject(context: AssetExecutionContext, up: int, config: Limits, shouting: Shouting):
        return (context.asset_key.to_user_string(), up, config.limit, shouting.shout())

    assert subject.keys_by_input_name == {"up": AssetKey("up")}
    assert value_of(subject, up, resources={"shouting": Shouting()}) == ("subject", 3, 2, "HEY")


@pytest.mark.parametrize("name", ["context", "_context", "_"])
def test_context_needs_no_annotation(name):
    source = f"def subject({name}):\n    return {name}.asset_key.path"
    scope: dict[str, Any] = {}
    exec(source, scope)
    assert value_of(asset(scope["subject"])) == ["subject"]


def test_context_by_annotation_under_any_name():
    @asset
    def subject(ctx: AssetExecutionContext):
        return ctx.asset_key.path

    @asset
    def older(ctx: OpExecutionContext):
        return ctx.asset_key.path

    assert value_of(subject) == ["subject"]
    assert value_of(older) == ["older"]


def test_context_must_be_first():
    with pytest.raises(DagsterInvalidDefinitionError, match="first"):

        @asset
        def named(up, context): ...

    with pytest.raises(DagsterInvalidDefinitionError, match="first"):

        @asset
        def annotated(up, ctx: AssetExecutionContext): ...


def test_context_with_another_annotation_is_refused():
    with pytest.raises(DagsterInvalidDefinitionError, match="str"):

        @asset
        def subject(context: str): ...


def test_keyword_only_parameters_keep_their_defaults():
    @asset
    def subject(*, x=5):
        return x

    assert subject.keys_by_input_name == {}
    assert value_of(subject) == 5
    with pytest.raises(DagsterInvalidDefinitionError, match="x"):

        @asset
        def without_default(*, x): ...


def test_keyword_arguments_take_any_input():
    @asset
    def a():
        return 1

    @asset(ins={"x": AssetIn("a")})
    def subject(**inputs):
        return inputs

    assert value_of(subject, a) == {"x": 1}


def test_asset_in():
    @asset(key_prefix="raw")
    def iris():
        return 1

    @asset(ins={"data": AssetIn(["raw", "iris"])})
    def by_key(data):
        return data

    @asset(ins={"iris": AssetIn(key_prefix="raw")})
    def by_prefix(iris):
        return iris

    assert value_of(by_key, iris) == 1
    assert value_of(by_prefix, iris) == 1
    with pytest.raises(CheckError):
        AssetIn(key="a", key_prefix="b")


def test_parameter_finds_the_only_asset_of_its_name_in_the_same_group():
    @asset(key_prefix="raw", group_name="g")
    def iris():
        return 1

    @asset(group_name="g")
    def same_group(iris):
        return iris

    @asset(group_name="h")
    def other_group(iris):
        return iris

    assert value_of(same_group, iris) == 1
    with pytest.raises(DagsterInvalidDefinitionError, match=r'"\["iris"\]".*not produced'):
        value_of(other_group, iris)


def test_parameter_finds_an_asset_by_table_name():
    @asset(key_prefix="raw", name="x", metadata={"dagster/table_name": "iris"})
    def some():
        return 1

    @asset
    def subject(iris):
        return iris

    assert value_of(subject, some) == 1


def test_unknown_upstream_with_a_hint():
    @asset
    def iris_data(): ...

    @asset
    def subject(iris_dta): ...

    with pytest.raises(DagsterInvalidDefinitionError) as caught:
        value_of(subject, iris_data)
    assert 'Input asset "["iris_dta"]"' in str(caught.value)
    assert "not produced by any of the provided asset ops" in str(caught.value)
    assert 'Did you mean "iris_data"' in str(caught.value)


def test_hint_for_a_key_that_differs_in_case():
    @asset
    def Iris(): ...

    @asset
    def subject(iris): ...

    with pytest.raises(DagsterInvalidDefinitionError, match='Did you mean "Iris"'):
        value_of(subject, Iris)


def test_deps_of_every_form_order_without_loading():
    order = []

    @asset
    def a() -> None:
        order.append("a")

    @asset(deps=[a, "b", AssetKey("c"), ["d", "e"], AssetSpec("f"), SourceAsset("g"), AssetDep("h")])
    def subject() -> None:
        order.append("subject")

    assert subject.dependency_keys == {
        AssetKey("a"),
        AssetKey("b"),
        AssetKey("c"),
        AssetKey(["d", "e"]),
        AssetKey("f"),
        AssetKey("g"),
        AssetKey("h"),
    }
    assert materialize_to_memory([subject, a]).success
    assert order == ["a", "subject"]


def test_dependency_that_is_an_input_too_counts_once():
    @asset
    def a():
        return 1

    @asset(deps=[a])
    def subject(a):
        return a

    assert [dep.asset_key for dep in subject.get_asset_spec().deps] == [AssetKey("a")]
    assert value_of(subject, a) == 1


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
