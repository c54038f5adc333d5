"""What is not there yet fails at once, by name; nothing is accepted and ignored."""

from __future__ import annotations

import subprocess
import sys

import pytest

import headrace
from headrace import (
    AssetDep,
    AssetIn,
    AssetSpec,
    DagsterInvalidDefinitionError,
    MaterializeResult,
    SourceAsset,
    asset,
    build_asset_context,
    build_input_context,
    build_output_context,
    materialize,
)


@pytest.mark.parametrize(
    "name", ["multi_asset", "graph_asset", "op", "job", "schedule", "AutomationCondition"]
)
def test_missing_names_fail_at_import_naming_them(name):
    with pytest.raises(ImportError, match=f"headrace has no `{name}` yet"):
        exec(f"from headrace import {name}")
    with pytest.raises(ImportError, match=name):
        getattr(headrace, name)


def test_names_that_dagster_has_not_either_fail_as_usual():
    with pytest.raises(ImportError, match="no_such_thing"):
        exec("from headrace import no_such_thing")
    assert not hasattr(headrace, "no_such_thing")
    with pytest.raises(AttributeError):
        headrace.no_such_thing  # noqa: B018


def test_no_name_is_both_there_and_missing():
    from headrace.not_yet import NAMES_NOT_YET

    assert not NAMES_NOT_YET & set(dir(headrace))
    assert all(hasattr(headrace, name) for name in headrace.__all__)


@pytest.mark.parametrize(
    "parameter",
    [
        "partitions_def",
        "automation_condition",
        "check_specs",
        "hooks",
        "backfill_policy",
        "freshness_policy",
        "auto_materialize_policy",
        "is_virtual",
    ],
)
def test_parameters_of_assets_raise_at_definition_naming_them(parameter):
    with pytest.raises(DagsterInvalidDefinitionError, match=f"headrace has no `{parameter}` yet"):

        @asset(**{parameter: True})
        def subject(): ...

    @asset(**{parameter: None if parameter != "is_virtual" else False})
    def fine(): ...


@pytest.mark.parametrize(
    ("parameter", "make"),
    [
        ("partition_mapping", lambda: AssetIn(partition_mapping=object())),
        ("partition_mapping", lambda: AssetDep("a", partition_mapping=object())),
        ("partitions_def", lambda: AssetSpec("a", partitions_def=object())),
        ("skippable", lambda: AssetSpec("a", skippable=True)),
        ("observe_fn", lambda: SourceAsset("a", observe_fn=lambda: 1)),
        ("check_results", lambda: MaterializeResult(check_results=[object()])),
        ("instance", lambda: materialize([], instance=object())),
        ("partition_key", lambda: materialize([], partition_key="p")),
        ("instance", lambda: build_asset_context(instance=object())),
        ("op_def", lambda: build_output_context(op_def=object())),
        ("asset_partitions_def", lambda: build_input_context(asset_partitions_def=object())),
    ],
)
def test_other_parameters_raise_naming_them(parameter, make):
    with pytest.raises(DagsterInvalidDefinitionError, match=f"`{parameter}`"):
        make()


def test_properties_of_contexts_that_are_to_come_say_so():
    context = build_asset_context()
    for name in ("instance", "job_def", "partition_time_window"):
        with pytest.raises(Exception, match=f"context.{name}"):
            getattr(context, name)


def test_import_brings_no_data_library_and_no_event_loop():
    libraries = ("pandas", "numpy", "asyncio", "fsspec", "upath", "ssl")
    code = f"import sys, headrace; print([m for m in {libraries!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
