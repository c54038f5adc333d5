"""EnvVar: a reference that is resolved where a run executes, and never taken for its value."""

from __future__ import annotations

import os
import pickle

import pytest
from pydantic import Field, ValidationError

from headrace import (
    Config,
    ConfigurableResource,
    DagsterInvalidConfigError,
    DagsterInvalidDefinitionError,
    Definitions,
    EnvVar,
    asset,
    materialize,
)


class Inner(Config):
    text: str


class Everything(ConfigurableResource):
    text: str = ""
    number: int = 0
    flag: bool = False
    optional: str | None = None
    items: list[str] = []
    table: dict[str, str] = {}
    inner: Inner | None = None


class Limited(ConfigurableResource):
    text: str = Field(pattern="^/")


def run_with(resource):
    seen = {}

    @asset
    def reads(thing: Everything) -> None:
        seen["thing"] = thing

    result = materialize([reads], resources={"thing": resource})
    assert result.success
    return seen["thing"]


def test_it_is_a_string_that_refuses_to_be_text():
    variable = EnvVar("A_VARIABLE")
    assert isinstance(variable, str)
    assert variable.env_var_name == "A_VARIABLE"
    for use in (
        lambda: str(variable),
        lambda: f"{variable}",
        lambda: f"{variable:>5}",
        lambda: variable + "x",
        lambda: "x" + variable,
        lambda: "%s" % variable,  # noqa: UP031
        lambda: variable * 2,
        lambda: os.path.join(variable, "x"),
    ):
        with pytest.raises(RuntimeError, match="get_value"):
            use()


def test_repr_shows_what_it_is():
    assert repr(EnvVar("A")) == "EnvVar('A')"
    assert repr(EnvVar.int("A")) == "EnvVar.int('A')"


def test_int_refuses_to_be_a_number():
    variable = EnvVar.int("A_VARIABLE")
    assert isinstance(variable, int)
    for use in (
        lambda: variable + 1,
        lambda: 1 + variable,
        lambda: str(variable),
        lambda: variable < 3,
        lambda: int(variable),
    ):
        with pytest.raises(RuntimeError, match="A_VARIABLE"):
            use()


def test_get_value(monkeypatch):
    monkeypatch.delenv("A_VARIABLE", raising=False)
    assert EnvVar("A_VARIABLE").get_value() is None
    assert EnvVar("A_VARIABLE").get_value("other") == "other"
    assert EnvVar.int("A_VARIABLE").get_value(4) == 4
    monkeypatch.setenv("A_VARIABLE", "12")
    assert EnvVar("A_VARIABLE").get_value() == "12"
    assert EnvVar.int("A_VARIABLE").get_value() == 12


def test_survives_pickle():
    assert pickle.loads(pickle.dumps(EnvVar("A"))).env_var_name == "A"
    assert pickle.loads(pickle.dumps(EnvVar.int("A"))).env_var_name == "A"


def test_resolved_everywhere_in_a_resource(monkeypatch):
    resource = Everything(
        text=EnvVar("V_TEXT"),
        number=EnvVar.int("V_NUMBER"),
        optional=EnvVar("V_OPTIONAL"),
        items=["plain", EnvVar("V_ITEM")],
        table={"key": EnvVar("V_VALUE")},
        inner=Inner(text=EnvVar("V_INNER")),
    )
    for name in ("V_TEXT", "V_OPTIONAL", "V_ITEM", "V_VALUE", "V_INNER"):
        monkeypatch.setenv(name, f"value of {name}")
    monkeypatch.setenv("V_NUMBER", "42")
    thing = run_with(resource)
    assert thing.text == "value of V_TEXT"
    assert thing.number == 42
    assert thing.optional == "value of V_OPTIONAL"
    assert thing.items == ["plain", "value of V_ITEM"]
    assert thing.table == {"key": "value of V_VALUE"}
    assert thing.inner.text == "value of V_INNER"
    # The definition keeps the reference.
    assert resource.text.env_var_name == "V_TEXT"


def test_each_run_sees_the_value_of_its_time(monkeypatch):
    resource = Everything(text=EnvVar("V_TEXT"))
    monkeypatch.setenv("V_TEXT", "one")
    assert run_with(resource).text == "one"
    monkeypatch.setenv("V_TEXT", "two")
    assert run_with(resource).text == "two"


@pytest.mark.parametrize("field", ["number", "flag"])
def test_plain_env_var_does_not_fit_other_fields(field):
    with pytest.raises(ValidationError, match=field):
        Everything(**{field: EnvVar("X")})


def test_int_field_points_to_env_var_int():
    with pytest.raises(ValidationError, match=r'EnvVar\.int\("X"\)'):
        Everything(number=EnvVar("X"))
    with pytest.raises(ValidationError):
        Everything(text=EnvVar.int("X"))


def test_unset_variable_loads_and_fails_the_run_with_name_and_path(monkeypatch):
    monkeypatch.delenv("V_TEXT", raising=False)
    resource = Everything(text=EnvVar("V_TEXT"))

    @asset
    def reads(thing: Everything) -> None: ...

    Definitions.validate_loadable(Definitions(assets=[reads], resources={"thing": resource}))
    with pytest.raises(DagsterInvalidConfigError) as caught:
        materialize([reads], resources={"thing": resource})
    assert 'the environment variable "V_TEXT" which is not set' in str(caught.value)
    assert "resources:thing:config:text" in str(caught.value)


def test_all_unset_variables_are_told_at_once(monkeypatch):
    for name in ("V_1", "V_2", "V_3"):
        monkeypatch.delenv(name, raising=False)

    @asset
    def reads(thing: Everything) -> None: ...

    resource = Everything(text=EnvVar("V_1"), items=[EnvVar("V_2")], inner=Inner(text=EnvVar("V_3")))
    with pytest.raises(DagsterInvalidConfigError) as caught:
        materialize([reads], resources={"thing": resource})
    for name, path in (("V_1", "config:text"), ("V_2", "config:items:0"), ("V_3", "config:inner:text")):
        assert name in str(caught.value)
        assert path in str(caught.value)


def test_unset_variable_of_a_resource_that_is_not_needed_does_no_harm(monkeypatch):
    monkeypatch.delenv("V_TEXT", raising=False)

    @asset
    def plain() -> None: ...

    assert materialize([plain], resources={"thing": Everything(text=EnvVar("V_TEXT"))}).success


def test_value_that_is_no_integer_is_not_shown(monkeypatch):
    monkeypatch.setenv("V_NUMBER", "s3cret")

    @asset
    def reads(thing: Everything) -> None: ...

    with pytest.raises(DagsterInvalidConfigError) as caught:
        materialize([reads], resources={"thing": Everything(number=EnvVar.int("V_NUMBER"))})
    assert "V_NUMBER" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_value_that_the_field_refuses_is_told_with_the_path(monkeypatch):
    @asset
    def reads(thing: Limited) -> None: ...

    monkeypatch.setenv("V_TEXT", "relative-s3cret")
    with pytest.raises(DagsterInvalidConfigError) as caught:
        materialize([reads], resources={"thing": Limited(text=EnvVar("V_TEXT"))})
    assert "resources:thing:config:text" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    monkeypatch.setenv("V_TEXT", "/absolute")
    assert materialize([reads], resources={"thing": Limited(text=EnvVar("V_TEXT"))}).success


def test_annotation_of_a_local_class_is_read():
    class Local(ConfigurableResource):
        text: str = "local"

    seen = []

    @asset
    def reads(thing: Local) -> None:
        seen.append(thing.text)

    materialize([reads], resources={"thing": Local()})
    assert seen == ["local"]


def test_annotation_that_cannot_be_read_is_told_with_the_unknown_upstream():
    @asset
    def reads(thing: NowhereDefined) -> None: ...  # noqa: F821

    with pytest.raises(DagsterInvalidDefinitionError, match="annotation `NowhereDefined`"):
        materialize([reads])
