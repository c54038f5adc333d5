"""Fields of config classes take values that are not known yet: `EnvVar("X")`, and resources to be built later.

pydantic would check the characters of an `EnvVar` (the variable's name) against the field, which says nothing
about the value. So every field's schema is wrapped: a deferred value of a fitting kind is kept as it is, and
checked when a run resolves it; everything else goes through pydantic as usual.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic_core import PydanticCustomError, core_schema

from headrace.env_var import EnvVar, IntEnvVar

# Schemas whose values are checked by one inner schema.
_WRAPPERS = {"nullable", "default", "function-after", "function-before", "function-wrap", "definitions"}
# Kinds of values that text cannot be turned into, so that no EnvVar fits there.
_NOT_TEXT = {
    "int",
    "float",
    "bool",
    "list",
    "dict",
    "tuple",
    "set",
    "frozenset",
    "model",
    "dataclass",
    "typed-dict",
    "is-instance",
    "none",
    "definition-ref",
    "callable",
    "model-fields",
}


class DeferredResource:
    """Base class of what may stand in a resource field until a run builds the resource."""


class _AdmitDeferred:
    """The wrap validator around one field or one element of a container."""

    def __init__(self, kinds: frozenset[str]) -> None:
        self.admits_text = bool(kinds - _NOT_TEXT)
        self.admits_int = bool(kinds & {"int", "any"})
        self.admits_resource = bool(kinds & {"model", "is-instance", "any", "definition-ref"})

    def __call__(self, value: Any, handler: Any) -> Any:
        if isinstance(value, EnvVar):
            if self.admits_text:
                return value
            hint = f'; use EnvVar.int("{value.env_var_name}") for an integer' if self.admits_int else ""
            raise PydanticCustomError("env_var", "An EnvVar cannot fill this field{hint}", {"hint": hint})
        if isinstance(value, IntEnvVar):
            if self.admits_int:
                return value
            raise PydanticCustomError("env_var", "EnvVar.int fits int fields only", {})
        if isinstance(value, DeferredResource) and self.admits_resource:
            return value
        return handler(value)


def admit_deferred_values(model_schema: Any) -> None:
    """Wrap the fields of a model's core schema, in place."""
    fields_schema = _find_model_fields(model_schema)
    if fields_schema is None:
        return
    for field in fields_schema["fields"].values():
        field["schema"] = _wrap_field(field["schema"])


def _find_model_fields(schema: Any) -> Any:
    while isinstance(schema, dict):
        if schema.get("type") == "model-fields":
            return schema
        schema = schema.get("schema")
    return None


def _is_wrapped(schema: Any) -> bool:
    if schema.get("type") != "function-wrap":
        return False
    return isinstance(schema["function"].get("function"), _AdmitDeferred)


def _wrap(schema: Any) -> Any:
    kinds = frozenset(_kinds(schema))
    if _is_wrapped(schema) or kinds == {"literal"}:  # a literal may discriminate a union, which must see it
        return schema
    return core_schema.no_info_wrap_validator_function(_AdmitDeferred(kinds), schema)


def _wrap_field(schema: Any) -> Any:
    """Wrap below the default, which must stay outermost for pydantic to find it."""
    if schema.get("type") == "default":
        return {**schema, "schema": _wrap_field(schema["schema"])}
    return _wrap(_wrap_elements(schema))


def _kinds(schema: Any) -> Iterator[str]:
    """The kinds of values that a schema takes at its top."""
    kind = schema.get("type", "any")
    if kind in _WRAPPERS:
        yield from _kinds(schema["schema"])
    elif kind == "union":
        for choice in schema["choices"]:
            yield from _kinds(choice[0] if isinstance(choice, tuple) else choice)
    elif kind == "tagged-union":
        yield "model"
    else:
        yield kind


def _wrap_elements(schema: Any) -> Any:
    """Wrap the elements of lists, dicts, sets and tuples, and the choices of unions."""
    kind = schema.get("type")
    if kind in ("list", "set", "frozenset") and "items_schema" in schema:
        return {**schema, "items_schema": _wrap_field(schema["items_schema"])}
    if kind == "tuple" and isinstance(schema.get("items_schema"), list):
        return {**schema, "items_schema": [_wrap_field(each) for each in schema["items_schema"]]}
    if kind == "dict" and "values_schema" in schema:
        return {**schema, "values_schema": _wrap_field(schema["values_schema"])}
    if kind in _WRAPPERS and kind != "definitions" and not _is_wrapped(schema):
        return {**schema, "schema": _wrap_elements(schema["schema"])}
    if kind == "union":
        choices = [_wrap_elements(each) if isinstance(each, dict) else each for each in schema["choices"]]
        return {**schema, "choices": choices}
    return schema
