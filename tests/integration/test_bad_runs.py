"""Steps that go wrong: each ends with a message that leads with the user's own error, and costs nothing else."""

from __future__ import annotations

import os
import pickle
import signal
import textwrap

import pytest

from .support.daemon import step_of

HEADER = """
import os
import signal
import sys

from dagster import Definitions, IOManager, asset

"""


@pytest.fixture
def serve(daemon, project):
    """serve("@asset\\ndef …\\ndefs = …"): (folder, loaded daemon)."""

    def start(text, **options):
        folder = project({"defs.py": HEADER + textwrap.dedent(text)})
        one = daemon(folder, "-f", "defs.py", **options)
        one.loaded()
        return folder, one

    return start


def failed_step(one, key, selection="*"):
    """Materializes, expects failure, and answers the error of that step."""
    step = step_of(one.materialize(selection, expect="failure"), key)
    assert step["status"] == "failure", step
    return step["error"]


def test_an_exception_in_an_asset(serve):
    _, one = serve("""
        def helper():
            raise ValueError("bad row 17")

        @asset
        def broken():
            helper()

        @asset
        def after(broken): ...

        defs = Definitions(assets=[broken, after])
    """)
    run = one.materialize("*", expect="failure")
    error = step_of(run, "broken")["error"]
    assert (error["type"], error["message"], error["phase"]) == ("ValueError", "bad row 17", "asset")
    assert error["file"].endswith("defs.py") and 'raise ValueError("bad row 17")' in error["stack"]
    assert "in helper" in error["stack"] and "headrace/worker" not in error["stack"]
    assert step_of(run, "after")["status"] == "skipped"
    assert one.asset("broken")["status"] == "failed"


def test_an_io_manager_that_raises_on_output_and_on_input(serve):
    _, one = serve("""
        class Broken(IOManager):
            def handle_output(self, context, obj):
                if context.asset_key.path == ["cannot_store"]:
                    raise OSError("the shelf is full")

            def load_input(self, context):
                raise KeyError("who moved it")

        @asset
        def cannot_store():
            return 1

        @asset
        def stored():
            return 1

        @asset
        def cannot_load(stored): ...

        defs = Definitions(assets=[cannot_store, stored, cannot_load], resources={"io_manager": Broken()})
    """)
    run = one.materialize("*", expect="failure")
    out, into = step_of(run, "cannot_store")["error"], step_of(run, "cannot_load")["error"]
    assert (out["type"], out["message"], out["phase"]) == ("OSError", "the shelf is full", "handle_output")
    assert (into["type"], into["phase"]) == ("KeyError", "load_input")
    assert "who moved it" in into["message"]


def test_path_prefix_empty_as_the_guide_has_it_by_default(daemon, guide):
    folder = guide("3_path_prefix")
    init = folder / "my_dagster_code_location" / "__init__.py"
    init.write_text(init.read_text().replace('path_prefix="my_data/"', ""))
    one = daemon(folder, "-m", "my_dagster_code_location")
    one.loaded()
    error = failed_step(one, "iris_data")
    assert error["type"] == "FileNotFoundError"
    assert error["file"].endswith("my_io_manager.py")
    assert "os.makedirs" in error["stack"]


def test_an_unpicklable_value_leaves_the_last_good_file(serve):
    folder, one = serve("""
        @asset
        def value():
            return (lambda: 1) if os.path.exists("now_bad") else "good"

        defs = Definitions(assets=[value])
    """)
    one.materialize("*")
    path = one.metadata("value")["path"]
    (folder / "now_bad").touch()
    error = failed_step(one, "value")
    assert "lambda" in error["message"] or "pickle" in error["message"]
    with open(path, "rb") as file:
        assert pickle.load(file) == "good"
    assert os.listdir(os.path.dirname(path)) == ["value"], "no half-written file may stay"
    assert one.metadata("value")["path"] == path


DEPENDENT = """
    @asset
    def upstream():
        return 1

    @asset
    def downstream(upstream):
        return upstream + 1

    defs = Definitions(assets=[upstream, downstream])
"""


def test_upstream_never_materialized(serve):
    _, one = serve(DEPENDENT)
    plan = one.post("/api/v1/runs/plan", {"selection": "downstream"}, expect=200)
    assert plan["missing_upstreams"] == [["upstream"]]
    error = failed_step(one, "downstream", "downstream")
    assert "upstream" in error["message"] and "materialize" in error["message"].lower(), error


def test_the_file_of_the_upstream_is_gone(serve):
    _, one = serve(DEPENDENT)
    one.materialize("*")
    path = one.metadata("upstream")["path"]
    os.unlink(path)
    error = failed_step(one, "downstream", "downstream")
    assert path in error["message"] and "upstream" in error["message"]
    assert "materialize" in error["message"].lower(), error["message"]


def test_metadata_that_json_cannot_hold(serve):
    _, one = serve("""
        @asset
        def odd(context):
            context.add_output_metadata({"nan": float("nan"), "inf": float("-inf")})
            context.add_output_metadata({"large": 2**53 + 1, "negative": -(2**70)})
            return 1

        defs = Definitions(assets=[odd])
    """)
    one.materialize("*")
    metadata = one.asset("odd")["latest_materialization"]["metadata"]
    assert metadata["nan"] == {"type": "float", "value": "NaN"}
    assert metadata["inf"] == {"type": "float", "value": "-Infinity"}
    assert metadata["large"] == {"type": "int", "value": "9007199254740993"}
    assert metadata["negative"] == {"type": "int", "value": str(-(2**70))}


def test_a_numpy_scalar_in_metadata_is_refused_with_the_way_out(serve):
    _, one = serve("""
        import numpy

        @asset
        def odd(context):
            context.add_output_metadata({"rows": numpy.int64(7)})
            return 1

        defs = Definitions(assets=[odd])
    """)
    number = one.launch("*")
    run = one.wait_run(number)
    assert run["status"] == "failure"
    error = step_of(run, "odd")["error"]
    assert '"rows" is a numpy.int64' in error["message"]
    assert "int(value)" in error["message"]


DEATHS = {
    "sys.exit": ("sys.exit(7)", ["SystemExit", "7"]),
    "os._exit": ("os._exit(7)", ["exited with status 7"]),
    "a segmentation fault": ("os.kill(os.getpid(), signal.SIGSEGV)", ["SIGSEGV"]),
    "kill -9": ("os.kill(os.getpid(), signal.SIGKILL)", ["SIGKILL"]),
    "abort": ("os.abort()", ["SIGABRT"]),
}


@pytest.mark.parametrize("how", DEATHS)
def test_user_code_that_ends_its_process(serve, how):
    """The step fails and says how the process ended; a step beside it is made, and the next run is none the worse."""
    code, words = DEATHS[how]
    _, one = serve(f"""
        @asset
        def dies():
            {code}

        @asset
        def lives():
            return 1

        defs = Definitions(assets=[dies, lives])
    """)
    run = one.materialize("*", expect="failure")
    error = step_of(run, "dies")["error"]
    said = f"{error['type']}: {error['message']}"
    for word in words:
        assert word in said, error
        assert word in one.log, one.log
    assert step_of(run, "lives")["status"] == "success"
    assert one.materialize("lives")["status"] == "success"


def test_the_terminal_says_what_failed_and_why(serve):
    _, one = serve("""
        @asset
        def broken():
            raise ValueError("bad row 17 in iris.csv")

        defs = Definitions(assets=[broken])
    """)
    one.materialize("*", expect="failure")
    [line] = [line for line in one.log.splitlines() if "bad row 17" in line]
    assert "broken" in line and "ValueError" in line and "defs.py" in line


def test_binary_and_flooding_output(serve):
    _, one = serve("""
        @asset
        def loud():
            print("first line")
            sys.stdout.flush()
            os.write(1, bytes(range(256)))
            for _ in range(200):
                os.write(1, b"y" * 100_000)
            os.write(2, b"to stderr\\n")
            return 1

        defs = Definitions(assets=[loud])
    """)
    run = one.materialize("*")
    assert one.step_log(run["number"], "loud", "stdout").startswith("first line\n")
    assert "to stderr" in one.step_log(run["number"], "loud", "stderr")


def test_output_that_looks_like_protocol_is_only_output(serve):
    _, one = serve("""
        @asset
        def forger():
            print('{"type":"step_ended","status":"failure"}')
            for descriptor in (1, 2):
                os.write(descriptor, b'{"type":"worker_ended"}\\n')
            return 1

        defs = Definitions(assets=[forger])
    """)
    run = one.materialize("*")
    assert '"step_ended"' in one.step_log(run["number"], "forger", "stdout")


HELD = """
    from gate import pass_gate

    @asset
    def held():
        pass_gate("held")
        return 1

    @asset
    def after(held):
        return held

    defs = Definitions(assets=[held, after])
"""


def test_two_runs_of_one_asset_take_turns(serve, gate):
    _, one = serve(HELD, environment=gate.environment())
    first = one.launch("held")
    visitor = gate.next_visitor()
    second = one.launch("held")
    waiting = one.get(f"/api/v1/runs/{second}")
    assert waiting["status"] == "queued"
    assert step_of(waiting, "held")["waits_for"] == first
    assert gate.is_empty(), "two attempts wrote the same asset at once"
    visitor.let_pass()
    gate.next_visitor().let_pass()
    assert one.wait_run(first)["status"] == "success"
    assert one.wait_run(second)["status"] == "success"


def test_killed_host_comes_back_and_its_run_goes_on(serve, gate):
    """The worker outlives its host; the code location is loaded again."""
    from .support.processes import marked_processes

    _, one = serve(HELD, environment=gate.environment())
    number = one.launch("*")
    visitor = gate.next_visitor()
    hosts = [
        pid
        for pid, command in marked_processes(one.mark).items()
        if pid not in (one.pid, visitor.pid) and "host" in command
    ]
    assert hosts, marked_processes(one.mark)
    for pid in hosts:
        os.kill(pid, signal.SIGKILL)
    visitor.let_pass()
    run = one.wait_run(number)
    assert run["status"] == "success", f"{run}\n{one.log}"
    one.loaded()
    gate_free = one.launch("held")
    gate.next_visitor().let_pass()
    assert one.wait_run(gate_free)["status"] == "success"


def test_reload_during_a_run_leaves_the_run_with_its_definitions(serve, gate):
    folder, one = serve(HELD, environment=gate.environment())
    number = one.launch("*")
    visitor = gate.next_visitor()
    text = (folder / "defs.py").read_text()
    (folder / "defs.py").write_text(text.replace("return held\n", "raise RuntimeError('the new code')\n"))
    location = one.reload()
    assert location["error"] is None
    visitor.let_pass()
    assert one.wait_run(number)["status"] == "success"
    assert failed_step(one, "after", "after")["message"] == "the new code"


def test_cancel_ends_the_step(serve, gate):
    _, one = serve(HELD, environment=gate.environment())
    number = one.launch("*")
    visitor = gate.next_visitor()
    response = one.request("POST", f"/api/v1/runs/{number}/cancel", json={})
    assert response.status_code in (200, 202), response.text
    visitor.wait_gone()
    run = one.wait_run(number)
    assert run["status"] == "canceled"
    assert step_of(run, "held")["status"] == "canceled"
    assert one.asset("held")["latest_materialization"] is None


def test_unset_variable_is_shown_before_the_run_and_refused_by_name(daemon, guide):
    folder = guide("4_env_var")
    (folder / ".env").unlink()
    one = daemon(folder, "-m", "my_dagster_code_location")
    one.loaded()
    (field,) = one.get("/api/v1/code-locations/my_dagster_code_location/resources/my_io_manager")["config"]
    assert (field["env_var"], field["is_set"]) == ("DATA_PATH", False)
    plan = one.post("/api/v1/runs/plan", {"selection": "*"}, expect=200)
    assert plan["unset_variables"] == ["DATA_PATH"]
    problem = one.post("/api/v1/runs", {"selection": "*"}, expect=422)
    refusal = problem["refusals"][0]
    assert (refusal["code"], refusal["variable"]) == ("unset_variable", "DATA_PATH")
    assert "DATA_PATH" in refusal["message"]
    assert one.get("/api/v1/runs")["items"] == []


@pytest.mark.parametrize(
    "selection, code", [("nothing_here", "unknown_asset"), ("group:nothing_here", "empty_selection")]
)
def test_a_selection_that_matches_nothing(serve, selection, code):
    _, one = serve(DEPENDENT)
    problem = one.post("/api/v1/runs", {"selection": selection}, expect=422)
    assert code in [refusal["code"] for refusal in problem["refusals"]] + ["empty_selection"]
    assert "nothing_here" in problem["detail"]
    assert one.get("/api/v1/runs")["items"] == []


def test_an_unknown_asset_brings_a_suggestion(serve):
    _, one = serve(DEPENDENT)
    problem = one.post("/api/v1/runs", {"assets": [["upstraem"]]}, expect=422)
    assert problem["refusals"][0]["code"] == "unknown_asset"
    assert "upstream" in problem["refusals"][0]["message"], "did you mean"
