"""Importing the user's code."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType

from headrace import user_errors
from headrace.host.command import LoadOptions


class CodeNotFound(Exception):
    """The module or file to load does not exist; the message names it and where it was looked for."""


def import_user_code(options: LoadOptions) -> ModuleType:
    """Imports the module or file, from the working directory; whatever user code raises passes through."""
    sys.argv = [options.name]
    if options.module is not None:
        return _import_module(options.module)
    assert options.file is not None
    return _import_file(options.file)


def enter_working_directory(directory: str | None) -> None:
    """Changes to it and puts it first on the import path, as both `-m` and `-f` promise."""
    if directory is not None and os.path.realpath(directory) != os.getcwd():
        try:
            os.chdir(directory)
        except OSError as error:
            raise CodeNotFound(f'working directory "{directory}": {error.strerror}') from None
    here = os.getcwd()
    sys.path[:] = [here, *(entry for entry in sys.path if entry not in ("", here))]


def _import_module(name: str) -> ModuleType:
    try:
        _learn_users_folder(name.partition(".")[0])
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if not _is_missing_itself(name, missing):
            raise
        raise CodeNotFound(
            f'module "{name}" not found{_part(name, missing)}: '
            f"neither in {os.getcwd()} nor installed in {sys.executable}{_file_hint(name)}"
        ) from None


def _learn_users_folder(package: str) -> None:
    spec = importlib.util.find_spec(package)
    if spec is not None:
        for place in spec.submodule_search_locations or [spec.origin or ""]:
            user_errors.add_users_code(place)


def _is_missing_itself(name: str, missing: str) -> bool:
    """True when `missing` is the module asked for or a package it lies in."""
    return name == missing or name.startswith(missing + ".")


def _part(name: str, missing: str) -> str:
    return "" if name == missing else f' (there is no "{missing}")'


def _file_hint(name: str) -> str:
    file = name if name.endswith(".py") else name + ".py"
    return f"; to load the file {file}, use -f" if os.path.isfile(file) else ""


def _import_file(file: str) -> ModuleType:
    if not os.path.isfile(file):
        raise CodeNotFound(f'file "{file}" not found in {os.getcwd()}')
    name = os.path.splitext(os.path.basename(file))[0]
    if name in sys.modules or not name.isidentifier():
        name = "code_location_" + "".join(c if c.isalnum() else "_" for c in name)
    spec = importlib.util.spec_from_file_location(name, os.path.abspath(file))
    if spec is None or spec.loader is None:
        raise CodeNotFound(f'file "{file}" is no Python file: its name must end in .py')
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
