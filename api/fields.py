"""JSON of the engine's own terms: its shape is taken from the registry that the engine reads it by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers

from engine.basics.fields import FieldKind, FieldSpec
from engine.permutations import AXES, AxisSpec
from engine.project import FIELDS as INPUT_FIELDS
from engine.risk import FIELDS as SIMULATION_FIELDS
from engine.stress import FIELDS as SCENARIO_FIELDS
from engine.terms import FIELDS as TERM_FIELDS
from tables.catalogue import Catalogue, Column

Schema = dict[str, Any]
# Kinds that are not named are lists and tables: any JSON.
KINDS: Mapping[FieldKind, str] = {
    FieldKind.NUMBER: "number",
    FieldKind.INTEGER: "integer",
    FieldKind.CHOICE: "string",
    FieldKind.FLAG: "boolean",
    FieldKind.TEXT: "string",
    FieldKind.DATE: "string",
}


def object_schema(specs: Iterable[FieldSpec]) -> Schema:
    """Declared fields as a nested object: labels, units and ranges in words, for readers and generated forms."""
    root: Schema = {"type": "object", "properties": {}}
    for spec in specs:
        node = root
        *groups, name = spec.path.split(".")
        for group in groups:
            node = node["properties"].setdefault(group, {"type": "object", "properties": {}})
        node["properties"][name] = _field_schema(spec)
    return root


def choice_schema(axes: Mapping[str, AxisSpec], *, several: bool) -> Schema:
    """A value, or several, for each lever."""
    found = {code: _lever_schema(axis) for code, axis in axes.items()}
    if several:
        found = {code: {"type": "array", "items": schema} for code, schema in found.items()}
    return {"type": "object", "properties": found}


def row_schema(catalogue: Catalogue) -> Schema:
    """A row of a table: whichever of its columns were asked for."""
    properties = {name: _column_schema(column) for name, column in catalogue.columns.items()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


class EngineField(serializers.JSONField):
    """Outside data that the engine reads; `of` names its registry."""

    def __init__(self, of: str, **options: Any) -> None:
        self.of = of
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, list if self.of == "scenarios" else dict):
            expected = "a list" if self.of == "scenarios" else "fields by name"
            raise serializers.ValidationError(f"Expected {expected}, got {type(data).__name__}.", "shape")
        return super().to_internal_value(data)


class EngineFieldShape(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]  # a registry by subclassing
    """How the description says an EngineField."""

    target_class = EngineField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Schema:
        found = dict(engine_schemas()[self.target.of])
        if self.target.help_text:
            found["description"] = str(self.target.help_text)
        return found


@cache
def engine_schemas() -> dict[str, Schema]:
    """The shape of each kind of engine data."""
    levers = choice_schema(AXES, several=True)
    filters = {"type": "array", "items": {"type": "object"}}
    return {
        "inputs": object_schema(INPUT_FIELDS),
        "terms": object_schema(TERM_FIELDS),
        "simulation": object_schema(SIMULATION_FIELDS),
        "choice": choice_schema(AXES, several=False),
        "lever_set": {"type": "object", "properties": {"axes": levers, "filters": filters}},
        "scenarios": {"type": "array", "items": object_schema(SCENARIO_FIELDS)},
        "any": {"type": "object", "additionalProperties": True},
    }


def _field_schema(spec: FieldSpec) -> Schema:
    told = ". ".join(each.rstrip(".") for each in (spec.label, _unit(str(spec.unit)), spec.help, _range(spec)) if each)
    kind = KINDS.get(spec.kind)
    return {"description": told} if kind is None else {"type": [kind, "null"], "description": told}


def _range(spec: FieldSpec) -> str:
    if spec.choices:
        return f"One of {', '.join(map(str, spec.choices))}"
    if spec.kind not in (FieldKind.NUMBER, FieldKind.INTEGER) or (spec.minimum is None and spec.maximum is None):
        return ""
    above = "above " if spec.exclusive_minimum else ""
    return f"From {above}{spec.minimum:g} to {spec.maximum:g}" if None not in (spec.minimum, spec.maximum) else ""


def _lever_schema(axis: AxisSpec) -> Schema:
    told = ". ".join(each.rstrip(".") for each in (axis.label, _unit(str(axis.unit)), axis.help) if each)
    kind = "string" if axis.is_named else "number"
    return {"type": kind, "description": told, **({"enum": list(axis.choices)} if axis.choices else {})}


def _column_schema(column: Column) -> Schema:
    kind = "string" if column.is_text else "number" if column.is_computed else "integer"
    words = "; ".join(f"{value} {word}" for value, word in column.words.items()) if not column.is_text else ""
    told = ". ".join(each.rstrip(".") for each in (column.title, _unit(str(column.unit)), column.help, words) if each)
    return {"type": [kind, "null"], "description": told}


def _unit(unit: str) -> str:
    return f"In {unit}" if unit else ""
