"""Results of the engine as JSON, and the shape of that JSON from the dataclasses they are: nothing is said twice."""

from __future__ import annotations

import math
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import numpy as np
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from numpy.typing import NDArray
from rest_framework import serializers

Schema = dict[str, Any]
SCALARS: dict[Any, Schema] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": ["number", "null"], "description": "Null where there is no value."},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
    UUID: {"type": "string", "format": "uuid"},
    type(None): {"type": "null"},
}


def plain(value: Any) -> Any:
    """A result as JSON: dataclasses as objects, arrays as lists, what is no number as null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    item = value.item() if isinstance(value, np.generic) else value.value if isinstance(value, Enum) else value
    if isinstance(item, float):
        return item if math.isfinite(item) else None
    return item if item is None or isinstance(item, str | int | bool) else str(item)


def schema_of(kind: Any, within: tuple[Any, ...] = ()) -> Schema:
    """The shape of `plain` of such a value; of a kind that holds itself one level is told."""
    if kind in SCALARS:
        return SCALARS[kind]
    if is_dataclass(kind) and isinstance(kind, type):
        return {"type": "object"} if kind in within else _of_dataclass(kind, (*within, kind))
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(each, within) for each in inner]}
    if origin is Literal:
        return {"enum": list(inner)}
    return _of_container(kind, origin, inner, within)


class ShapeField(serializers.JSONField):
    """A result of the engine."""

    def __init__(self, of: Any, **options: Any) -> None:
        self.of = of
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Any) -> Any:
        return plain(value)


class ShapeFieldShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # a registry by subclassing
    """How the description says a ShapeField."""

    target_class = ShapeField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:
        return schema_of(self.target.of)


def _of_dataclass(kind: type, within: tuple[Any, ...]) -> Schema:
    hints = get_type_hints(kind)
    shapes = {field.name: schema_of(hints[field.name], within) for field in fields(kind)}
    told = (kind.__doc__ or "").partition("\n")[0]
    return {"type": "object", "properties": shapes, "required": list(shapes), "description": told}


def _of_container(kind: Any, origin: Any, inner: tuple[Any, ...], within: tuple[Any, ...]) -> Schema:
    if origin is np.ndarray or kind is NDArray:
        return {"type": "array"}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(inner[1], within)}
    if isinstance(origin, type) and issubclass(origin, Sequence | frozenset):
        several = [each for each in inner if each is not Ellipsis]
        items = schema_of(several[0], within) if len(set(map(str, several))) == 1 else {}
        return {"type": "array", "items": items}
    if isinstance(kind, type) and issubclass(kind, str):
        return {"type": "string"}
    return {}
