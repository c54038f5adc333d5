"""Types of inputs and outputs, checked while a step runs.

Made from annotations (`resolve_type`) or by hand (`DagsterType`). `Any` accepts everything; an output of
type `Nothing` carries no value, so that no IO manager is called for it.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any as TypingAny
from typing import Union

from headrace import check
from headrace.annotations import is_class
from headrace.errors import DagsterInvalidDefinitionError
from headrace.metadata import normalize_metadata


class TypeCheck:
    """The outcome of a type check function: whether the value fits, and why not."""

    def __init__(
        self, success: bool, description: str | None = None, metadata: Mapping[str, TypingAny] | None = None
    ) -> None:
        self.success = check.inst(success, "success", bool)
        self.description = check.opt_str(description, "description")
        self.metadata = normalize_metadata(metadata)


class DagsterType:
    """A named type with a function that says whether a value belongs to it.

    `type_check_fn(context, value)` returns a bool or a `TypeCheck`.
    """

    def __init__(
        self,
        type_check_fn: Callable[[TypingAny, TypingAny], bool | TypeCheck],
        key: str | None = None,
        name: str | None = None,
        is_builtin: bool = False,
        description: str | None = None,
        *,
        typing_type: TypingAny = TypingAny,
        metadata: Mapping[str, TypingAny] | None = None,
    ) -> None:
        check.opt_callable(type_check_fn, "type_check_fn")
        self._type_check_fn = type_check_fn
        self.unique_name = check.opt_str(name, "name") or check.opt_str(key, "key")
        if self.unique_name is None:
            raise DagsterInvalidDefinitionError("A DagsterType needs a name.")
        self.key = key or self.unique_name
        self.is_builtin = is_builtin
        self.description = check.opt_str(description, "description")
        self.typing_type = typing_type
        self.metadata = normalize_metadata(metadata)

    @property
    def display_name(self) -> str:
        """The name shown to people."""
        return self.unique_name or self.key

    @property
    def is_nothing(self) -> bool:
        """Whether values of this type are never stored."""
        return self is Nothing

    def type_check(self, context: TypingAny, value: object) -> TypeCheck:
        """Check one value."""
        result = self._type_check_fn(context, value)
        if isinstance(result, TypeCheck):
            return result
        if not isinstance(result, bool):
            raise check.CheckError(
                f'The type check of "{self.display_name}" must return bool or TypeCheck, but returned '
                f"{check.short_repr(result)}."
            )
        return TypeCheck(result)

    def __repr__(self) -> str:
        return f"DagsterType({self.display_name!r})"


class PythonObjectDagsterType(DagsterType):
    """The instances of one Python class, or of one of several."""

    def __init__(
        self, python_type: TypingAny, key: str | None = None, name: str | None = None, **kwargs: TypingAny
    ) -> None:
        self.python_type = python_type
        super().__init__(_instance_check(python_type), key, name or check.type_name(python_type), **kwargs)


def _describe(value: object) -> str:
    return f"{check.short_repr(value, 80)} of type {type(value).__name__}"


def _instance_check(python_type: TypingAny) -> Callable[[TypingAny, TypingAny], TypeCheck]:
    def fits(_context: TypingAny, value: object) -> TypeCheck:
        if isinstance(value, python_type):
            return TypeCheck(True)
        return TypeCheck(False, f"Value {_describe(value)} must be {check.type_name(python_type)}.")

    return fits


def _builtin(name: str, fits: Callable[[TypingAny], bool], typing_type: TypingAny = TypingAny) -> DagsterType:
    def type_check(_context: TypingAny, value: object) -> TypeCheck:
        return (
            TypeCheck(True) if fits(value) else TypeCheck(False, f"Value {_describe(value)} must be {name}.")
        )

    return DagsterType(type_check, name=name, is_builtin=True, typing_type=typing_type)


Any = _builtin("Any", lambda value: True)
Nothing = _builtin("Nothing", lambda value: value is None, type(None))
Int = _builtin("Int", lambda value: isinstance(value, int), int)
Float = _builtin("Float", lambda value: isinstance(value, float), float)
String = _builtin("String", lambda value: isinstance(value, str), str)
Bool = _builtin("Bool", lambda value: isinstance(value, bool), bool)

_BY_PYTHON_TYPE = {int: Int, float: Float, str: String, bool: Bool, type(None): Nothing, None: Nothing}


def resolve_type(annotation: TypingAny) -> DagsterType:
    """The type that stands for a Python type or annotation.

    Constructs that say nothing checkable about a value (`Iterator[int]`, type variables, …) become `Any`.
    """
    if isinstance(annotation, DagsterType):
        return annotation
    if annotation is inspect.Parameter.empty or annotation is TypingAny or annotation is object:
        return Any
    if isinstance(annotation, (type, type(None))) and annotation in _BY_PYTHON_TYPE:
        return _BY_PYTHON_TYPE[annotation]
    if typing.get_origin(annotation) is typing.Annotated:
        return resolve_type(typing.get_args(annotation)[0])
    matcher = _matcher(annotation)
    if matcher is None:
        return Any
    name = annotation_name(annotation)

    def type_check(_context: TypingAny, value: object) -> TypeCheck:
        return (
            TypeCheck(True)
            if matcher(value)
            else TypeCheck(False, f"Value {_describe(value)} must be {name}.")
        )

    return DagsterType(type_check, name=name, typing_type=annotation)


def annotation_name(annotation: TypingAny) -> str:
    """An annotation as people write it."""
    if is_class(annotation):
        return annotation.__name__
    return str(annotation).replace("typing.", "")


def _matcher(annotation: TypingAny) -> Callable[[TypingAny], bool] | None:
    """A function that says whether a value fits, or None where nothing can be said."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is None or annotation is type(None):
        return lambda value: value is None
    if origin is typing.Annotated:
        return _matcher(args[0])
    if origin is Union or origin is getattr(types, "UnionType", None):
        choices = [_matcher(each) for each in args]
        if None in choices:
            return None
        return lambda value: any(choice(value) for choice in choices if choice)
    if origin is typing.Literal:
        return lambda value: value in args
    if origin in (list, set, frozenset):
        return _collection_matcher(origin, args)
    if origin is tuple:
        return _tuple_matcher(args)
    if origin is dict:
        return _dict_matcher(args)
    if is_class(origin) and not _is_lazy(origin):
        return lambda value: isinstance(value, origin)
    if is_class(annotation) and not _is_protocol(annotation):
        return lambda value: isinstance(value, annotation)
    return None


def _is_lazy(origin: type) -> bool:
    """Whether an origin names something that an asset's function returns by yielding."""
    return issubclass(origin, typing.Iterable) and origin.__module__ == "collections.abc"  # type: ignore[arg-type]


def _is_protocol(annotation: type) -> bool:
    return getattr(annotation, "_is_protocol", False) and not getattr(
        annotation, "_is_runtime_protocol", False
    )


def _all_of(matcher: Callable[[TypingAny], bool] | None, values: typing.Iterable[TypingAny]) -> bool:
    return matcher is None or all(matcher(value) for value in values)


def _element(annotation: TypingAny) -> Callable[[TypingAny], bool] | None:
    return None if annotation is TypingAny or isinstance(annotation, typing.TypeVar) else _matcher(annotation)


def _collection_matcher(origin: type, args: tuple[TypingAny, ...]) -> Callable[[TypingAny], bool]:
    element = _element(args[0]) if args else None
    return lambda value: isinstance(value, origin) and _all_of(element, value)


def _tuple_matcher(args: tuple[TypingAny, ...]) -> Callable[[TypingAny], bool]:
    if len(args) == 2 and args[1] is Ellipsis:
        return _collection_matcher(tuple, args[:1])
    elements = [_element(each) for each in args]

    def fits(value: TypingAny) -> bool:
        if not isinstance(value, tuple) or len(value) != len(elements):
            return False
        return all(element is None or element(item) for element, item in zip(elements, value, strict=True))

    return fits


def _dict_matcher(args: tuple[TypingAny, ...]) -> Callable[[TypingAny], bool]:
    keys, values = (_element(args[0]), _element(args[1])) if len(args) == 2 else (None, None)
    return lambda value: isinstance(value, dict) and _all_of(keys, value) and _all_of(values, value.values())
