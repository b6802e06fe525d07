"""The client says what the API's description says, in both of its forms."""

import doctest
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from api.schema import description
from atlasnexus_client import AsyncClient, Client, core, errors, webhooks
from clients.python import generate

PYTHON = Path(generate.__file__).parent


def test_types_and_operations_are_those_of_the_description():
    """Where this fails, `make client` writes them anew."""
    for name, text in generate.written(description()).items():
        assert (generate.PACKAGE / name).read_text() == text, name


def test_another_description_would_be_told_apart():
    told = description()
    schemas = told["components"]["schemas"]
    person = {**schemas["Person"], "properties": {**schemas["Person"]["properties"], "age": {"type": "integer"}}}
    changed = {**told, "components": {**told["components"], "schemas": {**schemas, "Person": person}}}
    assert "    age: NotRequired[int]\n" in generate.written(changed)["shapes.py"]


@pytest.mark.parametrize("client", [Client, AsyncClient])
def test_every_operation_is_there(client: type):
    names = {told["operationId"] for methods in description()["paths"].values() for told in methods.values()}
    missing = {name for name in names if not isinstance(getattr(client, name, None), core.Verb | core.Listing)}
    assert missing == {"follow_job"}  # `follow` is that stream, read
    assert isinstance(Client.follow, core.Listing)


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": ["number", "null"]}, "float | None"),
        ({"anyOf": [{"type": ["number", "null"]}, {"type": "null"}, {"type": "string"}]}, "float | str | None"),
        ({"type": "array", "items": {"type": "string", "format": "uuid"}}, "Sequence[Of]"),
        ({"enum": ["a", "b", None]}, 'Literal["a", "b"]'),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "dict[str, int]"),
        ({"type": "string", "format": "date"}, "date | str"),
        ({}, "Any"),
    ],
)
def test_a_schema_as_a_type(schema: generate.Schema, written: str):
    assert generate.Shapes({}).annotation(schema, of_caller=True) == written


def test_unnamed_objects_are_called_by_their_way():
    inner = {"type": "object", "properties": {"size": {"type": "integer"}}}
    other = {"type": "object", "properties": {"size": {"type": "string"}}}
    shapes = generate.Shapes(
        {
            "One": {"properties": {"box": inner, "lid": inner}},
            "Two": {"properties": {"lid": other}},
        }
    )
    assert shapes.annotation(inner) == "shapes.Box"
    assert shapes.annotation(other) == "shapes.TwoLid"


@pytest.mark.parametrize("module", [core, errors, webhooks, generate])
def test_examples_hold(module: ModuleType):
    assert doctest.testmod(module).failed == 0


def test_the_package_is_typed_and_needs_little():
    told = tomllib.loads((PYTHON / "pyproject.toml").read_text())["project"]
    assert (generate.PACKAGE / "py.typed").exists()
    assert [each.partition(">")[0] for each in told["dependencies"]] == ["httpx"]
    assert set(told["optional-dependencies"]) == {"polars", "pandas", "progress"}
