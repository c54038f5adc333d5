"""Definitions that cannot be loaded: each with a message that leads with the user's own error, on load and on reload."""

from __future__ import annotations

import textwrap

import pytest

GOOD = """
    from dagster import Definitions, asset

    @asset
    def one():
        return 1

    defs = Definitions(assets=[one])
"""

SYNTAX_ERROR = """
    from dagster import Definitions
    def broken(:
        pass
    defs = Definitions()
"""

RAISES = """
    from dagster import Definitions

    def helper():
        raise ValueError("bad row 17 in iris.csv")

    helper()
    defs = Definitions()
"""

# name: (files, words that the error's type and message hold, the line of the user's file that it names)
BROKEN = {
    "syntax error": (SYNTAX_ERROR, ["SyntaxError"], 3),
    "exception": (RAISES, ["ValueError", "bad row 17 in iris.csv"], 5),
    "package missing": (
        "\nimport no_such_package_here\n",
        ["ModuleNotFoundError", "no_such_package_here"],
        2,
    ),
    "no Definitions": ("\nx = 1\n", ["Definitions", "defs.py"], None),
    "two Definitions": (
        "from dagster import Definitions\na = Definitions()\nb = Definitions()\n",
        ["Definitions", "a", "b"],
        None,
    ),
    "two assets with one key": (
        """
            from dagster import Definitions, asset

            @asset(name="twin")
            def one(): ...

            @asset(name="twin")
            def two(): ...

            defs = Definitions(assets=[one, two])
        """,
        ["twin"],
        None,
    ),
    "keys that differ in case": (
        """
            from dagster import Definitions, asset

            @asset
            def iris(): ...

            @asset(name="Iris")
            def other(): ...

            defs = Definitions(assets=[iris, other])
        """,
        ["iris", "Iris", "case"],
        None,
    ),
    "a cycle": (
        """
            from dagster import Definitions, asset

            @asset
            def chicken(egg): ...

            @asset
            def egg(chicken): ...

            defs = Definitions(assets=[chicken, egg])
        """,
        ["chicken", "egg"],
        None,
    ),
    "unknown io_manager_key": (
        """
            from dagster import Definitions, FilesystemIOManager, asset

            @asset(io_manager_key="my_io_manger")
            def one(): ...

            defs = Definitions(assets=[one], resources={"my_io_manager": FilesystemIOManager()})
        """,
        ["my_io_manger", "one", "my_io_manager"],
        None,
    ),
}


@pytest.fixture
def serve(daemon, project):
    def start(text, *, file="defs.py"):
        folder = project({"defs.py": text})
        return folder, daemon(folder, "-f", file)

    return start


def assert_says(error, words, line=None):
    said = f"{error['type']}: {error['message']}"
    for word in words:
        assert word in said, f"{word!r} is not in: {said}"
    if line is not None:
        assert (error["file"].endswith("defs.py"), error["line"]) == (True, line), error


@pytest.mark.parametrize("case", BROKEN)
def test_a_load_that_fails_names_the_users_error(serve, case):
    text, words, line = BROKEN[case]
    _, one = serve(text)
    location = one.code_location()
    assert (location["state"], location["asset_count"]) == ("failed", 0)
    assert_says(location["error"], words, line)
    for word in words:
        assert word in one.log, f"the terminal does not say {word!r}:\n{one.log}"


@pytest.mark.parametrize("case", BROKEN)
def test_a_reload_that_fails_keeps_the_last_good_definitions(serve, case):
    text, words, line = BROKEN[case]
    folder, one = serve(GOOD)
    one.loaded()
    (folder / "defs.py").write_text(textwrap.dedent(text))
    location = one.reload()
    assert (location["state"], location["asset_count"]) == ("loaded", 1)
    assert_says(location["error"], words, line)
    one.materialize("one")
    (folder / "defs.py").write_text(textwrap.dedent(GOOD))
    assert one.reload()["error"] is None


def test_the_traceback_shows_the_users_frames_and_folds_ours(serve):
    _, one = serve(RAISES)
    stack = one.code_location()["error"]["stack"]
    assert "in helper" in stack and 'raise ValueError("bad row 17 in iris.csv")' in stack
    for framework in ("importlib", "headrace/host", "site-packages"):
        assert framework not in stack, stack


def test_file_not_found(serve):
    _, one = serve(GOOD, file="nothing_here.py")
    assert_says(one.code_location()["error"], ["nothing_here.py"])


def test_module_not_found(daemon, project):
    one = daemon(project({"defs.py": GOOD}), "-m", "nothing_here")
    assert_says(one.code_location()["error"], ["nothing_here"])


def test_a_python_without_headrace_is_named(daemon, project, tmp_path):
    """A virtual environment that lacks the package: the error names the interpreter and the module."""
    import venv

    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    python = tmp_path / "bare" / "bin" / "python"
    one = daemon(project({"defs.py": GOOD}), "-f", "defs.py", "--python", str(python))
    assert_says(one.code_location()["error"], [str(python), "headrace"])


def test_user_code_that_exits_while_loading(serve):
    _, one = serve("\nimport os\nos._exit(3)\n")
    location = one.code_location()
    assert location["state"] == "failed"
    assert_says(location["error"], ["3"])


def test_what_the_import_prints_does_no_harm(serve):
    _, one = serve(
        """
            import sys
            from dagster import Definitions, asset

            print("x" * 1_000_000)
            sys.stdout.buffer.write(bytes(range(256)))
            sys.stdout.flush()

            @asset
            def one():
                return 1

            defs = Definitions(assets=[one])
        """
    )
    one.loaded()
    one.materialize("*")


@pytest.mark.parametrize(
    "dotenv",
    [
        b"\xef\xbb\xbfDATA_PATH=my_data/\r\n",
        b"export DATA_PATH='my_data/'\n",
        b'\r\n# a comment\r\nDATA_PATH="my_data/"   # after it\r\n',
        b"= nothing\nDATA_PATH=my_data/\nnot a line\n",
    ],
    ids=["BOM and CRLF", "export and quotes", "comments", "bad lines"],
)
def test_dotenv_as_people_write_it(daemon, guide, dotenv):
    folder = guide("5_metadata")
    (folder / ".env").write_bytes(dotenv)
    one = daemon(folder, "-m", "my_dagster_code_location")
    one.loaded()
    one.materialize("*")
    assert (folder / "my_data" / "setosa.csv").exists()


def test_a_line_of_dotenv_that_makes_no_sense_is_named(daemon, guide):
    folder = guide("5_metadata")
    (folder / ".env").write_text("DATA_PATH=my_data/\nnot a line\n")
    one = daemon(folder, "-m", "my_dagster_code_location")
    [warning] = one.loaded()["warnings"]
    assert f"{folder / '.env'}:2" in warning
    assert f"{folder / '.env'}:2" in one.log


def test_dotenv_is_read_again_at_a_reload(daemon, guide):
    folder = guide("5_metadata")
    (folder / ".env").unlink()
    one = daemon(folder, "-m", "my_dagster_code_location")
    one.loaded()
    assert one.asset("setosa")["unset_variables"] == ["DATA_PATH"]
    (folder / ".env").write_text("DATA_PATH=elsewhere/\n")
    assert one.reload()["error"] is None
    assert one.asset("setosa")["unset_variables"] == []
    one.materialize("*")
    assert (folder / "elsewhere" / "setosa.csv").exists()
