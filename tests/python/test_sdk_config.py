"""Config classes and hand-written schemas: fields, run config, and what is refused where."""

from __future__ import annotations

import enum
from typing import Literal

import pytest
from pydantic import Field, PrivateAttr, ValidationError

from headrace import (
    AssetExecutionContext,
    Config,
    DagsterInvalidConfigError,
    DagsterInvalidDefinitionError,
    DagsterInvalidInvocationError,
    EnvVar,
    Noneable,
    Permissive,
    PermissiveConfig,
    RunConfig,
    Selector,
    Shape,
    StringSource,
    asset,
    materialize,
)
from headrace import Enum as ConfigEnum
from headrace import Field as SchemaField


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Inner(Config):
    text: str = "inner"


class Cat(Config):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(Config):
    kind: Literal["dog"] = "dog"
    name: str


class Settings(Config):
    count: int = Field(default=1, description="how many", ge=0)
    text: str = "x"
    color: Color = Color.RED
    items: list[int] = []
    table: dict[str, Inner] = {}
    inner: Inner = Inner()
    maybe: str | None = None
    level: Literal["low", "high"] = "low"
    pet: Cat | Dog = Field(default_factory=Cat, discriminator="kind")


class Required(Config):
    name: str


class Free(PermissiveConfig):
    known: int = 1


class Aliased(Config):
    name: str = Field(alias="the-name")


def run(config_class_asset, config, **kwargs):
    return materialize([config_class_asset], run_config={"ops": {"subject": {"config": config}}}, **kwargs)


def seen_by(config):
    """The Settings that an asset gets for this run config."""
    seen = []

    @asset
    def subject(config: Settings) -> None:
        seen.append(config)

    run(subject, config)
    return seen[0]


def test_defaults_apply_without_run_config():
    seen = []

    @asset
    def subject(config: Settings) -> None:
        seen.append(config)

    assert materialize([subject]).success
    assert seen == [Settings()]


def test_values_of_every_kind_from_run_config():
    settings = seen_by(
        {
            "count": 3,
            "color": "BLUE",
            "items": [1, 2],
            "table": {"a": {"text": "t"}},
            "inner": {"text": "i"},
            "maybe": None,
            "level": "high",
            "pet": {"dog": {"name": "Rex"}},
        }
    )
    assert settings == Settings(
        count=3,
        color=Color.BLUE,
        items=[1, 2],
        table={"a": Inner(text="t")},
        inner=Inner(text="i"),
        level="high",
        pet=Dog(name="Rex"),
    )


def test_env_form_in_run_config(monkeypatch):
    monkeypatch.setenv("A_TEXT", "from env")
    monkeypatch.setenv("A_COUNT", "7")
    settings = seen_by(
        {"text": {"env": "A_TEXT"}, "count": {"env": "A_COUNT"}, "inner": {"text": {"env": "A_TEXT"}}}
    )
    assert (settings.text, settings.count, settings.inner.text) == ("from env", 7, "from env")
    monkeypatch.delenv("A_TEXT")
    with pytest.raises(DagsterInvalidConfigError, match="A_TEXT"):
        seen_by({"text": {"env": "A_TEXT"}})


def test_run_config_object():
    seen = []

    @asset
    def subject(config: Settings) -> None:
        seen.append(config)

    given = Settings(count=4, color=Color.BLUE, pet=Dog(name="Rex"))
    materialize([subject], run_config=RunConfig(ops={"subject": given}))
    assert seen == [given]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"count": "x"}, ["count", "root:ops:subject:config:count"]),
        ({"count": -1}, ["greater than or equal to 0"]),
        ({"coutn": 1}, ["coutn", 'Did you mean "count"']),
        ({"color": "GREEN"}, ["color"]),
        ({"level": "medium"}, ["level"]),
        ({"inner": {"txt": "a"}}, ["txt", 'Did you mean "text"']),
        ({"pet": {"cat": {}, "dog": {}}}, ["pet"]),
        (5, ["5"]),
    ],
)
def test_bad_run_config_is_refused_before_anything_runs(config, words):
    with pytest.raises(DagsterInvalidConfigError) as caught:
        seen_by(config)
    for word in words:
        assert word in str(caught.value)


def test_missing_and_misplaced_entries():
    @asset
    def subject(config: Required) -> None: ...

    with pytest.raises(
        DagsterInvalidConfigError, match="Missing required config entry.*root:ops:subject:config:name"
    ):
        materialize([subject])
    with pytest.raises(DagsterInvalidConfigError, match="Missing required"):
        materialize([subject], raise_on_error=False)
    with pytest.raises(DagsterInvalidConfigError, match='"sbject".*Did you mean "subject"'):
        materialize([subject], run_config={"ops": {"subject": {"config": {"name": "a"}}, "sbject": {}}})
    with pytest.raises(DagsterInvalidConfigError, match='"opss".*Did you mean "ops"'):
        materialize([subject], run_config={"opss": {}})
    with pytest.raises(DagsterInvalidConfigError, match='"nothing"'):
        materialize(
            [subject],
            run_config={"resources": {"nothing": {}}, "ops": {"subject": {"config": {"name": "a"}}}},
        )


def test_instances_cannot_be_changed():
    settings = Settings()
    with pytest.raises(DagsterInvalidInvocationError, match="count"):
        settings.count = 2
    with pytest.raises(DagsterInvalidInvocationError):
        settings.something_else = 2


def test_private_attributes_can_be_changed():
    class Stateful(Config):
        _seen: list = PrivateAttr(default_factory=list)

    stateful = Stateful()
    stateful._seen = [1]
    assert stateful._seen == [1]


def test_unknown_constructor_fields_are_refused_with_a_hint():
    with pytest.raises(ValidationError, match='no field "coun".*Did you mean "count"'):
        Settings(coun=1)
    with pytest.raises(ValidationError, match='Inner has no field "txt"'):
        Settings(inner={"txt": 1})


def test_permissive_config_keeps_other_fields():
    seen = []

    @asset
    def subject(config: Free) -> None:
        seen.append(config)

    run(subject, {"known": 2, "other": [1], "more": "x"})
    assert (seen[0].known, seen[0].other, seen[0].more) == (2, [1], "x")


def test_alias_names_the_field_in_config():
    seen = []

    @asset
    def subject(config: Aliased) -> None:
        seen.append(config.name)

    run(subject, {"the-name": "a"})
    assert seen == ["a"]
    with pytest.raises(DagsterInvalidConfigError, match='Did you mean "the-name"'):
        run(subject, {"the_name": "a"})


def test_config_errors_do_not_show_values():
    with pytest.raises(ValidationError) as caught:
        Settings(count="s3cret")
    assert "s3cret" not in str(caught.value)


def test_config_parameter_needs_a_config_annotation():
    with pytest.raises(DagsterInvalidDefinitionError, match="config"):

        @asset
        def subject(config): ...


def test_config_parameter_of_plain_type():
    seen = []

    @asset
    def subject(config: int) -> None:
        seen.append(config)

    run(subject, 3)
    assert seen == [3]
    with pytest.raises(DagsterInvalidConfigError, match="Expected int"):
        run(subject, "x")


SCHEMA = {
    "name": str,
    "count": SchemaField(int, default_value=2, description="how many"),
    "ratio": SchemaField(float, is_required=False),
    "source": SchemaField(StringSource, is_required=False),
    "color": SchemaField(ConfigEnum.from_python_enum(Color), is_required=False),
    "items": SchemaField([int], default_value=[]),
    "nested": SchemaField(Shape({"a": SchemaField(bool, default_value=True)}), is_required=False),
    "free": SchemaField(Permissive({"a": SchemaField(int, is_required=False)}), is_required=False),
    "maybe": Noneable(str),
    "choice": SchemaField(Selector({"one": str, "two": {"x": int}}), is_required=False),
}


def op_config_of(config):
    seen = []

    @asset(config_schema=SCHEMA)
    def subject(context: AssetExecutionContext) -> None:
        seen.append(context.op_config)

    run(subject, config)
    return seen[0]


def test_hand_written_schema_fills_defaults(monkeypatch):
    monkeypatch.setenv("A_TEXT", "from env")
    assert op_config_of({"name": "a"})["count"] == 2
    full = op_config_of(
        {
            "name": "a",
            "ratio": 1,
            "source": {"env": "A_TEXT"},
            "color": "BLUE",
            "items": [1],
            "nested": {},
            "free": {"b": 1},
            "maybe": None,
            "choice": {"two": {"x": 1}},
        }
    )
    assert full == {
        "name": "a",
        "count": 2,
        "ratio": 1,
        "source": "from env",
        "color": Color.BLUE,
        "items": [1],
        "nested": {"a": True},
        "free": {"b": 1},
        "maybe": None,
        "choice": {"two": {"x": 1}},
    }


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({}, ["Missing required", "config:name"]),
        ({"name": 1}, ["Expected string", "config:name"]),
        ({"name": "a", "count": True}, ["Expected int"]),
        ({"name": "a", "count": 1.5}, ["Expected int"]),
        ({"name": "a", "conut": 1}, ["conut", 'Did you mean "count"']),
        ({"name": "a", "items": [1, "x"]}, ["config:items:1"]),
        ({"name": "a", "color": "GREEN"}, ["RED, BLUE"]),
        ({"name": "a", "choice": {"one": "x", "two": {"x": 1}}}, ["exactly one of one, two"]),
        ({"name": "a", "choice": {"three": 1}}, ["three"]),
        ({"name": "a", "source": {"env": "NOT_SET_ANYWHERE"}}, ["NOT_SET_ANYWHERE", "config:source"]),
        ([], ["Expected an object"]),
    ],
)
def test_hand_written_schema_refuses(config, words):
    with pytest.raises(DagsterInvalidConfigError) as caught:
        op_config_of(config)
    for word in words:
        assert word in str(caught.value)


def test_all_problems_at_once():
    with pytest.raises(DagsterInvalidConfigError) as caught:
        op_config_of({"count": "x", "bogus": 1})
    assert len(caught.value.errors) == 3


def test_env_var_object_in_a_config_instance(monkeypatch):
    monkeypatch.setenv("A_TEXT", "from env")
    seen = []

    @asset
    def subject(config: Required) -> None:
        seen.append(config.name)

    materialize([subject], run_config=RunConfig(ops={"subject": Required(name=EnvVar("A_TEXT"))}))
    assert seen == ["from env"]


def test_secrets_are_not_shown_by_repr_and_errors():
    class Access(Config):
        user: str
        password: str
        token: str = "s3cret"

    shown = repr(Access(user="me", password="s3cret", token=EnvVar("A_TOKEN")))
    assert shown == "Access(user='me', password='**********', token=EnvVar('A_TOKEN'))"
    assert "s3cret" not in str(Access(user="me", password="s3cret"))

    @asset(config_schema={"token": int, "key": SchemaField(int, is_secret=True), "plain": int})
    def subject(context): ...

    with pytest.raises(DagsterInvalidConfigError) as caught:
        run(subject, {"token": "s3cret", "key": "s3cret", "plain": "shown"})
    assert "s3cret" not in str(caught.value)
    assert "shown" in str(caught.value)
