"""How steps are run: executors, and what `@asset` says about pools, priorities and limits."""

from __future__ import annotations

import pytest

from headrace import (
    DagsterInvalidConfigError,
    DagsterInvalidDefinitionError,
    DagsterInvariantViolationError,
    Definitions,
    asset,
    in_process_executor,
    multi_or_in_process_executor,
    multiprocess_executor,
    worker_executor,
)


def execution_of(executor):
    return Definitions(executor=executor).resolved().describe()["execution"]


def options_of(**options):
    one = asset(name="one", **options)(lambda: 1)
    (described,) = Definitions([one]).resolved().describe()["assets"]
    return described


DEFAULT = {"isolation": "worker", "start": None, "max_workers": None, "max_rss": None}


def test_executors():
    assert execution_of(None) == DEFAULT
    assert execution_of(multi_or_in_process_executor) == DEFAULT
    assert execution_of(in_process_executor) == {**DEFAULT, "isolation": "in_process"}
    assert execution_of(multiprocess_executor) == {**DEFAULT, "isolation": "step"}
    own = {"isolation": "worker", "start": "spawn", "max_workers": 3, "max_rss": 2**30}
    assert execution_of(worker_executor(**own)) == own


def test_config_of_the_multiprocess_executor():
    config = {"max_concurrent": 4, "start_method": {"spawn": {}}, "retries": {"enabled": {}}}
    described = execution_of(multiprocess_executor.configured(config))
    assert described == {**DEFAULT, "isolation": "step", "start": "spawn", "max_workers": 4}
    forkserver = multiprocess_executor.configured({"max_concurrent": 0, "start_method": {"forkserver": {}}})
    assert execution_of(forkserver) == {**DEFAULT, "isolation": "step"}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"max_concurent": 4}, 'Did you mean "max_concurrent"'),
        ({"max_concurrent": -1}, "max_workers"),
        ({"retries": {"disabled": {}}}, "retry_policy"),
        ({"tag_concurrency_limits": []}, "concurrency.pools"),
        ({"start_method": {"thread": {}}}, "spawn"),
    ],
)
def test_config_that_is_refused(config, words):
    with pytest.raises((DagsterInvalidConfigError, DagsterInvalidDefinitionError), match=words):
        multiprocess_executor.configured(config)


@pytest.mark.parametrize(
    "options", [{"isolation": "thread"}, {"start": "clone"}, {"max_workers": 0}, {"max_rss": 1.5}]
)
def test_options_that_are_refused(options):
    with pytest.raises(DagsterInvalidDefinitionError, match=next(iter(options))):
        worker_executor(**options)


def test_definitions_keep_their_executor():
    one = Definitions(executor=in_process_executor)
    assert Definitions.merge(one, Definitions()).executor is in_process_executor
    assert one.map_asset_specs(func=lambda spec: spec).executor is in_process_executor
    with pytest.raises(DagsterInvariantViolationError, match="executor"):
        Definitions.merge(one, Definitions(executor=multiprocess_executor))


def test_what_an_asset_says_of_its_step():
    described = options_of(
        pool="db/main",
        op_tags={
            "dagster/priority": "3",
            "headrace/time_limit": 1.5,
            "headrace/memory_limit": "512 MiB",
            "owner": "me",
        },
    )
    assert [described[name] for name in ("pool", "priority", "time_limit", "memory_limit")] == [
        "db/main",
        3,
        1.5,
        512 * 2**20,
    ]
    plain = options_of()
    assert [plain[name] for name in ("retry_policy", "pool", "priority", "time_limit", "memory_limit")] == [
        None,
        None,
        0,
        None,
        None,
    ]
    assert options_of(op_tags={"dagster/concurrency_key": "db"})["pool"] == "db"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"pool": "no spaces"}, "no spaces"),
        ({"pool": "a", "op_tags": {"dagster/concurrency_key": "b"}}, "twice"),
        ({"op_tags": {"dagster/priority": "high"}}, "dagster/priority"),
        ({"op_tags": {"headrace/time_limit": "0"}}, "headrace/time_limit"),
        ({"op_tags": {"headrace/memory_limit": "2 TB"}}, "512 MiB"),
        ({"op_tags": {"headrace/memory_limit": 0}}, "more than 0"),
    ],
)
def test_options_of_an_asset_that_are_refused(options, words):
    with pytest.raises(DagsterInvalidDefinitionError, match=words):
        asset(**options)(lambda: 1)
