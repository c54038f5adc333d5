"""Code that says `from dagster import …` gets Headrace's names. Each case runs in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest
from protocol_driver import SDK


def run(code: str, *paths: object) -> subprocess.CompletedProcess[str]:
    python_path = os.pathsep.join(map(str, [SDK, *paths]))
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": python_path},
        capture_output=True,
        text=True,
        check=False,
    )


def output_of(code: str, *paths: object) -> str:
    done = run(code, *paths)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_names_are_headraces_own():
    assert (
        output_of("""
        import headrace, headrace.compat
        from dagster import Definitions, asset
        import dagster as dg
        print(Definitions is headrace.Definitions, dg.asset is asset is headrace.asset, hasattr(dg, "asset"))
    """)
        == "True True True"
    )


def test_star_import_gives_the_public_names():
    assert (
        output_of("""
        import headrace, headrace.compat
        from dagster import *
        print(set(headrace.__all__) <= set(globals()))
    """)
        == "True"
    )


def test_a_name_we_lack_fails_at_import_naming_it():
    done = run("""
        import headrace.compat
        from dagster import FreshnessThingOfTomorrow
    """)
    assert done.returncode == 1
    assert "ImportError: Headrace does not have dagster.FreshnessThingOfTomorrow yet" in done.stderr


def test_a_misspelt_name_gets_a_hint():
    done = run("""
        import headrace.compat
        from dagster import Definitons
    """)
    assert "Did you mean Definitions?" in done.stderr


def test_an_attribute_we_lack():
    assert output_of("""
        import headrace.compat
        import dagster
        print(hasattr(dagster, "nothing_at_all"), getattr(dagster, "nothing_at_all", 7))
        try:
            dagster.nothing_at_all
        except AttributeError as error:
            print(error)
    """).splitlines() == ["False 7", "Headrace does not have dagster.nothing_at_all yet"]


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("dagster_azure.adls2", "a_name_of_tomorrow"),
        ("dagster_aws.s3", "a_name_of_tomorrow"),
        ("dagster_gcp.gcs", "a_name_of_tomorrow"),
        ("dagster_gcp", "a_name_of_tomorrow"),
    ],
)
def test_cloud_packages_name_what_they_lack(module, name):
    done = run(f"""
        import headrace.compat
        from {module} import {name}
    """)
    assert f"ImportError: Headrace does not have {module}.{name} yet" in done.stderr


@pytest.mark.parametrize(
    "module", ["dagster._core.definitions", "dagster_gcp.bigquery", "dagster_azure.future"]
)
def test_modules_we_lack_are_named(module):
    done = run(f"""
        import headrace.compat
        import {module}
    """)
    assert done.returncode == 1
    assert "ImportError: Headrace does not have dagster" in done.stderr


def test_our_names_can_be_pickled_from_either_import():
    assert (
        output_of("""
        import headrace.compat, pickle
        from dagster import AssetKey
        print(pickle.loads(pickle.dumps(AssetKey(["a", "b"]))) == AssetKey(["a", "b"]))
    """)
        == "True"
    )


def test_the_finder_stands_before_an_installed_dagster(tmp_path):
    (tmp_path / "dagster").mkdir()
    (tmp_path / "dagster" / "__init__.py").write_text("asset = 'the real one'")
    assert output_of("import headrace.compat, dagster; print(callable(dagster.asset))", tmp_path) == "True"


def test_too_late_is_said(tmp_path):
    (tmp_path / "dagster.py").write_text("")
    done = run("import dagster, headrace.compat", tmp_path)
    assert "dagster is already imported from" in done.stderr


def test_other_imports_are_none_of_its_business():
    assert (
        output_of("""
        import headrace.compat
        try:
            import dagster_of_someone_else
        except ModuleNotFoundError as error:
            print(error)
    """)
        == "No module named 'dagster_of_someone_else'"
    )


def pytest_run(folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-p",
            "headrace.pytest_plugin",
            *arguments,
        ],
        cwd=folder,
        # The plugin is named here: where the package is installed its entry point would name it a second time.
        env={**os.environ, "PYTHONPATH": str(SDK), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_pytests_option_reaches_conftest_and_tests(tmp_path):
    (tmp_path / "conftest.py").write_text("from dagster import asset\n")
    (tmp_path / "test_mine.py").write_text(
        "from dagster import asset\ndef test_it(): assert asset.__module__.startswith('headrace')\n"
    )
    done = pytest_run(tmp_path, "--dagster-compat")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
