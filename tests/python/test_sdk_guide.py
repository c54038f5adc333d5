"""The guide's first five projects, as they are, through `materialize`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).resolve().parents[2] / "examples" / "guide"
CODE = """
import headrace.compat
from headrace import materialize
from my_dagster_code_location import defs

result = materialize(defs.assets, resources=defs.resources)
assert result.success
for event in result.get_asset_materialization_events():
    told = event.materialization.metadata.items()
    values = {label: value.value for label, value in told if label not in ("bytes", "schema")}
    print(event.asset_key.to_user_string(), len(result.asset_value(event.asset_key)), values)
"""


@pytest.mark.parametrize(
    ("project", "environment", "told", "files"),
    [
        (
            "1_filesystem",
            {},
            [
                "iris_data 150 {'path': 'my_data/iris_data', 'rows': 150}",
                "setosa 50 {'path': 'my_data/setosa', 'rows': 50}",
            ],
            ["my_data/iris_data", "my_data/setosa"],
        ),
        ("2_custom", {}, ["iris_data 150 {}", "setosa 50 {}"], ["iris_data.csv", "setosa.csv"]),
        (
            "3_path_prefix",
            {},
            ["iris_data 150 {}", "setosa 50 {}"],
            ["my_data/iris_data.csv", "my_data/setosa.csv"],
        ),
        (
            "4_env_var",
            {"DATA_PATH": "my_data/"},
            ["iris_data 150 {}", "setosa 50 {}"],
            ["my_data/iris_data.csv", "my_data/setosa.csv"],
        ),
        (
            "5_metadata",
            {"DATA_PATH": "elsewhere/"},
            ["iris_data 150 {'nrows': 150}", "setosa 50 {'nrows': 50}"],
            ["elsewhere/iris_data.csv", "elsewhere/setosa.csv"],
        ),
    ],
)
def test_project(tmp_path, project, environment, told, files):
    pytest.importorskip("pandas")
    folder = copied(tmp_path, project)
    done = run(folder, environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == told
    for name in files:
        assert (folder / name).is_file()


def copied(tmp_path, project):
    """The project without what earlier runs left in it."""
    return shutil.copytree(
        GUIDE / project, tmp_path / project, ignore=shutil.ignore_patterns("my_data", "__pycache__")
    )


def run(folder, environment):
    """In a process of its own, as `dagster` must mean headrace from its first import on."""
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("DATA_PATH", "HEADRACE_STORAGE")
    }
    return subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=folder,
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_project_without_its_variable_says_which(tmp_path):
    pytest.importorskip("pandas")
    folder = copied(tmp_path, "5_metadata")
    done = run(folder, {})
    assert done.returncode != 0
    assert "DagsterInvalidConfigError: " in done.stderr
    assert '"DATA_PATH" which is not set' in done.stderr
    assert "resources:my_io_manager:config:path_prefix" in done.stderr
    assert not (folder / "iris_data.csv").exists()
