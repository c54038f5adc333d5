"""Steps as the host runs them: what is reported in which order, and what a failure says."""

from __future__ import annotations

import contextlib

import pytest

from headrace import (
    AssetExecutionContext,
    AssetObservation,
    Config,
    ConfigurableResource,
    Definitions,
    EnvVar,
    FilesystemIOManager,
    IOManager,
    asset,
    execution,
)
from headrace.execution import ResourceSession, StepFailure, StepInput, StepRequest, execute_step


class Collecting:
    """A reporter that keeps everything."""

    def __init__(self):
        self.reports = []
        self.lines = []

    def inputs_loaded(self, inputs):
        self.reports.append(("inputs_loaded", inputs))

    def observed(self, *arguments):
        self.reports.append(("observed", *arguments))

    def materialized(self, *arguments):
        self.reports.append(("materialized", *arguments))

    def log(self, level, message):
        self.lines.append((level, message))


class Memory(IOManager):
    def __init__(self):
        self.kept = {}

    def handle_output(self, context, obj):
        self.kept[context.asset_key] = obj

    def load_input(self, context):
        return self.kept[context.asset_key]


class Counting(ConfigurableResource):
    log: list[str] = []

    def setup_for_execution(self, context):
        EVENTS.append(f"setup {context.run_id}")

    def teardown_after_execution(self, context):
        EVENTS.append(f"teardown {context.run_id}")


class Limit(Config):
    limit: int


EVENTS: list[str] = []


@pytest.fixture(autouse=True)
def empty_events():
    EVENTS.clear()


def run(definitions, *steps, session=None, **options):
    """Run steps, each by its asset's name, in one session; the reporter."""
    resolved = definitions.resolved()
    reporter = Collecting()
    with session or ResourceSession(resolved) as living:
        for name in steps:
            execute_step(resolved, living, request(resolved, name, **options), reporter)
    return reporter


def request(resolved, name, **options):
    asset_ = next(each for each in resolved.assets if each.step_key == name)
    values = {
        "run_id": "r1",
        "step_key": name,
        "asset_key": asset_.key.path,
        "inputs": [StepInput(each.name, each.key.path, in_run=True) for each in asset_.inputs],
        **options,
    }
    return StepRequest(**values)


@asset
def first(context: AssetExecutionContext):
    context.log.info("hello %s", "there")
    context.log_event(AssetObservation("first", metadata={"seen": True}))
    context.add_output_metadata({"rows": 3})
    return 1


@asset
def second(first):
    return first + 1


def test_request_from_message():
    message = {
        "type": "run_step",
        "run_id": "r",
        "run_number": 42,
        "step_key": "s",
        "attempt": 2,
        "asset_key": ["s"],
        "partition": None,
        "inputs": [
            {
                "name": "i",
                "asset_key": ["i"],
                "partition": None,
                "code_location": "here",
                "in_run": True,
                "materialization": {"event_id": 17, "run_id": "r", "metadata": {}, "stored": None},
                "future": 1,
            }
        ],
        "run_config": None,
        "tags": {"a": "b"},
        "time_limit_ms": None,
        "future": {"x": 1},
    }
    read = StepRequest.from_message(message)
    assert (read.run_id, read.run_number, read.attempt, read.run_config, read.tags) == (
        "r",
        42,
        2,
        {},
        {"a": "b"},
    )
    assert read.inputs[0].materialization["event_id"] == 17
    assert StepRequest.from_message({"run_id": "r", "step_key": "s", "asset_key": ["s"]}).inputs == []


def test_reports_in_order():
    reporter = run(Definitions(assets=[first, second], resources={"io_manager": Memory()}), "first", "second")
    assert [each[0] for each in reporter.reports] == [
        "inputs_loaded",
        "observed",
        "materialized",
        "inputs_loaded",
        "materialized",
    ]
    assert reporter.reports[1] == ("observed", ["first"], None, {"seen": {"type": "bool", "value": True}})
    assert reporter.reports[2] == (
        "materialized",
        ["first"],
        None,
        {"rows": {"type": "int", "value": 3}},
        None,
        None,
        {},
    )
    loaded = reporter.reports[3][1]
    assert [(each["name"], each["asset_key"], each["metadata"]) for each in loaded] == [
        ("first", ["first"], {})
    ]
    assert loaded[0]["seconds"] >= 0
    assert ("info", "hello there") in reporter.lines


def test_resources_live_for_the_session_and_per_run():
    @asset
    def a(counting: Counting) -> None: ...

    @asset
    def b(counting: Counting) -> None: ...

    definitions = Definitions(assets=[a, b], resources={"counting": Counting()})
    resolved = definitions.resolved()
    with ResourceSession(resolved) as session:
        for run_id, name in (("r1", "a"), ("r1", "b"), ("r2", "a")):
            execute_step(resolved, session, request(resolved, name, run_id=run_id), Collecting())
    assert EVENTS == ["setup r1", "teardown r1", "setup r2", "teardown r2"]


def test_nothing_is_set_up_before_the_first_step():
    definitions = Definitions(resources={"counting": Counting()})
    with ResourceSession(definitions.resolved()):
        pass
    assert EVENTS == []


def test_attempts_and_run_reach_the_context():
    seen = {}

    @asset
    def subject(context: AssetExecutionContext) -> None:
        seen.update(
            retry=context.retry_number,
            run=context.run.run_id,
            number=context.run.number,
            tags=context.run_tags,
        )
        seen["current"] = AssetExecutionContext.get().asset_key.path

    run(Definitions(assets=[subject]), "subject", attempt=3, run_number=7, tags={"t": "v"})
    assert seen == {"retry": 2, "run": "r1", "number": 7, "tags": {"t": "v"}, "current": ["subject"]}


def failure_of(definitions, name, **options):
    with pytest.raises(StepFailure) as caught:
        run(definitions, name, **options)
    return caught.value


class Failing(IOManager):
    def __init__(self, at):
        self.at = at

    def handle_output(self, context, obj):
        if self.at == "handle_output":
            raise KeyError("out")

    def load_input(self, context):
        if self.at == "load_input":
            raise KeyError("in")
        return "text"


class Unset(ConfigurableResource):
    value: str = EnvVar("NOT_SET_ANYWHERE")


class Broken(ConfigurableResource):
    def setup_for_execution(self, context):
        raise OSError("no network")


@asset
def typed(first: int) -> str:
    return 5


@asset
def raises(first):
    raise ValueError("boom")


@asset
def wants_config(config: Limit) -> None: ...


@asset
def wants_unset(unset: Unset) -> None: ...


@asset
def wants_broken(broken: Broken) -> None: ...


@pytest.mark.parametrize(
    ("name", "at", "phase", "framework_type", "cause"),
    [
        ("raises", None, "asset", "DagsterExecutionStepExecutionError", ValueError),
        ("second", "load_input", "load_input", "DagsterExecutionLoadInputError", KeyError),
        ("first", "handle_output", "handle_output", "DagsterExecutionHandleOutputError", KeyError),
        ("typed", None, "type_check", "DagsterTypeCheckDidNotPass", None),
        ("wants_config", None, "config", "DagsterInvalidConfigError", None),
        ("wants_unset", None, "config", "DagsterInvalidConfigError", None),
        ("wants_broken", None, "resources", "DagsterResourceFunctionError", OSError),
    ],
)
def test_failures_say_phase_class_and_cause(name, at, phase, framework_type, cause):
    definitions = Definitions(
        assets=[first, second, typed, raises, wants_config, wants_unset, wants_broken],
        resources={"io_manager": Failing(at), "unset": Unset(), "broken": Broken()},
    )
    failure = failure_of(definitions, name)
    assert (failure.phase, failure.framework_type) == (phase, framework_type)
    assert type(failure.__cause__).__name__ == (cause.__name__ if cause else framework_type)
    assert failure.error is failure.__cause__
    assert failure.source[0] == __file__


def test_step_goes_on_being_usable_after_a_failed_one():
    definitions = Definitions(assets=[first, raises], resources={"io_manager": Failing(None)})
    resolved, reporter = definitions.resolved(), Collecting()
    with ResourceSession(resolved) as session:
        with pytest.raises(StepFailure):
            execute_step(resolved, session, request(resolved, "raises"), reporter)
        execute_step(resolved, session, request(resolved, "first"), reporter)
    assert reporter.reports[-1][0] == "materialized"


def test_cancellation_passes_untouched():
    @asset
    def subject():
        raise KeyboardInterrupt

    definitions = Definitions(assets=[subject])
    resolved = definitions.resolved()
    with ResourceSession(resolved) as session, pytest.raises(KeyboardInterrupt):
        execute_step(resolved, session, request(resolved, "subject"), Collecting())


def test_missing_upstream_is_hinted_for_the_users_own_manager(tmp_path):
    class Files(IOManager):
        def handle_output(self, context, obj): ...

        def load_input(self, context):
            return open(tmp_path / "nothing").read()  # noqa: SIM115

    definitions = Definitions(assets=[first, second], resources={"io_manager": Files()})
    failure = failure_of(definitions, "second", inputs=[StepInput("first", ["first"])])
    assert isinstance(failure.error, FileNotFoundError)
    assert failure.hint == 'materialize "first" first'
    assert failure.hint in str(failure)
    materialization = {"run_id": "earlier", "metadata": {}, "stored": None}
    gone = failure_of(
        definitions, "second", inputs=[StepInput("first", ["first"], materialization=materialization)]
    )
    assert gone.hint == failure.hint
    assert failure_of(definitions, "second").hint is None  # made in this very run: something else is wrong


def test_upstream_that_stores_nothing_is_told(tmp_path):
    @asset
    def nothing() -> None: ...

    @asset
    def after(nothing): ...

    definitions = Definitions(
        assets=[nothing, after], resources={"io_manager": FilesystemIOManager(base_dir=str(tmp_path))}
    )
    assert "deps=" in failure_of(definitions, "after").hint


def test_input_of_another_code_location_needs_a_manager_here():
    @asset
    def subject(elsewhere): ...

    definitions = Definitions(assets=[subject], resources={"io_manager": Memory()})
    inputs = [StepInput("elsewhere", ["elsewhere"], code_location="theirs")]
    failure = failure_of(definitions, "subject", inputs=inputs)
    assert failure.phase == "load_input"
    for word in ("elsewhere", "theirs", "input_manager_key"):
        assert word in str(failure)


def test_materialization_to_read_gives_the_upstream_run(tmp_path):
    seen = []

    class Looking(Memory):
        def load_input(self, context):
            seen.append((context.upstream_output.run_id, context.upstream_output.step_key))
            return 1

    definitions = Definitions(assets=[first, second], resources={"io_manager": Looking()})
    inputs = [
        StepInput("first", ["first"], materialization={"run_id": "earlier", "metadata": {}, "stored": None})
    ]
    run(definitions, "second", inputs=inputs)
    run(definitions, "second")
    assert seen == [("earlier", "none"), ("r1", "first")]


def test_step_of_an_asset_without_function():
    from headrace import AssetSpec

    assert "no function" in str(failure_of(Definitions(assets=[AssetSpec("spec")]), "spec"))


# The path that was seen being written


class Watch:
    def __init__(self, path):
        self.path = path

    def single_path(self):
        return self.path


@pytest.fixture
def watch(monkeypatch):
    seen = []

    @contextlib.contextmanager
    def watching():
        seen.append("entered")
        yield Watch("/seen/file.csv")

    monkeypatch.setattr(execution, "around_handle_output", watching)
    return seen


def materialized_metadata(reporter):
    return reporter.reports[-1][3]


def test_observed_path_is_recorded_and_marked(watch):
    reporter = run(Definitions(assets=[first], resources={"io_manager": Memory()}), "first")
    assert materialized_metadata(reporter)["path"] == {
        "type": "path",
        "value": "/seen/file.csv",
        "observed": True,
    }
    assert watch == ["entered"]


def test_recorded_path_wins_over_the_observed_one(watch, tmp_path):
    class Says(Memory):
        def handle_output(self, context, obj):
            context.add_output_metadata({"path": "mine"})

    reporter = run(Definitions(assets=[first], resources={"io_manager": Says()}), "first")
    assert materialized_metadata(reporter)["path"] == {"type": "text", "value": "mine"}

    @asset
    def function_says(context):
        context.add_output_metadata({"path": "from function"})
        return 1

    reporter = run(Definitions(assets=[function_says], resources={"io_manager": Memory()}), "function_says")
    assert materialized_metadata(reporter)["path"]["value"] == "from function"


def test_built_in_managers_are_not_watched_for_paths(watch, tmp_path):
    @asset
    def none_value(): ...

    definitions = Definitions(
        assets=[none_value], resources={"io_manager": FilesystemIOManager(base_dir=str(tmp_path))}
    )
    assert materialized_metadata(run(definitions, "none_value")) == {}
