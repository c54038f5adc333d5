"""Holding config values against a schema: what is missing, unknown or of the wrong kind, and where.

Environment variables (`{"env": "NAME"}`, `EnvVar("NAME")`) are resolved only when asked to, that is while a
run executes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headrace import check
from headrace.config_schema import (
    NO_DEFAULT,
    Array,
    ConfigType,
    Enum,
    Field,
    Map,
    Noneable,
    Permissive,
    Scalar,
    ScalarKind,
    ScalarUnion,
    Selector,
    Shape,
)
from headrace.env_var import EnvVar, EnvVarNotSetError, IntEnvVar, parse_int, resolve_env_var
from headrace.errors import DagsterInvalidConfigError
from headrace.secret_names import is_secret_name

Path = tuple[str, ...]


@dataclass
class _Pass:
    """One pass over a value: whether variables are resolved, and the problems found."""

    resolve: bool
    problems: list[str] = field(default_factory=list)
    # Whether the value at hand is a secret, which no message may show.
    is_secret: bool = False

    def shown(self, value: Any) -> str:
        """A value as a message shows it."""
        return "a value that is not shown" if self.is_secret else check.short_repr(value, 60)

    def problem(self, path: Path, message: str) -> None:
        self.problems.append(f"{message.rstrip('.')}, at {path_text(path)}.")


def path_text(path: Path) -> str:
    """A config path as people read it: `root:resources:io_manager:config:base_dir`."""
    return ":".join(("root", *path))


def process_config(schema: Field, value: Any, path: Path, *, resolve: bool, what: str) -> Any:
    """`value` with defaults filled in (and variables resolved); raises `DagsterInvalidConfigError` naming `what`."""
    state = _Pass(resolve)
    result = _field_value(schema, value, path, state)
    if state.problems:
        raise invalid_config(what, state.problems)
    return result


def invalid_config(what: str, problems: list[str]) -> DagsterInvalidConfigError:
    """The error that lists all problems of one config."""
    lines = "\n".join(f"    Error {number}: {each}" for number, each in enumerate(problems, 1))
    return DagsterInvalidConfigError(f"Error in config for {what}\n{lines}", problems)


def _field_value(schema: Field, value: Any, path: Path, state: _Pass) -> Any:
    if value is NO_DEFAULT or (value is None and not isinstance(schema.config_type, Noneable)):
        if schema.default_provided:
            value = schema.default_value
        elif isinstance(schema.config_type, (Shape, Permissive)):
            value = {}
        elif schema.is_required:
            state.problem(path, f'Missing required config entry "{path[-1] if path else ""}"')
            return None
        else:
            return None
    before = _secretly(schema, path, state)
    result = _typed_value(schema.config_type, value, path, state)
    state.is_secret = before
    return result


def _secretly(schema: Field, path: Path, state: _Pass) -> bool:
    """Note whether the field is a secret; what was noted before is returned, to be put back."""
    before = state.is_secret
    state.is_secret = before or schema.is_secret or (bool(path) and is_secret_name(path[-1]))
    return before


def _typed_value(kind: ConfigType, value: Any, path: Path, state: _Pass) -> Any:
    if isinstance(kind, Noneable):
        return None if value is None else _typed_value(kind.inner_type, value, path, state)
    if isinstance(kind, Scalar):
        return _scalar(kind, value, path, state)
    if isinstance(kind, Enum):
        return _enum(kind, value, path, state)
    if isinstance(kind, Array):
        return _array(kind, value, path, state)
    if isinstance(kind, Map):
        return _map(kind, value, path, state)
    if isinstance(kind, ScalarUnion):
        structured = isinstance(value, (Mapping, list)) and not _env_reference(value)
        return _typed_value(kind.non_scalar_type if structured else kind.scalar_type, value, path, state)
    if isinstance(kind, Selector):
        return _selector(kind, value, path, state)
    assert isinstance(kind, (Shape, Permissive)), kind
    return _shape(kind, value, path, state)


_PYTHON_TYPES: dict[ScalarKind, Any] = {
    ScalarKind.STRING: str,
    ScalarKind.INT: int,
    ScalarKind.FLOAT: (float, int),
    ScalarKind.BOOL: bool,
}


def _scalar(kind: Scalar, value: Any, path: Path, state: _Pass) -> Any:
    if kind.kind is ScalarKind.ANY:
        return resolve_everywhere(value, path, state.problems) if state.resolve else value
    reference = _env_reference(value) if kind.is_source else None
    variable = value.env_var_name if isinstance(value, (EnvVar, IntEnvVar)) else reference
    if variable is not None:
        return _from_env(kind, value, variable, path, state)
    expected = _PYTHON_TYPES[kind.kind]
    if not isinstance(value, expected) or (isinstance(value, bool) and kind.kind is not ScalarKind.BOOL):
        state.problem(
            path,
            f"Expected {kind.kind.value}, got {state.shown(value)} of type {type(value).__name__}",
        )
        return None
    return value


def _env_reference(value: Any) -> str | None:
    if isinstance(value, Mapping) and set(value) == {"env"} and isinstance(value["env"], str):
        return value["env"]
    return None


def _from_env(kind: Scalar, value: Any, variable: str, path: Path, state: _Pass) -> Any:
    if not state.resolve:
        return value
    try:
        text = str(resolve_env_var(EnvVar(variable)))
        if kind.kind is ScalarKind.INT:
            return parse_int(text, variable)
        if kind.kind is ScalarKind.FLOAT:
            return _parse(float, "a number", text, variable)
        if kind.kind is ScalarKind.BOOL:
            return _parse(_parse_bool, "true or false", text, variable)
        return text
    except EnvVarNotSetError as error:
        state.problem(path, str(error))
        return None


def _parse(parser: Any, what: str, text: str, variable: str) -> Any:
    try:
        return parser(text)
    except ValueError:
        raise EnvVarNotSetError(
            f'The environment variable "{variable}" does not hold {what} (its value is not shown).', variable
        ) from None


def _parse_bool(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered in ("true", "1", "yes", "t"):
        return True
    if lowered in ("false", "0", "no", "f", ""):
        return False
    raise ValueError


def _enum(kind: Enum, value: Any, path: Path, state: _Pass) -> Any:
    names = {each.config_value: each.python_value for each in kind.enum_values}
    if isinstance(value, str) and value in names:
        return names[value]
    state.problem(path, f"{state.shown(value)} is none of {', '.join(names)}")
    return None


def _array(kind: Array, value: Any, path: Path, state: _Pass) -> Any:
    if not isinstance(value, (list, tuple)):
        state.problem(path, f"Expected a list, got {state.shown(value)}")
        return None
    return [
        _typed_value(kind.inner_type, item, (*path, str(index)), state) for index, item in enumerate(value)
    ]


def _map(kind: Map, value: Any, path: Path, state: _Pass) -> Any:
    if not isinstance(value, Mapping):
        state.problem(path, f"Expected an object, got {state.shown(value)}")
        return None
    return {key: _typed_value(kind.inner_type, item, (*path, str(key)), state) for key, item in value.items()}


def _selector(kind: Selector, value: Any, path: Path, state: _Pass) -> Any:
    if isinstance(value, str) and value in kind.fields:
        value = {value: NO_DEFAULT}
    if not isinstance(value, Mapping) or len(value) != 1:
        state.problem(path, f"Expected exactly one of {', '.join(kind.fields)}")
        return None
    name, item = next(iter(value.items()))
    if name not in kind.fields:
        state.problem(path, _unknown_entry(str(name), kind.fields))
        return None
    return {name: _field_value(kind.fields[name], item, (*path, name), state)}


def _shape(kind: Shape | Permissive, value: Any, path: Path, state: _Pass) -> Any:
    if not isinstance(value, Mapping):
        state.problem(path, f"Expected an object, got {state.shown(value)}")
        return None
    result: dict[str, Any] = {}
    for name, schema in kind.fields.items():
        item = value.get(name, NO_DEFAULT)
        if item is NO_DEFAULT and not schema.is_required and not schema.default_provided:
            if isinstance(schema.config_type, Noneable):
                result[name] = None
            if not isinstance(schema.config_type, (Shape, Permissive)):
                continue
        result[name] = _field_value(schema, item, (*path, name), state)
    for name in value:
        if name in kind.fields:
            continue
        if isinstance(kind, Permissive):
            result[name] = (
                resolve_everywhere(value[name], (*path, name), state.problems)
                if state.resolve
                else value[name]
            )
        else:
            state.problem((*path, str(name)), _unknown_entry(str(name), kind.fields))
    return result


def _unknown_entry(name: str, fields: Mapping[str, Any]) -> str:
    expected = f" Expected: {', '.join(fields)}." if fields else " No entries are expected here."
    return f'Received unexpected config entry "{name}".{check.did_you_mean(name, fields)}{expected}'


def resolve_everywhere(value: Any, path: Path, problems: list[str]) -> Any:
    """`value` with every `EnvVar` inside it resolved; what cannot be resolved is added to `problems`."""
    if isinstance(value, (EnvVar, IntEnvVar)):
        try:
            return resolve_env_var(value)
        except EnvVarNotSetError as error:
            problems.append(f"{str(error).rstrip('.')}, at {path_text(path)}.")
            return None
    if isinstance(value, dict):
        return {key: resolve_everywhere(item, (*path, str(key)), problems) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        items = [resolve_everywhere(item, (*path, str(index)), problems) for index, item in enumerate(value)]
        return items if isinstance(value, list) else type(value)(items)
    return value
