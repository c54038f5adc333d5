"""Assets: names, parameters, dependencies, what functions may return, and direct calls."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from headrace import (
    AssetDep,
    AssetExecutionContext,
    AssetIn,
    AssetKey,
    AssetSpec,
    CheckError,
    Config,
    ConfigurableResource,
    DagsterInvalidDefinitionError,
    OpExecutionContext,
    SourceAsset,
    asset,
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


def test_where_a_function_is_written():
    @asset(
        group_name="a",
    )
    def whole(context):
        def inner():
            return 1

        return [
            inner(),
        ]

    first = whole.function.fn.__code__.co_firstlineno
    assert (whole.source.file, whole.source.line) == (__file__, first)
    # Python 3.10 notes no ends: there the closing bracket is not seen.
    assert whole.source.last_line - first in ((9,) if sys.version_info >= (3, 11) else (8, 9))
