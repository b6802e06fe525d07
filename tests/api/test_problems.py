"""Every refusal of the API is a problem with a code and a sentence, whoever refuses: a view, the framework or the door."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.services import issue_token
from api.problems import MEDIA_TYPE
from projects.models import Project
from projects.services import create_project

pytestmark = pytest.mark.django_db
Asks = Callable[..., Any]


@pytest.fixture
def project(sponsor: User) -> Project:
    return create_project(by=sponsor, title="Quay", inputs={})


@pytest.fixture
def ask(sponsor: User) -> Asks:
    _, token = issue_token(by=sponsor, name="Mine", scopes=["read", "write"], days=1)
    client = Client(raise_request_exception=False)

    def asked(method: str, path: str, data: Any = None, **more: Any) -> Any:
        address, headers = f"/api/v1/{path}", {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        return getattr(client, method)(address, **({} if data is None else {"data": data}), headers=headers, **more)

    return asked


def many(count: int) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(f"{number}.txt", b"x") for number in range(count)]


JSON = "application/json"
CHANGE = '{"title": "Quay", "inputs": {}, "version": 1}'
REFUSALS: list[tuple[str, str, Any, dict[str, Any], int, str]] = [
    ("get", "nowhere", None, {}, 404, "not_found"),
    ("get", "projects/", None, {}, 404, "not_found"),
    ("get", "projects/7e0f6a0e-8f0e-4d5f-a1c3-000000000000", None, {}, 404, "not_found"),
    ("get", "projects/none", None, {}, 404, "not_found"),
    ("put", "projects", "{}", {"content_type": JSON}, 405, "method_not_allowed"),
    ("post", "projects", "<a/>", {"content_type": "application/xml"}, 415, "unsupported_media_type"),
    ("post", "projects", "{", {"content_type": JSON}, 400, "parse_error"),
    ("post", "projects", "{}", {"content_type": JSON}, 422, "invalid"),
    ("get", "projects", None, {"headers": {"Authorization": "Bearer none"}}, 401, "authentication_failed"),
    ("post", "projects/CODE/files", {"file": many(150)}, {}, 400, "too_many_files"),
    ("post", "projects/CODE/files", {f"f{n}": "1" for n in range(3_100)}, {}, 400, "too_many_fields"),
    ("put", "projects/CODE", CHANGE, {"content_type": JSON}, 428, "if_match"),
    ("put", "projects/CODE", CHANGE, {"content_type": JSON, "headers": {"If-Match": '"0"'}}, 412, "changed"),
]


@pytest.mark.parametrize(("method", "path", "data", "more", "status", "code"), REFUSALS)
def test_a_refusal_is_a_problem(
    ask: Asks, project: Project, method: str, path: str, data: Any, more: dict[str, Any], status: int, code: str
):
    answer = ask(method, path.replace("CODE", str(project.code)), data, **more)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    assert answer.headers["Content-Type"] == MEDIA_TYPE
    assert told["detail"]
    assert told["type"].endswith(code)
    assert told["request_id"] == answer.headers["X-Request-ID"]


def test_too_many_files_are_refused_in_words_on_a_page(project: Project, sponsor: User):
    client = Client()
    client.force_login(sponsor)
    answer = client.post(reverse("attachment-add", args=[project.code]), {"files": many(150)})
    assert answer.status_code == 400
    assert "at most 100 files in one request" in answer.content.decode()
