"""A loaded code location: the user's definitions, resolved, described and hashed."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from typing import Any

from headrace import redaction, user_errors
from headrace.host import self_check
from headrace.host.child_process import set_up_child_processes
from headrace.host.code import enter_working_directory, import_user_code
from headrace.host.command import LoadOptions
from headrace.host.discovery import find_definitions
from headrace.host.lines import to_bytes
from headrace.host.streams import flush_streams


@dataclass(frozen=True)
class LoadedLocation:
    """What workers need, and what the daemon is told."""

    resolved: Any
    description: dict[str, Any]
    hash: str
    spawn_reason: str | None
    seconds: float

    def message(self) -> dict[str, Any]:
        """The host's answer to `describe`."""
        return {
            "type": "definitions",
            "hash": self.hash,
            "worker_start": "fork" if self.spawn_reason is None else "spawn",
            "worker_start_reason": self.spawn_reason,
            "load_seconds": round(self.seconds, 6),
            "definitions": self.description,
        }


@dataclass(frozen=True)
class FailedLocation:
    """User code that could not be loaded."""

    error: dict[str, Any]
    resolved: Any = None
    hash: str = ""

    def message(self) -> dict[str, Any]:
        return {"type": "load_failed", "error": self.error}


def load(options: LoadOptions) -> LoadedLocation | FailedLocation:
    """Imports user code, once in a process; every error of it becomes a `FailedLocation`."""
    started = time.perf_counter()
    before = self_check.open_sockets()
    try:
        with _rare_collections():
            resolved, description = _load(options)
    except BaseException as error:  # user code may raise anything, sys.exit() included
        _mask_dotenv(whatever_the_name=True)
        return FailedLocation(_describe(error, options))
    finally:
        flush_streams()
    seconds = time.perf_counter() - started
    reason = self_check.find_reason_to_spawn(options.name, before)
    return LoadedLocation(resolved, description, hash_of(description), reason, seconds)


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """What an import makes stays: looking through it for garbage again and again is a twentieth of the time of pandas."""
    usual = gc.get_threshold()
    rare = (50_000, *usual[1:])
    gc.set_threshold(*rare)
    try:
        yield
    finally:
        if gc.get_threshold() == rare:  # else user code has chosen
            gc.set_threshold(*usual)


def _describe(error: BaseException, options: LoadOptions) -> dict[str, Any]:
    described = user_errors.describe(error, phase="load")
    if options.file is not None and "attempted relative import" in described["message"]:
        described["message"] += (
            f" ({options.file} is loaded as a file, with -f: load it as a module, with -m)"
        )
    return described


def _load(options: LoadOptions) -> tuple[Any, dict[str, Any]]:
    enter_working_directory(options.working_directory)
    _mask_dotenv()
    if options.compat or PathFinder.find_spec("dagster") is None:
        import headrace.compat  # noqa: F401 - answers imports of dagster from here on
    set_up_child_processes()
    module = import_user_code(options)
    definitions = find_definitions(module, options)

    from headrace.resolved import ResolvedDefinitions

    resolved = ResolvedDefinitions.resolve(definitions)
    for secret in resolved.secret_values():
        redaction.add_secret(secret)
    return resolved, _masked(resolved.describe())


# What a failed load quotes of .env is masked from this length on: a shorter value would blot out half of the message.
_SHORTEST_DOTENV_VALUE = 8


def _mask_dotenv(*, whatever_the_name: bool = False) -> None:
    """Until the definitions say which fields are secret: the variables of .env by their names (but no paths).

    After a failed load nobody can say which fields are secret: then all of them, save short ones.
    """
    from headrace.secret_names import is_secret_name

    for name in os.environ.get("HEADRACE_DOTENV_KEYS", "").split(","):
        value = os.environ.get(name, "")
        is_wanted = is_secret_name(name) or (whatever_the_name and len(value) >= _SHORTEST_DOTENV_VALUE)
        if is_wanted and not value.startswith(("/", "./")):
            redaction.add_secret(value)


def _masked(description: dict[str, Any]) -> dict[str, Any]:
    """Without secrets, where text of the user's is: resources' config, and what assets say about themselves."""
    description["resources"] = redaction.mask_json(description.get("resources", []))
    for asset in description["assets"]:
        for name in ("description", "metadata", "tags", "config"):
            if asset.get(name):
                asset[name] = redaction.mask_json(asset[name])
    return description


def hash_of(description: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON."""
    return hashlib.sha256(to_bytes(_sorted(description))).hexdigest()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _sorted(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (list, tuple)):
        return [_sorted(item) for item in value]
    return value
