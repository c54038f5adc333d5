"""The wheel: small, honest about where it runs, and all that the guide needs in an empty virtual environment."""

from __future__ import annotations

import re
import zipfile

import pytest

from .conftest import REPOSITORY

MIB = 1 << 20


@pytest.fixture(scope="module")
def installed(stranger, python, wheel):
    """The wheel in the empty environment, with pandas for the guide's sake."""
    wheels = stranger.copy(REPOSITORY / "build" / "wheelhouse")
    local = ["--no-index", "--find-links", wheels, "--disable-pip-version-check", "-q"]
    stranger.run(python, "-m", "pip", "install", *local, stranger.copy(wheel), "pandas")
    return python.parent / "headrace"


def test_sizes(wheel):
    assert wheel.stat().st_size <= 12 * MIB
    with zipfile.ZipFile(wheel) as content:
        (daemon,) = [x for x in content.infolist() if x.filename.endswith(".data/scripts/headrace")]
    assert daemon.file_size <= 10 * MIB


def test_it_runs_where_its_name_says(wheel):
    # Python 3 of any version; a libc of Debian 12 (2.36) or older, and no library beside it.
    tag = re.fullmatch(r"headrace-[0-9.]+-py3-none-manylinux_2_(\d+)_(x86_64|aarch64)\.whl", wheel.name)
    assert tag and int(tag[1]) <= 36, wheel.name
    with zipfile.ZipFile(wheel) as content:
        assert not [x for x in content.namelist() if ".so" in x or ".libs/" in x]


def test_it_holds_the_sdk_and_its_license(wheel):
    sources = REPOSITORY / "sdk" / "python"
    wanted = {str(x.relative_to(sources)) for x in (sources / "headrace").rglob("*.py")} | {"headrace/py.typed"}
    with zipfile.ZipFile(wheel) as content:
        names = {x for x in content.namelist() if not x.endswith("/")}
        dist_info = next(x.split("/")[0] for x in names if ".dist-info/" in x)
        assert {x for x in names if x.startswith("headrace/")} == wanted
        assert {f"{dist_info}/licenses/{x}" for x in ("LICENSE", "NOTICE", "THIRD_PARTY_NOTICES")} <= names
        metadata = content.read(f"{dist_info}/METADATA").decode()
    for extra in ("arrow", "s3", "gcs", "azure", "test"):
        assert f"Provides-Extra: {extra}\n" in metadata


def test_one_version(wheel, installed, stranger, python):
    version = wheel.name.split("-")[1]
    assert version in stranger.run(installed, "--version")
    assert stranger.run(python, "-c", "import headrace; print(headrace.__version__)").strip() == version


def test_the_guide_in_an_empty_environment(installed, stranger, serve):
    project = stranger.copy(REPOSITORY / "examples" / "guide" / "5_metadata")
    one = serve(installed, "-m", "my_dagster_code_location", "-d", str(project))
    assert one.loaded()["asset_count"] == 2
    one.materialize("*")
    assert one.metadata("setosa")["nrows"] == 50
    page = one.client.get("/")
    assert page.status_code == 200 and '<script type="module"' in page.text, "the page is not the real one"
