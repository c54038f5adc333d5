"""Checking run config before a run begins: all problems at once, with their paths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from headrace import check
from headrace.config_processing import invalid_config, path_text, process_config
from headrace.config_values import config_from_run_config
from headrace.errors import DagsterInvalidConfigError
from headrace.resolved import ResolvedAsset, ResolvedDefinitions

_OP_ENTRIES = ("config", "inputs", "outputs")


def check_run_config(
    resolved: ResolvedDefinitions, run_config: Mapping[str, Any], steps: Iterable[ResolvedAsset], what: str
) -> None:
    """Raise `DagsterInvalidConfigError` where `run_config`, or the config of needed resources, is not complete and
    right; environment variables are looked up."""
    steps = list(steps)
    problems: list[str] = []
    ops, resources = run_config.get("ops", {}), run_config.get("resources", {})
    _unknown(ops, [each.step_key for each in resolved.assets], "ops", problems)
    _unknown(resources, resolved.resources, "resources", problems)
    for step in steps:
        entry = ops.get(step.step_key) or {}
        if not isinstance(entry, Mapping):
            problems.append(
                f"Expected an object, got {check.short_repr(entry, 60)}, at root:ops:{step.step_key}."
            )
            continue
        _unknown(entry, _OP_ENTRIES, f"ops:{step.step_key}", problems)
        _collect(problems, lambda step=step, entry=entry: _check_op(step, entry, what))
    for key in sorted({each for step in steps for each in step.required_resources}):
        entry = resources.get(key) or {}
        _collect(problems, lambda key=key, entry=entry: _check_resource(resolved, key, entry, what))
    if problems:
        raise invalid_config(what, problems)


def _unknown(given: Mapping[str, Any], known: Iterable[str], where: str, problems: list[str]) -> None:
    known = list(known)
    for name in given:
        if name not in known:
            hint = check.did_you_mean(str(name), known)
            problems.append(
                f'Received unexpected config entry "{name}".{hint} Expected: {", ".join(known)}, at root:{where}.'
            )


def _collect(problems: list[str], action: Any) -> None:
    try:
        action()
    except DagsterInvalidConfigError as error:
        problems.extend(error.errors)


def _check_op(step: ResolvedAsset, entry: Mapping[str, Any], what: str) -> None:
    assert step.definition is not None
    path = ("ops", step.step_key, "config")
    given = entry.get("config")
    if step.definition.function.config_class is not None:
        config_from_run_config(step.definition.function.config_class, given, path, what)
    elif step.definition.config_field is not None:
        process_config(step.definition.config_field, given, path, resolve=True, what=what)


def _check_resource(resolved: ResolvedDefinitions, key: str, entry: Any, what: str) -> None:
    path = ("resources", key, "config")
    if not isinstance(entry, Mapping):
        raise invalid_config(
            what, [f"Expected an object, got {check.short_repr(entry, 60)}, at {path_text(path[:-1])}."]
        )
    extra = [name for name in entry if name != "config"]
    if extra:
        raise invalid_config(
            what,
            [f'Received unexpected config entry "{extra[0]}". Expected: config, at {path_text(path[:-1])}.'],
        )
    resolved.resources[key].check_config(entry.get("config"), path, what)
