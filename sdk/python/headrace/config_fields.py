"""What people are shown of config: each field with its type, default, and where its value comes from.

Values of secret fields and of environment variables never appear here.
"""

from __future__ import annotations

import enum
import json
import os
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Union

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic_core import PydanticUndefined

from headrace import config_schema
from headrace.annotations import is_class
from headrace.config import Config, field_key
from headrace.config_values import config_to_dict
from headrace.env_var import EnvVar, IntEnvVar
from headrace.secret_names import is_secret_class, is_secret_name


def is_secret_field(owner: type, name: str, info: Any) -> bool:
    """Whether a field of a config class holds a secret: by its mark, its type, its name or its class."""
    extra = info.json_schema_extra
    if isinstance(extra, dict) and ("dagster__is_secret" in extra or "is_secret" in extra):
        return bool(extra.get("dagster__is_secret", extra.get("is_secret")))
    if any(each in (SecretStr, SecretBytes) for each in _leaves(info.annotation)):
        return True
    if not any(each in (str, bytes, Any) for each in _leaves(info.annotation)):
        return False
    return is_secret_name(name) or (is_secret_class(owner.__name__) and _is_discriminated(name, info))


def _is_discriminated(name: str, info: Any) -> bool:
    return name != "credential_type" and typing.get_origin(info.annotation) is not typing.Literal


def _leaves(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of, without Optional, Annotated and containers."""
    args = typing.get_args(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        yield annotation
    elif typing.get_origin(annotation) is typing.Annotated:
        yield from _leaves(args[0])
    elif args:
        for each in args:
            if each is not type(None):
                yield from _leaves(each)
    else:
        yield annotation


def type_name(annotation: Any) -> str:
    """The kind of a field in the protocol's words: string, int, float, bool, list, object, any."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return type_name(typing.get_args(annotation)[0])
    if origin is Union or origin is getattr(types, "UnionType", None):
        kinds = {type_name(each) for each in typing.get_args(annotation) if each is not type(None)}
        return kinds.pop() if len(kinds) == 1 else "any"
    if origin is typing.Literal:
        return "string" if all(isinstance(each, str) for each in typing.get_args(annotation)) else "any"
    base = origin or annotation
    if not is_class(base):
        return "any"
    for kind, name in (
        (bool, "bool"),
        (int, "int"),
        (float, "float"),
        ((str, os.PathLike, SecretStr), "string"),
    ):
        if issubclass(base, kind):
            return name
    if issubclass(base, enum.Enum):
        return "string"
    if issubclass(base, (list, tuple, set, frozenset)):
        return "list"
    return "object" if issubclass(base, (dict, BaseModel, Mapping)) else "any"


def describe_model(config: BaseModel | type[BaseModel], prefix: str = "") -> list[dict[str, Any]]:
    """The fields of a config instance, or of a class (then with defaults only). Nested resources are left out."""
    cls = config if isinstance(config, type) else type(config)
    skipped: frozenset[str] = getattr(cls, "_resource_field_names", frozenset())
    described = []
    for name, info in cls.model_fields.items():
        if name in skipped:
            continue
        given = not isinstance(config, type)
        value = getattr(config, name) if given else _default_of(info)
        is_default = not given or name not in config.model_fields_set  # type: ignore[union-attr]
        label = prefix + field_key(name, info)
        if isinstance(value, Config) and not value._is_resource:
            described.extend(describe_model(value if given else type(value), f"{label}."))
            continue
        described.append(
            _entry(
                label,
                type_name(info.annotation),
                info.description,
                value,
                is_default=is_default,
                is_secret=is_secret_field(cls, name, info),
                is_required=info.is_required(),
            )
        )
    return described


def _default_of(info: Any) -> Any:
    if info.is_required():
        return PydanticUndefined
    try:
        return info.get_default(call_default_factory=True)
    except Exception:
        return PydanticUndefined


def describe_schema(field: config_schema.Field, value: Any, prefix: str = "") -> list[dict[str, Any]]:
    """The entries of a hand-written schema, with the values of `value` (which may be None)."""
    kind = field.config_type
    if not isinstance(kind, (config_schema.Shape, config_schema.Permissive, config_schema.Selector)):
        return (
            []
            if field.config_type is config_schema.AnyScalar and value is None
            else [_schema_entry(prefix.rstrip(".") or "config", field, value, value is None)]
        )
    given = value if isinstance(value, Mapping) else {}
    described = []
    for name, entry in kind.fields.items():
        item = given.get(name)
        nested = isinstance(
            entry.config_type, (config_schema.Shape, config_schema.Permissive, config_schema.Selector)
        )
        if isinstance(kind, config_schema.Selector) and name not in given:
            continue
        if nested and (item is None or (isinstance(item, Mapping) and "env" not in item)):
            described.extend(describe_schema(entry, item, f"{prefix}{name}."))
        else:
            described.append(_schema_entry(prefix + name, entry, item, name not in given))
    return described


def _schema_entry(label: str, entry: config_schema.Field, value: Any, is_default: bool) -> dict[str, Any]:
    if is_default:
        value = entry.default_value if entry.default_provided else PydanticUndefined
    return _entry(
        label,
        entry.config_type.type_name,
        entry.description,
        value,
        is_default=is_default,
        is_secret=entry.is_secret or is_secret_name(label.rsplit(".", 1)[-1]),
        is_required=entry.is_required,
    )


def _entry(
    name: str,
    kind: str,
    description: str | None,
    value: Any,
    *,
    is_default: bool,
    is_secret: bool,
    is_required: bool,
) -> dict[str, Any]:
    variable = _variable(value)
    source = "env_var" if variable is not None else ("default" if is_default else "value")
    missing = variable is not None and variable not in os.environ
    hidden = is_secret or variable is not None or value is PydanticUndefined
    return {
        "name": name,
        "type": kind,
        "description": description,
        "source": source,
        "value": None if hidden else _json_text(value),
        "env_var": variable,
        "is_set": not missing,
        "is_secret": is_secret or (variable is not None and is_secret_name(variable)),
        "is_required": is_required,
    }


def _variable(value: Any) -> str | None:
    """The variable that a whole value comes from."""
    if isinstance(value, (EnvVar, IntEnvVar)):
        return value.env_var_name
    if isinstance(value, Mapping) and set(value) == {"env"} and isinstance(value["env"], str):
        return value["env"]
    return None


def _json_text(value: Any) -> str:
    try:
        return json.dumps(_without_secrets(config_to_dict(value)), ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):
        return json.dumps(str(type(value).__name__))


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            str(key): "**********"
            if is_secret_name(str(key)) and isinstance(item, str)
            else _without_secrets(item)
            for key, item in value.items()
        }
    return [_without_secrets(item) for item in value] if isinstance(value, (list, tuple)) else value


def env_vars_in(value: Any) -> Iterator[str]:
    """The names of all variables that a value refers to, at any depth."""
    variable = _variable(value)
    if variable is not None:
        yield variable
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from env_vars_in(getattr(value, name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from env_vars_in(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from env_vars_in(item)


def secret_values_in(value: Any, is_secret: bool = False) -> Iterator[str]:
    """The literal values of secret fields, at any depth (for masking; never shown)."""
    if isinstance(value, (SecretStr, SecretBytes)):
        secret = value.get_secret_value()
        yield secret if isinstance(secret, str) else secret.decode("utf-8", "replace")
    elif isinstance(value, (EnvVar, IntEnvVar)):
        if (is_secret or is_secret_name(value.env_var_name)) and value.env_var_name in os.environ:
            yield os.environ[value.env_var_name]
    elif isinstance(value, BaseModel):
        cls = type(value)
        for name, info in cls.model_fields.items():
            yield from secret_values_in(getattr(value, name), is_secret or is_secret_field(cls, name, info))
    elif isinstance(value, Mapping):
        if _variable(value) is not None:
            yield from secret_values_in(EnvVar(value["env"]), is_secret)
            return
        for key, item in value.items():
            yield from secret_values_in(item, is_secret or is_secret_name(str(key)))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from secret_values_in(item, is_secret)
    elif isinstance(value, str) and is_secret:
        yield value


def schema_fields(cls: type[BaseModel]) -> dict[str, config_schema.Field]:
    """A config class as hand-written schema entries."""
    skipped: frozenset[str] = getattr(cls, "_resource_field_names", frozenset())
    return {
        field_key(name, info): _schema_field(cls, name, info)
        for name, info in cls.model_fields.items()
        if name not in skipped
    }


def _schema_field(cls: type[BaseModel], name: str, info: Any) -> config_schema.Field:
    default = _default_of(info)
    options: dict[str, Any] = (
        {} if default is PydanticUndefined else {"default_value": config_to_dict(default)}
    )
    return config_schema.Field(
        _schema_type(info.annotation),
        description=info.description,
        is_secret=is_secret_field(cls, name, info),
        **(options or {"is_required": info.is_required()}),
    )


def _schema_type(annotation: Any) -> Any:
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _schema_type(args[0])
    if origin is Union or origin is getattr(types, "UnionType", None):
        choices = [each for each in args if each is not type(None)]
        inner = _schema_type(choices[0]) if len(choices) == 1 else config_schema.AnyScalar
        return config_schema.Noneable(inner) if len(choices) < len(args) else inner
    if origin is list:
        return config_schema.Array(_schema_type(args[0]))
    if origin is dict:
        return config_schema.Map(str, _schema_type(args[1]))
    if annotation in (str, int, bool):
        return {
            str: config_schema.StringSource,
            int: config_schema.IntSource,
            bool: config_schema.BoolSource,
        }[annotation]
    if annotation is float:
        return float
    if is_class(annotation) and issubclass(annotation, enum.Enum):
        return annotation
    if is_class(annotation) and issubclass(annotation, Config):
        fields = annotation.to_fields_dict()
        permissive = annotation.model_config.get("extra") == "allow"
        return config_schema.Permissive(fields) if permissive else config_schema.Shape(fields)
    return config_schema.AnyScalar
