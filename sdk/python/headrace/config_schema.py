"""Schemas of config written as plain values: `{"bucket": str, "retries": Field(int, default_value=3)}`.

Used by `@resource`, `@io_manager` and `@asset(config_schema=…)`. `resolve_field` turns anything that may be
written as a schema into a `Field`; `headrace.config_processing` holds values against it.
"""

from __future__ import annotations

import enum
import typing
from collections.abc import Mapping, Sequence
from typing import Any

from headrace import check, dagster_type
from headrace.annotations import is_class
from headrace.errors import DagsterInvalidConfigDefinitionError


class _NoDefault:
    def __repr__(self) -> str:
        return "no default"


NO_DEFAULT = _NoDefault()


class ConfigType:
    """Base class of the kinds of config values; `type_name` is what the page shows."""

    type_name = "any"


class ScalarKind(enum.Enum):
    """The kinds of single values."""

    STRING = "string"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    ANY = "any"


class Scalar(ConfigType):
    """One value. A *source* also takes `{"env": "NAME"}`."""

    def __init__(self, kind: ScalarKind, is_source: bool = False) -> None:
        self.kind = kind
        self.is_source = is_source
        self.type_name = kind.value

    def __repr__(self) -> str:
        return f"{self.kind.value.capitalize()}{'Source' if self.is_source else ''}"


StringSource = Scalar(ScalarKind.STRING, is_source=True)
IntSource = Scalar(ScalarKind.INT, is_source=True)
BoolSource = Scalar(ScalarKind.BOOL, is_source=True)
AnyScalar = Scalar(ScalarKind.ANY)


class Noneable(ConfigType):
    """A value that may be None."""

    def __init__(self, inner_type: Any) -> None:
        self.inner_type = resolve_config_type(inner_type)
        self.type_name = self.inner_type.type_name


class Array(ConfigType):
    """A list of values of one type."""

    type_name = "list"

    def __init__(self, inner_type: Any) -> None:
        self.inner_type = resolve_config_type(inner_type)


class Map(ConfigType):
    """An object with free keys and values of one type."""

    type_name = "object"

    def __init__(self, key_type: Any, inner_type: Any, key_label_name: str | None = None) -> None:
        self.key_type = resolve_config_type(key_type)
        self.inner_type = resolve_config_type(inner_type)
        self.key_label_name = check.opt_str(key_label_name, "key_label_name")


class _Fields(ConfigType):
    type_name = "object"

    def __init__(self, fields: Mapping[str, Any], description: str | None = None) -> None:
        self.fields = {
            name: resolve_field(each) for name, each in check.opt_mapping(fields, "fields").items()
        }
        self.description = check.opt_str(description, "description")


class Shape(_Fields):
    """An object with exactly these fields."""

    def __init__(
        self,
        fields: Mapping[str, Any],
        description: str | None = None,
        field_aliases: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(fields, description)
        self.field_aliases = check.opt_str_mapping(field_aliases, "field_aliases")


class Permissive(_Fields):
    """An object with these fields and any others."""

    def __init__(self, fields: Mapping[str, Any] | None = None, description: str | None = None) -> None:
        super().__init__(fields or {}, description)


class Selector(_Fields):
    """An object with exactly one of these fields."""


class ScalarUnion(ConfigType):
    """Either a single value, or something structured."""

    def __init__(self, scalar_type: Any, non_scalar_schema: Any, _key: str | None = None) -> None:
        self.scalar_type = resolve_config_type(scalar_type)
        self.non_scalar_type = resolve_config_type(non_scalar_schema)


class EnumValue:
    """One member of an `Enum`: how config writes it, and what Python gets."""

    def __init__(
        self, config_value: str, python_value: object = None, description: str | None = None
    ) -> None:
        self.config_value = check.inst(config_value, "config_value", str)
        self.python_value = config_value if python_value is None else python_value
        self.description = check.opt_str(description, "description")


class Enum(ConfigType):
    """One of several named values."""

    type_name = "string"

    def __init__(self, name: str, enum_values: Sequence[EnumValue]) -> None:
        self.name = check.inst(name, "name", str)
        self.enum_values = check.opt_sequence(enum_values, "enum_values", EnumValue)

    @classmethod
    def from_python_enum(cls, enum_type: type[enum.Enum], name: str | None = None) -> Enum:
        """The members of a Python enum, written by name."""
        return cls(
            name or enum_type.__name__, [EnumValue(each.name, python_value=each) for each in enum_type]
        )

    @classmethod
    def from_python_enum_direct_values(cls, enum_type: type[enum.Enum], name: str | None = None) -> Enum:
        """The members of a Python enum, written by name; Python gets their values."""
        return cls(
            name or enum_type.__name__, [EnumValue(each.name, python_value=each.value) for each in enum_type]
        )


class Field:
    """One entry of a schema: its type, default and description.

    `is_secret` keeps its value out of everything that is shown.
    """

    def __init__(
        self,
        config: Any,
        default_value: Any = NO_DEFAULT,
        is_required: bool | None = None,
        description: str | None = None,
        is_secret: bool = False,
    ) -> None:
        self.config_type = resolve_config_type(config)
        self.default_value = default_value
        check.opt_bool(is_required, "is_required")
        if is_required and self.default_provided:
            raise DagsterInvalidConfigDefinitionError("A required field cannot have a default value.")
        self.is_required = self._required_by_default() if is_required is None else is_required
        self.description = check.opt_str(description, "description")
        self.is_secret = check.inst(is_secret, "is_secret", bool)

    @property
    def default_provided(self) -> bool:
        """Whether there is a default value."""
        return self.default_value is not NO_DEFAULT

    def _required_by_default(self) -> bool:
        if self.default_provided or isinstance(self.config_type, Noneable):
            return False
        if isinstance(self.config_type, (Shape, Permissive)):
            return any(each.is_required for each in self.config_type.fields.values())
        return self.config_type is not AnyScalar


_SCALARS: dict[Any, ConfigType] = {
    str: Scalar(ScalarKind.STRING),
    int: Scalar(ScalarKind.INT),
    float: Scalar(ScalarKind.FLOAT),
    bool: Scalar(ScalarKind.BOOL),
    dagster_type.String: Scalar(ScalarKind.STRING),
    dagster_type.Int: Scalar(ScalarKind.INT),
    dagster_type.Float: Scalar(ScalarKind.FLOAT),
    dagster_type.Bool: Scalar(ScalarKind.BOOL),
    dagster_type.Any: AnyScalar,
    Any: AnyScalar,
}


def resolve_config_type(raw: Any) -> ConfigType:
    """The config type that `raw` stands for."""
    if isinstance(raw, ConfigType):
        return raw
    if isinstance(raw, Field):
        return raw.config_type
    if raw is dict:
        return Permissive()
    if raw is list:
        return Array(AnyScalar)
    if isinstance(raw, Mapping):
        return _mapping_type(raw)
    if isinstance(raw, list):
        if len(raw) != 1:
            raise DagsterInvalidConfigDefinitionError(
                "A list in a config schema must have one item, its item type."
            )
        return Array(raw[0])
    if is_class(raw) and issubclass(raw, enum.Enum):
        return Enum.from_python_enum(raw)
    if typing.get_origin(raw) is not None:
        return _generic_type(raw)
    try:
        return _SCALARS[raw]
    except (KeyError, TypeError):
        raise DagsterInvalidConfigDefinitionError(
            f"{check.short_repr(raw)} is not a config schema: use str, int, float, bool, dict, list, "
            "Field, Shape, Selector, Array, Noneable, or a mapping of names to these."
        ) from None


def _mapping_type(raw: Mapping[Any, Any]) -> ConfigType:
    if len(raw) == 1 and isinstance(next(iter(raw)), type):
        key, inner = next(iter(raw.items()))
        return Map(key, inner)
    return Shape(raw)


def _generic_type(raw: Any) -> ConfigType:
    origin, args = typing.get_origin(raw), typing.get_args(raw)
    if origin is list:
        return Array(args[0])
    if origin is dict:
        return Map(args[0], args[1])
    without_none = [each for each in args if each is not type(None)]
    if len(without_none) == 1 and len(args) == 2:
        return Noneable(without_none[0])
    raise DagsterInvalidConfigDefinitionError(f"{raw} is not a config schema.")


def resolve_field(raw: Any) -> Field:
    """The field that `raw` stands for."""
    return raw if isinstance(raw, Field) else Field(raw)


def resolve_schema(raw: Any) -> Field:
    """The schema of a whole definition; None takes any config and needs none."""
    if raw is None:
        return Field(AnyScalar, is_required=False)
    if isinstance(raw, ConfigSchema):
        return raw.field
    if is_class(raw) and hasattr(raw, "to_fields_dict"):
        return Field(Shape(raw.to_fields_dict()))
    return resolve_field(raw)


class ConfigSchema:
    """A definition's whole schema, as `Config.to_config_schema` returns it."""

    def __init__(self, field: Field) -> None:
        self.field = field

    def as_field(self) -> Field:
        """The schema as one field."""
        return self.field

    @property
    def config_type(self) -> ConfigType:
        """The type of the whole config."""
        return self.field.config_type

    @property
    def default_provided(self) -> bool:
        """Whether the whole config has a default."""
        return self.field.default_provided

    @property
    def description(self) -> str | None:
        """The schema's description."""
        return self.field.description
