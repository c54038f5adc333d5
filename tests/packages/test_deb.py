"""The Debian package: what it holds, the daemon run from it, and a C++ code location built with its SDK."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY

MIB = 1 << 20
FILES = """
    etc/headrace/headrace.toml
    lib/systemd/system/headrace.service
    usr/bin/headrace
    usr/include/headrace/blobs.hpp
    usr/include/headrace/sdk.hpp
    usr/include/headrace/tables.hpp
    usr/lib/cmake/Headrace/HeadraceConfig.cmake
    usr/lib/headrace/libheadrace_sdk.a
    usr/lib/headrace/libheadrace_tables.a
    usr/lib/sysusers.d/headrace.conf
    usr/share/doc/headrace/THIRD_PARTY_NOTICES
    usr/share/doc/headrace/changelog.gz
    usr/share/doc/headrace/copyright
""".split()


@pytest.fixture(scope="module")
def system(stranger, deb) -> Path:
    """The package unpacked, as dpkg would into the root folder."""
    stranger.run("dpkg-deb", "-x", stranger.copy(deb), "system")
    return stranger.folder / "system"


def field(deb: Path, name: str) -> str:
    return subprocess.run(["dpkg-deb", "-f", deb, name], capture_output=True, text=True, check=True).stdout.strip()


def test_it_holds_daemon_unit_settings_and_sdk(system):
    missing = [x for x in FILES if not (system / x).is_file()]
    assert not missing
    unit = (system / "lib/systemd/system/headrace.service").read_text()
    assert "ExecStart=/usr/bin/headrace serve -w /etc/headrace/headrace.toml\n" in unit


def test_it_is_small_and_needs_libc_alone(deb, system):
    assert deb.stat().st_size <= 12 * MIB
    assert (system / "usr/bin/headrace").stat().st_size <= 10 * MIB
    assert [x.split()[0] for x in field(deb, "Depends").split(", ")] == ["passwd", "libc6"]


def test_no_file_names_the_machine_it_was_built_on(system):
    here = str(REPOSITORY).encode()
    assert [x for x in system.rglob("*") if x.is_file() and here in x.read_bytes()] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="dpkg --root is for root")
def test_dpkg_takes_it_and_gives_everything_back(tmp_path, deb):
    """Unpacked only: the scripts would change this machine. tests/packages/chroot.sh installs it whole."""
    root = tmp_path / "root"
    for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates"):
        (root / folder).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    dpkg = ["dpkg", f"--root={root}", "--force-depends", "--force-script-chrootless", "--log=/dev/null"]
    subprocess.run([*dpkg, "--unpack", str(deb)], capture_output=True, check=True)
    assert (root / "usr/bin/headrace").exists()
    assert (root / "etc/headrace/headrace.toml.dpkg-new").exists(), "settings are not the administrator's (conffiles)"
    subprocess.run([*dpkg, "--purge", "headrace"], capture_output=True, check=True)
    assert [x for x in root.rglob("*") if x.is_file() and "dpkg" not in x.parts] == []


def test_a_cpp_code_location_builds_with_its_sdk_and_is_served_by_its_daemon(system, stranger, serve):
    project = stranger.copy(REPOSITORY / "examples" / "cpp_guide")
    stranger.run(
        "cmake", "-S", project, "-B", project / "build", "-G", "Ninja",
        f"-DCMAKE_PREFIX_PATH={system}/usr", f"-DHEADRACE_PYTHON={sys.executable}", "-DCMAKE_BUILD_TYPE=Debug",
    )  # fmt: skip
    stranger.run("cmake", "--build", project / "build")
    one = serve(system / "usr/bin/headrace", "--exe", str(project / "build" / "my_location"), "-d", str(project))
    assert one.loaded()["language"] == "cpp"
    one.materialize("*")
    assert one.metadata("setosa")["nrows"] == 50


def test_without_arrow_the_sdk_is_found_and_tables_say_what_is_missing(system, stranger):
    project = stranger.folder / "needs_tables"
    project.mkdir()
    (project / "CMakeLists.txt").write_text(
        "cmake_minimum_required(VERSION 3.25)\nproject(p LANGUAGES CXX)\nfind_package(Headrace REQUIRED ${WANTED})\n"
        "if(TARGET headrace::sdk)\n  message(STATUS found)\nendif()\n"
    )
    stranger.owns(project)
    configure = ["cmake", "-S", project, "-B", project / "build"]
    configure += [f"-DCMAKE_PREFIX_PATH={system}/usr", "-DHEADRACE_ARROW=none"]
    assert "-- found" in stranger.run(*configure)
    with pytest.raises(AssertionError, match=r"pip\s+install\s+pyarrow=="):
        stranger.run(*configure, "-DWANTED=COMPONENTS;tables")
