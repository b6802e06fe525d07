"""The API against its own description: whatever is sent, no fault of ours, and every answer of the shape it promises."""

from collections import Counter
from typing import Any

import pytest
import requests
import schemathesis
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings, strategies
from requests import PreparedRequest
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts.models import User
from api.schema import description
from tests.api.cast import Program
from tests.api.test_access import TABLE, VIEWS

pytestmark = pytest.mark.django_db

SITE = "http://testserver"
QUICK = settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Of each operation its line: whose code its address takes, and which number.
LINES = {getattr(VIEWS[name], method).operation.name: rule for (name, method), rule in TABLE.items()}


def sent(program: Program, prepared: PreparedRequest) -> Response:
    """The answer as a client of the wire sees it; whatever it changed is undone."""
    heads = {str(name).lower(): str(value) for name, value in prepared.headers.items()}
    kind = heads.pop("content-type", "application/octet-stream")
    heads.pop("cookie", None)
    with transaction.atomic():
        answer: Any = program.client.generic(
            str(prepared.method), prepared.path_url, prepared.body or b"", kind, headers={**heads, **program.headers}
        )
        # A stream is read in the event loop: of one only its head is told here.
        content = b"" if answer.streaming and answer.is_async else answer.getvalue()
        for close in answer._resource_closers:
            close()
        transaction.set_rollback(True)
    told = {name.lower(): [value] for name, value in answer.headers.items()}
    return Response(answer.status_code, told, content, prepared, elapsed=0.0, verify=False)


def test_no_answer_breaks_the_description(things: dict[str, Any], sponsor: User, internal: User, admin: User):
    programs, statuses, wrong = [Program(person) for person in (sponsor, internal, admin)], Counter[int](), list[str]()
    asked = set[tuple[str, str]]()
    for found in schemathesis.openapi.from_dict(description()).get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # the description is sound: test_docs says so
        line = LINES[operation.definition.raw["operationId"]]
        given_path = {"code": str(things[line.of].code)} if line.of else {}
        if "{index}" in operation.path:
            given_path["index"] = line.index
        modes = [operation.as_strategy(mode, path_parameters=given_path or None) for mode in GenerationMode]

        @QUICK
        @given(strategies.one_of(modes))
        def attack(case: Case[Any]) -> None:
            prepared = requests.Request(**case.as_transport_kwargs(SITE)).prepare()
            said = str(prepared.method), repr((prepared.url, prepared.body, sorted(prepared.headers.items())))
            if said in asked:
                return
            asked.add(said)
            for program in programs:
                answer = sent(program, prepared)
                statuses[answer.status_code // 100] += 1
                case.validate_response(answer, checks=CHECKS)

        try:
            attack()
        except (FailureGroup, Failure) as error:
            wrong.append(f"{operation.label}: {error}")
    assert not wrong, "\n\n".join(wrong)
    assert statuses[2] > 100  # it was not refused throughout
