"""Asset keys: parts, conversions, and the names that assets may have."""

from __future__ import annotations

import pickle

import pytest

from headrace import AssetKey, CheckError, DagsterInvalidDefinitionError, ParameterCheckError, asset


def test_string_is_one_part_slashes_included():
    assert AssetKey("a/b").path == ["a/b"]
    assert AssetKey.from_user_string("a/b").path == ["a", "b"]
    assert AssetKey.from_coercible("a/b").path == ["a/b"]
    assert AssetKey.from_coercible(["a", "b"]) == AssetKey(["a", "b"])


def test_conversions():
    key = AssetKey(["a", "b"])
    assert key.to_user_string() == "a/b"
    assert key.to_string() == '["a", "b"]'
    assert key.to_python_identifier() == "a__b"
    assert AssetKey("x.y-z").to_python_identifier() == "x_y_z"
    assert repr(key) == "AssetKey(['a', 'b'])"
    assert str(key) == "AssetKey(['a', 'b'])"


def test_prefixes():
    key = AssetKey(["a", "b", "c"])
    assert key.has_prefix(["a", "b"])
    assert not key.has_prefix(["b"])
    assert AssetKey("c").with_prefix("x").path == ["x", "c"]
    assert AssetKey("c").with_prefix(["x", "y"]).path == ["x", "y", "c"]


def test_equality_hash_order_and_pickle():
    assert AssetKey("a") == AssetKey(["a"])
    assert AssetKey("a") != AssetKey("A")
    assert len({AssetKey("a"), AssetKey(["a"])}) == 1
    assert sorted([AssetKey("b"), AssetKey(["a", "z"])])[0].path == ["a", "z"]
    assert pickle.loads(pickle.dumps(AssetKey(["a", "b"]))) == AssetKey(["a", "b"])


def test_path_is_a_copy_and_the_key_cannot_change():
    key = AssetKey(["a"])
    key.path.append("b")
    assert key.path == ["a"]
    with pytest.raises(AttributeError):
        key.parts = ("b",)


@pytest.mark.parametrize("wrong", [5, None, [1], {"a": 1}])
def test_wrong_types_are_refused(wrong):
    with pytest.raises(CheckError):
        AssetKey(wrong)


def test_parameter_errors_name_parameter_expected_and_given():
    with pytest.raises(ParameterCheckError) as caught:
        AssetKey(5)
    assert "path" in str(caught.value)
    assert "5" in str(caught.value)
    assert "int" in str(caught.value)


@pytest.mark.parametrize("name", ["a b", "a/b", "é", ""])
def test_asset_names_with_other_characters_are_refused(name):
    with pytest.raises(DagsterInvalidDefinitionError):

        @asset(name=name)
        def fn(): ...


@pytest.mark.parametrize("name", ["context", "config", "input", "class", "None"])
def test_reserved_asset_names_are_refused(name):
    with pytest.raises(DagsterInvalidDefinitionError, match=name):

        @asset(name=name)
        def fn(): ...


@pytest.mark.parametrize("name", ["a.b", "a-b", "a_b", "A1", "result"])
def test_other_names_are_fine(name):
    @asset(name=name)
    def fn(): ...

    assert fn.key.path == [name]


def test_lambda_needs_a_name():
    with pytest.raises(DagsterInvalidDefinitionError, match="lambda"):
        asset(lambda: 1)
    assert asset(name="x")(lambda: 1).key == AssetKey("x")
