"""The description of the API: complete, valid, shown without anything of other hosts."""

import json

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from accounts.models import User
from api.schema import description
from api.urls import v1

pytestmark = pytest.mark.django_db


def test_it_is_openapi_31_and_names_every_address(client: Client):
    told = json.loads(client.get("/api/v1/openapi.json").content)
    assert told["openapi"].startswith("3.1")
    assert len(told["paths"]) == len(v1)
    names = [operation["operationId"] for methods in told["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))
    for name, schema in told["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert schema, name


def test_every_operation_says_its_scope_and_how_it_refuses():
    for methods in description()["paths"].values():
        for method, told in methods.items():
            assert "Scope: `" in told["description"]
            assert "application/problem+json" in told["responses"]["4XX"]["content"]
            headers = {each["name"] for each in told.get("parameters", ())}
            assert ("Idempotency-Key" in headers) == (method != "get"), told["operationId"]


def test_the_pages_show_it(client: Client, sponsor: User):
    client.force_login(sponsor)
    page = client.get("/api/docs/").content.decode()
    for path in description()["paths"]:
        assert f"<code>{path}</code>" in page
    room = client.get("/api/docs/projects/").content.decode()
    assert "inputs.power.gross_facility_mw" in room
    assert "From 5 to 500" in room
    assert client.get("/api/docs/nowhere/").status_code == 404
