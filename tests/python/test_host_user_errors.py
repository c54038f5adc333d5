"""Errors lead with the user's own exception and line."""

from __future__ import annotations

import importlib.util
import sys
import textwrap

import pytest

from headrace import redaction, user_errors
from headrace.errors import DagsterExecutionHandleOutputError, DagsterInvalidConfigError
from headrace.execution import StepFailure


@pytest.fixture
def user_code(tmp_path, monkeypatch):
    """Makes a module of the user's in the working directory."""
    monkeypatch.chdir(tmp_path)

    def make(text: str, name: str = "my_code"):
        path = tmp_path / f"{name}.py"
        path.write_text(textwrap.dedent(text))
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return make


def raised(function, *arguments):
    try:
        function(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def wrapped_in_step_failure(function):
    """As our execution does it: the frames of this call count as the framework's."""
    namespace = {"StepFailure": StepFailure}
    source = """
def run(function):
    try:
        function()
    except Exception as error:
        raise StepFailure("the step failed", phase="asset", framework_type="DagsterExecutionStepExecutionError") from error
"""
    exec(compile(source, user_errors.__file__, "exec"), namespace)
    return raised(namespace["run"], function)


def test_the_users_exception_leads_and_our_frames_are_one_line(user_code):
    code = user_code("""
        def load():
            return check(17)

        def check(row):
            raise ValueError(f"bad row {row} in iris.csv")
    """)
    error = user_errors.describe(wrapped_in_step_failure(code.load))
    assert (error["type"], error["message"]) == ("ValueError", "bad row 17 in iris.csv")
    assert (error["file"], error["line"]) == ("my_code.py", 6)
    assert (error["phase"], error["framework_type"]) == ("asset", "DagsterExecutionStepExecutionError")
    assert error["framework_frames"] == 1
    assert error["stack"].splitlines()[:2] == [
        "Traceback (most recent call last):",
        "  … 1 frame of headrace",
    ]
    assert 'my_code.py", line 3, in load' in error["stack"]
    assert "the step failed" not in error["stack"]


def test_dagsters_wrapper_gives_way_to_its_cause(user_code):
    code = user_code("def write(): open('/nonexistent/x', 'w')")
    try:
        try:
            code.write()
        except OSError as cause:
            raise DagsterExecutionHandleOutputError("handle_output failed") from cause
    except DagsterExecutionHandleOutputError as wrapper:
        error = user_errors.describe(wrapper, phase="handle_output")
    assert (error["type"], error["framework_type"]) == (
        "FileNotFoundError",
        "DagsterExecutionHandleOutputError",
    )
    assert error["line"] == 1


def test_an_error_of_ours_with_a_cause_leads_itself():
    try:
        try:
            int("x")
        except ValueError as cause:
            raise DagsterInvalidConfigError("DATA_PATH is not set") from cause
    except DagsterInvalidConfigError as ours:
        error = user_errors.describe(ours, phase="config")
    assert (error["type"], error["message"]) == ("DagsterInvalidConfigError", "DATA_PATH is not set")


def test_causes_are_shown(user_code):
    code = user_code("""
        def load():
            try:
                {}["species"]
            except KeyError as error:
                raise RuntimeError("no species") from error
    """)
    error = user_errors.describe(raised(code.load))
    assert "KeyError: 'species'" in error["stack"]
    assert "direct cause" in error["stack"]
    assert error["stack"].rstrip().endswith("RuntimeError: no species")
    assert error["line"] == 6


def test_a_library_frame_is_shown_but_is_not_the_place(user_code):
    code = user_code("""
        import json
        def load():
            return json.loads("{")
    """)
    error = user_errors.describe(raised(code.load))
    assert (error["type"], error["file"], error["line"]) == ("JSONDecodeError", "my_code.py", 4)
    assert "decoder.py" in error["stack"]


def test_a_syntax_error_names_its_file_and_line_with_the_caret(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.py").write_text("x = 1\ndef f(:\n    pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    error = user_errors.describe(raised(__import__, "broken"), phase="load")
    assert (error["type"], error["file"], error["line"]) == ("SyntaxError", "broken.py", 2)
    assert "def f(:" in error["stack"] and "^" in error["stack"]
    assert error["message"] == "invalid syntax"


def test_a_missing_package_names_the_interpreter(user_code):
    error = user_errors.describe(raised(user_code, "import no_such_package_at_all"))
    assert "no_such_package_at_all" in error["message"] and sys.executable in error["message"]
    assert (error["file"], error["line"]) == ("my_code.py", 1)


def test_sys_exit_says_what_it_was(user_code):
    code = user_code("import sys\ndef leave(): sys.exit(3)")
    error = user_errors.describe(raised(code.leave))
    assert (error["type"], error["line"]) == ("SystemExit", 2)
    assert "sys.exit(3)" in error["message"]


def test_an_exception_group_shows_its_parts(user_code):
    if sys.version_info < (3, 11):
        pytest.skip("exception groups came with Python 3.11")
    code = user_code("def f(): raise ExceptionGroup('two', [ValueError('a'), TypeError('b')])")
    stack = user_errors.describe(raised(code.f))["stack"]
    assert "ValueError: a" in stack and "TypeError: b" in stack


def test_an_exception_whose_text_raises(user_code):
    code = user_code("""
        class Odd(Exception):
            def __str__(self):
                raise RuntimeError
        def f():
            raise Odd
    """)
    error = user_errors.describe(raised(code.f))
    assert error["type"] == "Odd" and "Odd" in error["message"]


def test_deep_recursion_stays_short(user_code):
    code = user_code("def f(): f()")
    error = user_errors.describe(raised(code.f))
    assert error["type"] == "RecursionError"
    assert len(error["stack"]) < 2000


def test_secrets_and_length(user_code):
    redaction.forget_all()
    redaction.add_secret("canary-0123")
    code = user_code("def f(): raise ValueError('canary-0123' + 'x' * 500_000)")
    error = user_errors.describe(raised(code.f))
    redaction.forget_all()
    assert "canary" not in str({k: v for k, v in error.items() if k != "stack"})
    assert len(error["message"]) < 100_000 and len(error["stack"]) < 300_000


def test_no_frame_of_the_users_no_place():
    error = user_errors.describe(ValueError("made by nobody"))
    assert (error["file"], error["line"]) == (None, None)
    assert error["stack"] == "ValueError: made by nobody\n"


def test_every_field_of_the_protocol_is_there():
    assert list(user_errors.describe(ValueError("x"), phase="load")) == [
        "type", "message", "stack", "file", "line", "phase", "framework_type", "framework_frames",
    ]  # fmt: skip
