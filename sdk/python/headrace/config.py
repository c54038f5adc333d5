"""Config classes: typed, checked settings of assets and resources, as pydantic models."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from headrace import check
from headrace.deferred_values import admit_deferred_values
from headrace.env_var import EnvVar
from headrace.errors import DagsterInvalidInvocationError


class Config(BaseModel):
    """Base class of config: subclass it and declare typed fields.

    An asset that takes a parameter `config: MyConfig` gets its values from the run config. Instances cannot be
    changed. Fields of type `str` also take `EnvVar("NAME")`, `int` fields `EnvVar.int("NAME")`.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        ignored_types=(functools.cached_property,),
        protected_namespaces=(),
        hide_input_in_errors=True,
    )
    _kind_in_words: ClassVar[str] = "config class"
    _is_resource: ClassVar[bool] = False

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        schema = handler(source)
        resolved = handler.resolve_ref_schema(schema) if schema.get("type") == "definition-ref" else schema
        admit_deferred_values(resolved)
        return schema

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_fields(cls, data: Any) -> Any:
        if not isinstance(data, dict) or cls.model_config.get("extra") != "forbid":
            return data
        known = known_field_names(cls)
        if known is None:
            return data
        for name in data:
            if name not in known:
                expected = f"Its fields: {', '.join(sorted(known))}." if known else "It has no fields."
                raise PydanticCustomError(
                    "unknown_field",
                    '{cls} has no field "{name}".{hint} {expected}',
                    {
                        "cls": cls.__name__,
                        "name": str(name),
                        "hint": check.did_you_mean(str(name), known),
                        "expected": expected,
                    },
                )
        return data

    def __repr_args__(self) -> Any:
        from headrace.config_fields import is_secret_field

        for name, value in super().__repr_args__():
            info = type(self).model_fields.get(name or "")
            hidden = info is not None and isinstance(value, str) and not isinstance(value, EnvVar)
            yield name, "**********" if hidden and is_secret_field(type(self), name, info) else value

    def __setattr__(self, name: str, value: Any) -> None:
        if name in type(self).model_fields or not self._may_set(name):
            if self.model_config.get("frozen"):
                raise DagsterInvalidInvocationError(
                    f"{type(self).__name__} is a {self._kind_in_words} and cannot be changed (setting {name!r}). "
                    "Keep state in a pydantic PrivateAttr, or in an object that a method returns."
                )
        super().__setattr__(name, value)

    def _may_set(self, name: str) -> bool:
        private = name.startswith("__") or name in (type(self).__private_attributes__ or {})
        descriptor = getattr(type(self), name, None)
        return private or isinstance(descriptor, property)

    @classmethod
    def to_config_schema(cls) -> Any:
        """The schema of this class, as written by hand elsewhere."""
        from headrace.config_schema import ConfigSchema, Field, Shape

        return ConfigSchema(Field(Shape(cls.to_fields_dict())))

    @classmethod
    def to_fields_dict(cls) -> dict[str, Any]:
        """The fields of this class as config schema fields, by name."""
        from headrace.config_fields import schema_fields

        return schema_fields(cls)


class PermissiveConfig(Config):
    """Config that also keeps fields it does not declare."""

    model_config = ConfigDict(extra="allow")


def field_key(name: str, info: Any) -> str:
    """The name that config uses for a field: its alias, where it has one."""
    alias = info.validation_alias if isinstance(info.validation_alias, str) else info.alias
    return alias or name


def known_field_names(cls: type[BaseModel]) -> set[str] | None:
    """The names that a constructor takes; None where aliases are patterns that cannot be listed."""
    by_name = cls.model_config.get("populate_by_name") or cls.model_config.get("validate_by_name")
    names: set[str] = set()
    for name, info in cls.model_fields.items():
        if info.validation_alias is not None and not isinstance(info.validation_alias, str):
            return None
        names.add(field_key(name, info))
        if by_name:
            names.add(name)
    return names
