"""Contexts made for tests: what is there, what is missing, and how identifiers are made."""

from __future__ import annotations

import warnings

import pytest

from headrace import (
    AssetKey,
    AssetMaterialization,
    AssetObservation,
    AssetSpec,
    CheckError,
    DagsterInvalidMetadata,
    DagsterInvariantViolationError,
    DataVersion,
    InputContext,
    IOManager,
    OutputContext,
    asset,
    build_asset_context,
    build_input_context,
    build_output_context,
    materialize,
    materialize_to_memory,
    resource,
)


@pytest.mark.parametrize("name", ["step_key", "name", "asset_key", "dagster_type", "asset_spec", "job_name"])
def test_missing_properties_of_an_output_say_so(name):
    with pytest.raises(DagsterInvariantViolationError, match=f"{name}.*OutputContext"):
        getattr(build_output_context(), name)


@pytest.mark.parametrize("name", ["name", "asset_key", "dagster_type"])
def test_missing_properties_of_an_input_say_so(name):
    with pytest.raises(DagsterInvariantViolationError, match=f"{name}.*InputContext"):
        getattr(build_input_context(), name)


def test_given_properties():
    output = build_output_context(
        step_key="s",
        name="n",
        definition_metadata={"d": 1},
        run_id="r",
        mapping_key="m",
        config={"c": 1},
        dagster_type=int,
        version="v",
        resource_config={"rc": 1},
        resources={"res": 5},
        asset_key="a",
        output_metadata={"o": 1},
    )
    assert (output.step_key, output.name, output.run_id, output.mapping_key) == ("s", "n", "r", "m")
    assert (output.config, output.version, output.resource_config) == ({"c": 1}, "v", {"rc": 1})
    assert (output.definition_metadata, output.metadata, output.output_metadata) == (
        {"d": 1},
        {"d": 1},
        {"o": 1},
    )
    assert output.resources.res == 5
    assert output.dagster_type.display_name == "Int"
    assert output.has_asset_key and output.asset_key == AssetKey("a")
    assert output.get_identifier() == ["r", "s", "n", "m"]
    assert output.log.info("x") is None
    given = build_input_context(
        name="n",
        config=1,
        definition_metadata={"d": 1},
        upstream_output=output,
        asset_key=["a", "b"],
        resources={"x": 1},
    )
    assert (given.name, given.config, given.definition_metadata, given.asset_key.path) == (
        "n",
        1,
        {"d": 1},
        ["a", "b"],
    )
    assert given.upstream_output is output
    assert given.has_input_name and given.resources.x == 1
    assert given.get_identifier() == ["r", "s", "n", "m"]
    assert given.get_asset_identifier() == ["a", "b"]
    assert build_output_context(asset_spec=AssetSpec("s")).asset_key == AssetKey("s")


def test_what_was_not_given():
    output, given = build_output_context(), build_input_context()
    assert (output.config, output.version, output.mapping_key) == (None,) * 3
    assert (given.config, given.upstream_output) == (None,) * 2
    assert (output.run_id, output.resource_config, given.resource_config) == ("__EPHEMERAL_RUN_ID", {}, {})
    assert not output.has_asset_key and not given.has_asset_key and not given.has_input_name
    assert output.definition_metadata == {} and given.definition_metadata == {}


@pytest.mark.parametrize("build", [build_input_context, build_output_context])
def test_partitions(build):
    context = build(asset_key="a", partition_key="p")
    assert context.has_partition_key and context.has_asset_partitions
    assert (context.partition_key, context.asset_partition_key, context.asset_partition_keys) == (
        "p",
        "p",
        ["p"],
    )
    assert context.get_asset_identifier() == ["a", "p"]
    unpartitioned = build(asset_key="a")
    assert not unpartitioned.has_partition_key and not unpartitioned.has_asset_partitions
    for name in ("partition_key", "asset_partition_key", "asset_partition_keys"):
        with pytest.raises(CheckError, match=name):
            getattr(unpartitioned, name)


def test_several_partitions_have_no_single_key():
    for kind in (InputContext, OutputContext):
        context = kind(asset_key=AssetKey("a"), asset_partition_keys=["p", "q"])
        assert context.asset_partition_keys == ["p", "q"]
        with pytest.raises(CheckError, match="2 partitions"):
            context.asset_partition_key  # noqa: B018


def test_partitions_and_metadata_asked_of_the_upstream_output_warn():
    seen = []

    class Looking(IOManager):
        def handle_output(self, context, obj): ...

        def load_input(self, context):
            upstream = context.upstream_output
            for ask in (lambda: upstream.has_asset_partitions, lambda: upstream.has_partition_key):
                with pytest.warns(UserWarning, match="upstream_output"):
                    seen.append(ask())
            with pytest.warns(UserWarning, match="output_metadata"):
                seen.append(upstream.output_metadata)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                seen.append(upstream.asset_key.path)

    @asset
    def up(context):
        context.add_output_metadata({"m": 1})

    @asset
    def down(up): ...

    materialize([up, down], resources={"io_manager": Looking()})
    assert seen == [False, False, {}, ["up"]]


def test_output_metadata_and_events():
    context = build_output_context(asset_key="a")
    context.add_output_metadata({"a": 1})
    context.add_output_metadata({"b": 2})
    assert {label: value.value for label, value in context.get_logged_metadata().items()} == {"a": 1, "b": 2}
    with pytest.raises(DagsterInvalidMetadata, match="'a'"):
        context.add_output_metadata({"a": 3})
    assert set(context.consume_logged_metadata()) == {"a", "b"}
    assert context.get_logged_metadata() == {}
    context.log_event(AssetMaterialization("x"))
    context.log_event(AssetObservation("y"))
    assert len(context.get_logged_events()) == 2
    assert len(list(context.consume_events())) == 2
    assert list(context.consume_events()) == []
    with pytest.raises(CheckError):
        context.log_event("x")
    with pytest.raises(CheckError):
        context.add_output_metadata([1])


def test_input_metadata_and_observations():
    context = build_input_context(asset_key="a", partition_key="p")
    context.add_input_metadata({"a": 1}, description="d")
    observation = context.get_observations()[0]
    assert (observation.asset_key, observation.partition, observation.description) == (
        AssetKey("a"),
        "p",
        "d",
    )
    assert len(list(context.consume_events())) == 1
    assert set(context.consume_logged_metadata()) == {"a"}
    without_asset = build_input_context()
    without_asset.add_input_metadata({"a": 1})
    assert without_asset.get_observations() == []


def test_contexts_tear_their_resources_down():
    log = []

    @resource
    def subject():
        log.append("up")
        yield 5
        log.append("down")

    for build in (build_input_context, build_output_context):
        with build(resources={"r": subject}) as context:
            assert context.resources.r == 5
        assert log == ["up", "down"]
        log.clear()
    with build_asset_context(resources={"r": subject}) as context:
        assert context.resources.r == 5
    assert log == ["up", "down"]


def test_asset_context_for_tests():
    context = build_asset_context(partition_key="p", run_tags={"t": "v"}, asset_config={"c": 1})
    assert (context.partition_key, context.has_partition_key, context.partition_keys) == ("p", True, ["p"])
    assert (context.run_tags, context.get_tag("t"), context.has_tag("u")) == ({"t": "v"}, "v", False)
    assert context.op_config == {"c": 1}
    assert context.run_id == "EPHEMERAL"
    with pytest.raises(CheckError, match="no partition"):
        build_asset_context().partition_key  # noqa: B018
    with pytest.raises(Exception, match="No asset"):
        context.asset_key  # noqa: B018


def test_asset_context_in_a_run():
    seen = {}

    @asset
    def up(): ...

    @asset
    def subject(context, up):
        seen.update(
            key=context.asset_key,
            inputs=context.asset_key_for_input("up"),
            output=context.output_for_asset_key(context.asset_key),
            selected=context.selected_asset_keys,
            outputs=context.selected_output_names,
            job=context.job_name,
            definition=context.assets_def.key,
            same=context.op_execution_context is context,
        )
        context.set_data_version(context.asset_key, DataVersion("7"))
        context.add_asset_metadata({"m": 1}, asset_key="subject")
        for wrong in (
            lambda: context.add_asset_metadata({"m": 1}, asset_key="other"),
            lambda: context.add_output_metadata({"m": 1}, output_name="other"),
            lambda: context.add_asset_metadata({"m": 1}, partition_key="p"),
        ):
            with pytest.raises(DagsterInvariantViolationError):
                wrong()
        with pytest.raises(CheckError, match='Did you mean "up"'):
            context.asset_key_for_input("ups")

    event = materialize_to_memory([up, subject]).asset_materializations_for_node("subject")[0]
    assert seen == {
        "key": AssetKey("subject"),
        "inputs": AssetKey("up"),
        "output": "result",
        "selected": {AssetKey("subject")},
        "outputs": {"result"},
        "job": "__ephemeral_asset_job__",
        "definition": AssetKey("subject"),
        "same": True,
    }
    assert event.tags["dagster/data_version"] == "7"
    assert event.metadata["m"].value == 1


def test_wrong_types_are_refused():
    for wrong in (
        lambda: build_output_context(step_key=5),
        lambda: build_input_context(upstream_output=5),
        lambda: build_asset_context(run_tags={"a": 1}),
        lambda: build_output_context(asset_key=5),
    ):
        with pytest.raises(CheckError):
            wrong()
