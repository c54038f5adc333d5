"""Definitions: what is checked when, merging, loading from modules, and what is told to the daemon."""

from __future__ import annotations

import importlib
import json
import sys
import textwrap
import types

import pytest
from pydantic import Field as ModelField
from pydantic import SecretStr

from headrace import (
    AssetKey,
    AssetSpec,
    CheckError,
    Config,
    ConfigurableIOManager,
    ConfigurableResource,
    DagsterInvalidDefinitionError,
    DagsterInvariantViolationError,
    Definitions,
    EnvVar,
    Field,
    FilesystemIOManager,
    SourceAsset,
    StringSource,
    asset,
    load_assets_from_modules,
    load_assets_from_package_name,
    map_asset_specs,
    materialize,
    mem_io_manager,
    resource,
    with_resources,
)


@asset
def first():
    return 1


@asset(group_name="g", deps=["outside"])
def second(first):
    return first


def loadable(**kwargs):
    Definitions.validate_loadable(Definitions(**kwargs))


# Checks


def test_same_object_twice_is_fine_two_objects_with_one_key_are_not():
    loadable(assets=[first, first])

    @asset(name="first")
    def other(): ...

    definitions = Definitions(assets=[first, other])
    with pytest.raises(
        DagsterInvalidDefinitionError, match=r"Duplicate asset key: AssetKey\(\['first'\]\)"
    ) as caught:
        Definitions.validate_loadable(definitions)
    assert str(caught.value).count(__file__) == 2


def test_cycles_are_named():
    @asset
    def a(c): ...

    @asset
    def b(a): ...

    @asset(deps=[b])
    def c(): ...

    with pytest.raises(DagsterInvalidDefinitionError, match="circle") as caught:
        loadable(assets=[a, b, c])
    message = str(caught.value)
    assert "a → b → c → a" in message or "b → c → a → b" in message or "c → a → b → c" in message


def test_deep_graphs_resolve():
    assets = [asset(name="a0")(lambda: 0)]
    for number in range(1, 3000):
        assets.append(asset(name=f"a{number}", deps=[f"a{number - 1}"])(lambda: 0))
    loadable(assets=assets)
    loadable(assets=list(reversed(assets)))


def test_asset_itself_upstream_is_refused():
    with pytest.raises(DagsterInvalidDefinitionError, match="itself"):

        @asset
        def me(me): ...


@pytest.mark.parametrize("wrong", [5, [5], [lambda: 1], [[first]], "first"])
def test_wrong_assets_are_refused(wrong):
    with pytest.raises(CheckError, match="assets"):
        Definitions(assets=wrong)


def test_wrong_resources_are_refused():
    with pytest.raises(CheckError, match="resources"):
        Definitions(resources=[1])


@pytest.mark.parametrize("parameter", ["schedules", "sensors", "jobs", "asset_checks", "loggers"])
def test_parameters_of_features_to_come_are_refused_by_name(parameter):
    value = {"x": 1} if parameter == "loggers" else [object()]
    with pytest.raises(DagsterInvalidDefinitionError, match=f"`{parameter}`"):
        Definitions(**{parameter: value})
    Definitions(**{parameter: None})


def test_keys_with_one_step_name_get_different_steps():
    definitions = Definitions(
        assets=[asset(key=["a", "b"])(lambda: 1), asset(key="a__b")(lambda: 2), asset(key="a.b")(lambda: 3)]
    ).resolved()
    steps = {each.step_key for each in definitions.assets}
    assert len(steps) == 3


def test_unknown_upstream_is_left_to_the_daemon_but_not_to_validation():
    @asset
    def subject(elsewhere): ...

    definitions = Definitions(assets=[subject])
    assert definitions.resolved().asset(AssetKey("subject")).inputs[0].key == AssetKey("elsewhere")
    with pytest.raises(DagsterInvalidDefinitionError, match="elsewhere"):
        Definitions.validate_loadable(definitions)


def test_get_repository_def_checks_the_whole():
    assert Definitions(assets=[first]).get_repository_def().asset(AssetKey("first")).step_key == "first"
    with pytest.raises(DagsterInvalidDefinitionError):
        Definitions(assets=[asset(io_manager_key="nope", name="x")(lambda: 1)]).get_repository_def()
    with pytest.raises(AttributeError, match="no `Definitions.get_job_def` yet"):
        Definitions().get_job_def("x")
    assert not hasattr(Definitions(), "something_else")


# Merge


def test_merge():
    shared = object()
    one = Definitions(assets=[first], resources={"a": shared}, metadata={"m": 1})
    two = Definitions(assets=[second], resources={"a": shared, "b": 2}, metadata={"m": 2})
    merged = Definitions.merge(one, two)
    assert [each.key for each in merged.assets] == [AssetKey("first"), AssetKey("second")]
    assert set(merged.resources) == {"a", "b"}
    assert merged.metadata["m"].value == 2
    with pytest.raises(DagsterInvariantViolationError, match='"a"'):
        Definitions.merge(one, Definitions(resources={"a": object()}))


def test_specs_of_definitions():
    definitions = Definitions(assets=[first, second, SourceAsset("source", io_manager_key="k")])
    specs = {spec.key.to_user_string(): spec for spec in definitions.get_all_asset_specs()}
    assert [dep.asset_key for dep in specs["second"].deps] == [AssetKey("first"), AssetKey("outside")]
    assert specs["source"].metadata == {"dagster/io_manager_key": "k"}
    assert definitions.get_assets_def("first") is first
    with pytest.raises(DagsterInvariantViolationError, match='Did you mean "first"'):
        definitions.get_assets_def("frst")


def test_map_asset_specs():
    mapped = map_asset_specs(lambda spec: spec.replace_attributes(owners=["team:x"]), [first, AssetSpec("s")])
    assert [getattr(each, "owners", None) or each.get_asset_spec().owners for each in mapped] == [
        ["team:x"]
    ] * 2
    again = Definitions(assets=[second]).map_asset_specs(
        func=lambda spec: spec.replace_attributes(group_name="h")
    )
    assert again.assets[0].get_asset_spec().group_name == "h"
    assert again.assets[0].keys_by_input_name == {"first": AssetKey("first")}


def test_with_resources():
    @asset(required_resource_keys={"r"})
    def subject(context):
        return context.resources.r

    bound = with_resources([subject], {"r": "bound", "io_manager": mem_io_manager})
    assert materialize(bound).output_for_node("subject") == "bound"


# Modules


def module(name, **attributes):
    made = types.ModuleType(name)
    vars(made).update(attributes)
    return made


def test_assets_of_modules_and_of_lists_in_them():
    made = module("m", a=first, b=[second, SourceAsset("s")], c=5, d=[1], spec=AssetSpec("spec"))
    assert [each.key.to_user_string() for each in load_assets_from_modules([made])] == [
        "first",
        "second",
        "s",
    ]
    loaded = load_assets_from_modules([made], include_specs=True)
    assert [each.key.to_user_string() for each in loaded] == ["first", "second", "s", "spec"]


def test_same_object_in_two_modules_counts_once():
    assert load_assets_from_modules([module("m", a=first), module("n", a=first)]) == [first]

    @asset(name="first")
    def other(): ...

    with pytest.raises(DagsterInvalidDefinitionError, match="module m and in module n"):
        load_assets_from_modules([module("m", a=first), module("n", a=other)])


def test_prefix_and_group_give_copies_and_rewrite_dependencies():
    @asset
    def plain(first, outside): ...

    made = module("m", a=first, b=plain, s=SourceAsset("outside"))
    loaded = load_assets_from_modules([made], group_name="h", key_prefix=["p"])
    by_key = {each.key.to_user_string(): each for each in loaded}
    assert set(by_key) == {"p/first", "p/plain", "outside"}
    assert by_key["p/plain"].dependency_keys == {AssetKey(["p", "first"]), AssetKey("outside")}
    assert by_key["p/first"].get_asset_spec().group_name == "h"
    assert plain.key == AssetKey("plain")
    sources = load_assets_from_modules([made], source_key_prefix="q")
    assert {each.key.to_user_string() for each in sources} == {"first", "plain", "q/outside"}


def test_group_of_an_asset_that_has_one_is_refused():
    with pytest.raises(DagsterInvalidDefinitionError, match='"g"'):
        load_assets_from_modules([module("m", a=second)], group_name="h")


def test_packages_and_the_current_module(tmp_path, monkeypatch):
    package = tmp_path / "a_package_of_assets"
    (package / "below").mkdir(parents=True)
    one = "from headrace import asset\n@asset\ndef {name}(): ...\n"
    (package / "__init__.py").write_text(one.format(name="top"))
    (package / "below" / "__init__.py").write_text("")
    (package / "below" / "deep.py").write_text(one.format(name="deep"))
    (package / "current.py").write_text(
        one.format(name="here")
        + textwrap.dedent(
            """
            from headrace import load_assets_from_current_module
            loaded = load_assets_from_current_module(key_prefix="now")
            """
        )
    )
    monkeypatch.syspath_prepend(tmp_path)
    loaded = importlib.import_module("a_package_of_assets.current").loaded
    assert [each.key for each in loaded] == [AssetKey(["now", "here"])]
    del sys.modules["a_package_of_assets.current"]
    (package / "current.py").unlink()
    keys = {each.key.to_user_string() for each in load_assets_from_package_name("a_package_of_assets")}
    assert keys == {"top", "deep"}


def test_modules_must_be_modules():
    with pytest.raises(CheckError, match="modules"):
        load_assets_from_modules(["a"])
    with pytest.raises(DagsterInvalidDefinitionError, match="`automation_condition`"):
        load_assets_from_modules([], automation_condition=object())


# Described to the daemon


class Credentials(Config):
    sas: str


class Store(ConfigurableResource):
    """Where things are."""

    account: str
    password: str = ""
    secret: SecretStr = SecretStr("s3cret-default")
    marked: str = ModelField(default="s3cret-marked", json_schema_extra={"dagster__is_secret": True})
    credential: Credentials = Credentials(sas="s3cret-sas")
    size: int = ModelField(default=3, description="how big")


class Manager(ConfigurableIOManager):
    store: Store
    folder: str | None = None

    def handle_output(self, context, obj): ...

    def load_input(self, context): ...


class Options(Config):
    limit: int = ModelField(default=5, description="at most")
    name: str


@asset(
    io_manager_key="manager",
    description="d",
    kinds={"csv"},
    tags={"t": "v"},
    owners=["team:x"],
    metadata={"o": object},
)
def described(first, config: Options): ...


def description():
    store = Store(account=EnvVar("AN_ACCOUNT"), password=EnvVar("A_PASSWORD"))
    definitions = Definitions(
        assets=[first, second, described, AssetSpec("spec", deps=["first"])],
        resources={
            "manager": Manager(store=store),
            "store": store,
            "inner": Manager(store=Store(account="x")),
        },
    )
    return json.loads(json.dumps(definitions.resolved().describe(), allow_nan=False))


def fields_of(described_definitions, key):
    entry = next(each for each in described_definitions["resources"] if each["key"] == key)
    return {field["name"]: field for field in entry["config"]}


def test_description_of_assets():
    assets = {tuple(each["key"]): each for each in description()["assets"]}
    assert set(assets) == {("first",), ("second",), ("described",), ("spec",)}
    subject = assets[("described",)]
    assert subject["deps"] == [{"key": ["first"], "input": "first", "input_manager_key": None}]
    assert (subject["group"], subject["description"], subject["kinds"]) == ("default", "d", ["csv"])
    assert (subject["tags"], subject["owners"]) == ({"t": "v"}, ["team:x"])
    assert subject["required_resources"] == ["io_manager", "manager", "store"]
    assert subject["io_manager_key"] == "manager"
    assert subject["stores_output"] is True
    assert subject["metadata"]["o"]["type"] == "text"
    assert subject["source"]["file"].endswith("test_sdk_definitions.py")
    assert [field["name"] for field in subject["config"]] == ["limit", "name"]
    assert subject["config"][0]["description"] == "at most"
    assert [field["is_required"] for field in subject["config"]] == [False, True]
    assert assets[("second",)]["deps"][1] == {"key": ["outside"], "input": None, "input_manager_key": None}
    assert assets[("second",)]["group"] == "g"
    assert assets[("spec",)]["is_external"] is True


def test_description_of_resources(monkeypatch):
    monkeypatch.setenv("AN_ACCOUNT", "the-value")
    monkeypatch.delenv("A_PASSWORD", raising=False)
    told = description()
    assert told["env_vars"] == ["AN_ACCOUNT", "A_PASSWORD"]
    fields = fields_of(told, "store")
    assert fields["account"] == {
        "name": "account",
        "type": "string",
        "description": None,
        "source": "env_var",
        "value": None,
        "env_var": "AN_ACCOUNT",
        "is_set": True,
        "is_secret": False,
        "is_required": True,
    }
    assert (fields["password"]["is_set"], fields["password"]["is_secret"]) == (False, True)
    assert (fields["size"]["source"], fields["size"]["value"], fields["size"]["description"]) == (
        "default",
        "3",
        "how big",
    )
    entry = next(each for each in told["resources"] if each["key"] == "store")
    assert entry["type"].endswith("test_sdk_definitions.Store")
    assert entry["description"] == "Where things are."
    assert (entry["is_io_manager"], entry["in_memory"]) == (False, False)


def test_nested_resources_in_the_description():
    told = description()
    by_key = {each["key"]: each for each in told["resources"]}
    assert by_key["manager"]["nested"] == ["store"]
    assert set(fields_of(told, "manager")) == {"folder"}
    assert by_key["inner"]["nested"] == []
    assert fields_of(told, "inner")["store.account"]["value"] == '"x"'
    assert fields_of(told, "inner")["store.credential.sas"]["is_secret"] is True


def test_no_secret_and_no_value_of_a_variable_is_in_the_description(monkeypatch):
    monkeypatch.setenv("AN_ACCOUNT", "the-value")
    monkeypatch.setenv("A_PASSWORD", "s3cret-env")
    text = json.dumps(description())
    assert "s3cret" not in text
    assert "the-value" not in text


def test_secret_values_are_known_for_masking(monkeypatch):
    monkeypatch.setenv("A_PASSWORD", "s3cret-env")
    store = Store(account="a", password=EnvVar("A_PASSWORD"))
    secrets = Definitions(resources={"store": store}).resolved().secret_values()
    assert secrets == {"s3cret-env", "s3cret-default", "s3cret-marked", "s3cret-sas"}


def test_description_of_function_resources():
    @resource(
        config_schema={
            "account": StringSource,
            "token": str,
            "size": Field(int, default_value=2),
            "key": Field(str, is_secret=True),
        }
    )
    def subject(context): ...

    configured = subject.configured({"account": {"env": "AN_ACCOUNT"}, "token": "s3cret", "key": "s3cret"})
    told = Definitions(resources={"r": configured}).resolved().describe()
    fields = fields_of(told, "r")
    assert fields["account"]["env_var"] == "AN_ACCOUNT"
    assert (fields["token"]["is_secret"], fields["token"]["value"]) == (True, None)
    assert (fields["key"]["is_secret"], fields["key"]["value"]) == (True, None)
    assert (fields["size"]["source"], fields["size"]["value"]) == ("default", "2")
    assert told["env_vars"] == ["AN_ACCOUNT"]
    assert "s3cret" not in json.dumps(told)


def test_default_io_manager_is_shown_where_it_is_used():
    used = Definitions(assets=[first]).resolved().describe()
    assert [each["key"] for each in used["resources"]] == ["io_manager"]
    assert used["resources"][0]["type"] == "headrace.filesystem_io_manager.FilesystemIOManager"

    @asset(io_manager_key="own")
    def other(): ...

    unused = Definitions(assets=[other], resources={"own": FilesystemIOManager()}).resolved().describe()
    assert [each["key"] for each in unused["resources"]] == ["own"]


def test_in_memory_managers_are_told():
    told = Definitions(resources={"io_manager": mem_io_manager}).resolved().describe()
    assert told["resources"][0]["in_memory"] is True


def test_plain_objects_are_told_by_their_class():
    told = Definitions(resources={"text": "s3cret text", "number": 5}).resolved().describe()
    assert [each["type"] for each in told["resources"]] == ["builtins.int", "builtins.str"]
    assert "s3cret" not in json.dumps(told)


def test_description_is_the_same_every_time():
    assert description() == description()
