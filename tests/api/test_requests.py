"""What holds for every operation: problems, idempotency, entity tags, limits, pages."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from api.idempotency import sweep_answers
from api.models import KeptAnswer
from projects.models import Project
from projects.services import create_project, edit_project
from tests.api.cast import Program, codes

pytestmark = pytest.mark.django_db


def test_a_refusal_is_a_problem_with_codes_and_places(sponsor: User):
    refused = Program(sponsor).post("projects", {"inputs": []})
    told = refused.json()
    assert refused.status_code == told["status"] == 422
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert (told["type"], told["code"], told["instance"]) == (
        "urn:atlasnexus:problem:invalid",
        "invalid",
        "/api/v1/projects",
    )
    assert {(each["code"], each["pointer"]) for each in told["problems"]} == {
        ("required", "/title"),
        ("shape", "/inputs"),
    }
    assert len(told["request_id"]) == 32


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ('{"title": NaN}', 400),
        ('{"title": "\\ud800"}', 400),
        ('{"title": "a\\u0000b"}', 400),
        ("[" * 100_000, 400),
        ("[]", 422),
        ('"x"', 422),
        ('{"title": 9e999}', 400),
        (f'{{"title": "x", "inputs": {{"power": {{"pue": {"9" * 5_000}}}}}}}', 400),
    ],
)
def test_no_json_breaks_it(sponsor: User, body: str, status: int):
    program = Program(sponsor)
    found = program.client.post("/api/v1/projects", body, content_type="application/json", headers=program.headers)
    assert found.status_code == status, found.content
    assert not Project.objects.exists()


def test_other_media_and_methods_are_refused(sponsor: User):
    program = Program(sponsor)
    form = program.client.post("/api/v1/projects", {"title": "x"}, headers=program.headers)
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")
    assert (program("patch", "projects", {}).status_code, program.get("nowhere").status_code) == (405, 404)


NOBODYS = "00000000-0000-4000-8000-000000000000"


def test_json_is_an_attachment(sponsor: User):
    for answer in (
        Program(sponsor).get("me"),
        Program(sponsor).get("projects"),
        Program(sponsor).get(f"projects/{NOBODYS}"),
    ):
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_key_used_twice_does_it_once(sponsor: User):
    program = Program(sponsor)
    first = program.post("projects", {"title": "Quay"}, Idempotency_Key="one")
    again = program.post("projects", {"title": "Quay"}, Idempotency_Key="one")
    assert first.status_code == again.status_code == 201
    assert (first.content, first.headers["ETag"]) == (again.content, again.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert Project.objects.count() == 1
    assert program.post("projects", {"title": "Quay"}, Idempotency_Key="two").json()["code"] != first.json()["code"]


def test_a_key_used_for_something_else_is_refused(sponsor: User, other_sponsor: User):
    program = Program(sponsor)
    program.post("projects", {"title": "Quay"}, Idempotency_Key="one")
    other = program.post("projects", {"title": "Pier"}, Idempotency_Key="one")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert Program(other_sponsor).post("projects", {"title": "Pier"}, Idempotency_Key="one").status_code == 201


def test_a_refusal_keeps_no_key_and_changes_nothing(sponsor: User):
    program = Program(sponsor)
    assert program.post("projects", {"title": ""}, Idempotency_Key="one").status_code == 422
    assert not KeptAnswer.objects.exists()
    assert program.post("projects", {"title": "Quay"}, Idempotency_Key="one").status_code == 201


def test_a_key_under_way_is_told_and_one_that_was_lost_is_taken_up(sponsor: User):
    program = Program(sponsor)
    program.post("projects", {"title": "Quay"}, Idempotency_Key="one")
    KeptAnswer.objects.update(status=None)
    waits = program.post("projects", {"title": "Quay"}, Idempotency_Key="one")
    assert (waits.status_code, waits.json()["code"]) == (409, "under_way")
    KeptAnswer.objects.update(begun_at=timezone.now() - timedelta(minutes=6))
    assert program.post("projects", {"title": "Quay"}, Idempotency_Key="one").status_code == 201
    assert Project.objects.count() == 2


def test_answers_are_kept_for_a_day(sponsor: User):
    Program(sponsor).post("projects", {"title": "Quay"}, Idempotency_Key="one")
    assert sweep_answers() == 0
    KeptAnswer.objects.update(begun_at=timezone.now() - timedelta(hours=25))
    assert sweep_answers() == 1


def test_what_was_read_is_not_sent_again(sponsor: User):
    program, project = Program(sponsor), create_project(by=sponsor, title="Quay", inputs={})
    tag = program.get(f"projects/{project.code}").headers["ETag"]
    same = program.get(f"projects/{project.code}", If_None_Match=f'"x", W/{tag}')
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)


def test_a_change_names_the_state_it_changes(sponsor: User):
    program, project = Program(sponsor), create_project(by=sponsor, title="Quay", inputs={})
    body, address = {"title": "Pier", "inputs": {}}, f"projects/{project.code}"
    assert program("put", address, body).status_code == 428
    tag = program.get(address).headers["ETag"]
    edit_project(by=sponsor, project=project, title="Mole", inputs={}, version=1)
    late = program("put", address, body, If_Match=tag)
    assert (late.status_code, late.json()["code"]) == (412, "changed")
    assert program.post(f"{address}/archive", If_Match=tag).status_code == 412
    done = program("put", address, body, If_Match=program.get(address).headers["ETag"])
    assert (done.status_code, done.json()["title"], done.json()["version"]) == (200, "Pier", 3)
    assert done.headers["ETag"] == program.get(address).headers["ETag"]


def test_so_many_requests_a_minute(sponsor: User, settings: Any, monkeypatch: pytest.MonkeyPatch):
    settings.ATLASNEXUS_API_REQUESTS_A_MINUTE = 3
    monkeypatch.setattr(time, "time", lambda: 1_000_000_060.0)
    program = Program(sponsor)
    told = [program.get("me").headers["RateLimit"] for _ in range(3)]
    assert told == ['"minute";r=2;t=20', '"minute";r=1;t=20', '"minute";r=0;t=20']
    refused = program.get("me")
    assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (429, "too_many", "20")
    monkeypatch.setattr(time, "time", lambda: 1_000_000_080.0)
    assert program.get("me").status_code == 200


def test_long_lists_come_in_pages(sponsor: User, django_assert_max_num_queries: DjangoAssertNumQueries):
    made = [create_project(by=sponsor, title=f"Number {number}", inputs={}) for number in range(5)]
    Project.objects.update(updated_at=timezone.now())  # all at once: the key decides
    program, seen, address = Program(sponsor), list[str](), "projects?limit=2"
    with django_assert_max_num_queries(9):
        while address:
            page = program.get(address).json()
            assert len(page["items"]) <= 2
            seen, address = [*seen, *(each["title"] for each in page["items"])], page["next"] or ""
            address = address.removeprefix("http://testserver")
    assert seen == [project.title for project in reversed(made)]


def test_a_cursor_is_of_its_list(sponsor: User):
    for title in ("Quay", "Pier"):
        create_project(by=sponsor, title=title, inputs={})
    program = Program(sponsor)
    cursor = program.get("projects?limit=1").json()["next"].partition("cursor=")[2]
    for address in (
        f"projects?limit=1&status=draft&cursor={cursor}",
        "projects?cursor=x",
        f"series?limit=1&cursor={cursor}",
    ):
        assert codes(program.get(address)) == {"bad_cursor"}
    assert codes(program.get("projects?limit=0&status=none")) == {"min_value", "invalid_choice"}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_under_one_key_do_it_once(sponsor: User):
    program = Program(sponsor)

    def ask(_: int) -> int:
        try:
            return int(program.post("projects", {"title": "Quay"}, Idempotency_Key="one").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(ask, range(4)))
    assert found <= {201, 409}
    assert Project.objects.count() == 1
