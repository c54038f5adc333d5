"""Config instances made from run config, and values resolved when a run executes."""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar, Union

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from headrace import check
from headrace.annotations import is_class
from headrace.config import Config, field_key
from headrace.config_processing import Path, invalid_config, path_text, resolve_everywhere
from headrace.env_var import EnvVar, EnvVarNotSetError, IntEnvVar, resolve_env_var

C = TypeVar("C", bound=Config)


def config_from_run_config(cls: type[C], data: Any, path: Path, what: str) -> C:
    """An instance of `cls` from run config; environment variables are resolved.

    Raises `DagsterInvalidConfigError` naming `what`, with the path of each problem.
    """
    if data is None:
        data = {}
    if not isinstance(data, Mapping):
        raise invalid_config(
            what, [f"Expected an object, got {check.short_repr(data, 60)}, at {path_text(path)}."]
        )
    problems: list[str] = []
    values = resolve_everywhere(_from_plain(cls, data, path, problems), path, problems)
    if problems:
        raise invalid_config(what, problems)
    return validated(cls, values, path, what)


def values_from_run_config(
    cls: type[BaseModel], data: Mapping[str, Any], path: Path, what: str
) -> dict[str, Any]:
    """Run config as constructor arguments of `cls`; environment variables stay references."""
    problems: list[str] = []
    values = _from_plain(cls, data, path, problems)
    if problems:
        raise invalid_config(what, problems)
    return values


def resolved_config(config: C, path: Path, what: str, overrides: Mapping[str, Any] | None = None) -> C:
    """A copy of `config` with environment variables resolved and `overrides` (run config) applied."""
    problems: list[str] = []
    values = resolve_fields(config, path, problems)
    if overrides:
        plain = _from_plain(type(config), overrides, path, problems)
        values.update(resolve_everywhere(plain, path, problems))
    if problems:
        raise invalid_config(what, problems)
    return validated(type(config), values, path, what)


def resolve_fields(
    config: BaseModel, path: Path, problems: list[str], skip: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The fields that were given, by config name, with environment variables resolved."""
    values = {}
    for name, info in type(config).model_fields.items():
        value = getattr(config, name)
        given = name in config.model_fields_set or isinstance(value, (EnvVar, IntEnvVar))
        if given and name not in skip:
            key = field_key(name, info)
            values[key] = _resolve_value(value, (*path, key), problems)
    for name, value in (config.model_extra or {}).items():
        values[name] = _resolve_value(value, (*path, name), problems)
    return values


def _resolve_value(value: Any, path: Path, problems: list[str]) -> Any:
    if isinstance(value, Config) and not value._is_resource:
        return _resolve_nested(value, path, problems)
    if isinstance(value, (EnvVar, IntEnvVar)):
        try:
            return resolve_env_var(value)
        except EnvVarNotSetError as error:
            problems.append(f"{str(error).rstrip('.')}, at {path_text(path)}.")
            return None
    if isinstance(value, dict):
        return {key: _resolve_value(item, (*path, str(key)), problems) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)) and type(value) in (list, tuple, set, frozenset):
        return type(value)(
            _resolve_value(item, (*path, str(index)), problems) for index, item in enumerate(value)
        )
    return value


def _resolve_nested(config: Config, path: Path, problems: list[str]) -> Any:
    before = len(problems)
    values = resolve_fields(config, path, problems)
    if len(problems) > before or not _has_deferred(config):
        return config
    try:
        return type(config)(**values)
    except ValidationError as error:
        problems.extend(validation_problems(error, path))
        return config


def _has_deferred(value: Any) -> bool:
    if isinstance(value, (EnvVar, IntEnvVar)):
        return True
    if isinstance(value, BaseModel):
        return any(_has_deferred(getattr(value, name)) for name in type(value).model_fields)
    if isinstance(value, dict):
        return any(_has_deferred(item) for item in value.values())
    return isinstance(value, (list, tuple, set, frozenset)) and any(_has_deferred(item) for item in value)


def validated(cls: type[C], values: Mapping[str, Any], path: Path, what: str) -> C:
    """`cls(**values)`, with pydantic's errors as `DagsterInvalidConfigError`."""
    try:
        return cls(**values)
    except ValidationError as error:
        raise invalid_config(what, validation_problems(error, path)) from None


def validation_problems(error: ValidationError, path: Path) -> list[str]:
    """pydantic's findings in sentences; values are left out, for they may be secret."""
    found = []
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        where = (*path, *(str(part) for part in each["loc"]))
        if each["type"] == "missing":
            found.append(f'Missing required config entry "{where[-1]}", at {path_text(where)}.')
        else:
            found.append(f"{each['msg'].rstrip('.')}, at {path_text(where)}.")
    return found


def _from_plain(
    cls: type[BaseModel], data: Mapping[str, Any], path: Path, problems: list[str]
) -> dict[str, Any]:
    infos = {field_key(name, info): info for name, info in cls.model_fields.items()}
    result = {}
    for key, value in data.items():
        info = infos.get(key)
        if info is None:
            result[key] = value
        elif info.discriminator is not None:
            result[key] = _from_selector(info, value, (*path, key), problems)
        else:
            result[key] = _plain_value(info.annotation, value, (*path, key), problems)
    return result


def _plain_value(annotation: Any, value: Any, path: Path, problems: list[str]) -> Any:
    """A run config value as the constructor of a field of type `annotation` wants it."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _plain_value(args[0], value, path, problems)
    if origin is Union or origin is getattr(types, "UnionType", None):
        for choice in args:
            converted = _plain_value(choice, value, path, problems)
            if converted is not value:
                return converted
        return value
    if isinstance(value, Mapping) and set(value) == {"env"} and isinstance(value["env"], str):
        return _env_value(annotation, value)
    if origin in (list, set, frozenset, tuple) and isinstance(value, (list, tuple)) and args:
        return [
            _plain_value(args[0], item, (*path, str(index)), problems) for index, item in enumerate(value)
        ]
    if origin is dict and isinstance(value, Mapping) and len(args) == 2:
        return {key: _plain_value(args[1], item, (*path, str(key)), problems) for key, item in value.items()}
    if is_class(annotation) and issubclass(annotation, enum.Enum) and isinstance(value, str):
        return annotation.__members__.get(value, value)
    if is_class(annotation) and issubclass(annotation, Config) and isinstance(value, Mapping):
        return _from_plain(annotation, value, path, problems)
    return value


def _env_value(annotation: Any, value: Mapping[str, str]) -> Any:
    if annotation in (str, SecretStr, SecretBytes):
        return EnvVar(value["env"])
    return IntEnvVar.create(value["env"]) if annotation is int else value


def _from_selector(info: Any, value: Any, path: Path, problems: list[str]) -> Any:
    """A discriminated union in config form: `{"<discriminator's value>": {…}}`."""
    discriminator = info.discriminator
    if not isinstance(value, Mapping) or not isinstance(discriminator, str) or discriminator in value:
        return value
    if len(value) != 1:
        problems.append(f"Expected exactly one entry that names the kind, at {path_text(path)}.")
        return value
    kind, inner = next(iter(value.items()))
    for choice in typing.get_args(info.annotation):
        choice_field = getattr(choice, "model_fields", {}).get(discriminator)
        if choice_field is not None and kind in typing.get_args(choice_field.annotation):
            plain = _from_plain(choice, inner or {}, (*path, kind), problems)
            return {discriminator: kind, **plain}
    return {discriminator: kind, **(inner or {})}


def config_to_dict(value: Any) -> Any:
    """A config instance as run config: plain values, members of enums by name, `{"env": …}` for variables."""
    if isinstance(value, (EnvVar, IntEnvVar)):
        return {"env": value.env_var_name}
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, BaseModel):
        return _model_to_dict(value)
    if isinstance(value, Mapping):
        return {key: config_to_dict(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [config_to_dict(item) for item in value]
    return value


def _model_to_dict(config: BaseModel) -> dict[str, Any]:
    result = {}
    for name, info in type(config).model_fields.items():
        if name not in config.model_fields_set:
            continue
        value = getattr(config, name)
        if (
            info.discriminator is not None
            and isinstance(value, BaseModel)
            and isinstance(info.discriminator, str)
        ):
            inner = {key: item for key, item in _model_to_dict(value).items() if key != info.discriminator}
            result[field_key(name, info)] = {getattr(value, info.discriminator): inner}
        else:
            result[field_key(name, info)] = config_to_dict(value)
    result.update({key: config_to_dict(item) for key, item in (config.model_extra or {}).items()})
    return result
