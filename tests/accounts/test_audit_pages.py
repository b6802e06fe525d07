"""The audit trail on the screen: found, read, taken away."""

import csv
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import AsyncClient, Client
from django.urls import reverse
from django.utils import timezone

from accounts.audit import record
from accounts.audit_pages.changes import changes
from accounts.audit_pages.exports import as_csv, as_json_lines
from accounts.audit_pages.search import PAGE_SIZE, Search, find, page_of
from accounts.chain import digest
from accounts.models import AuditEntry, User
from accounts.verification import verify

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User], Client]


@pytest.fixture
def ada(signed_in: SignedIn, admin: User) -> Client:
    client = signed_in(admin)
    client.get("/")  # the sign-in is an entry too
    return client


@pytest.fixture
def many(sponsor: User, internal: User) -> list[AuditEntry]:
    """More than two pages, by Sofia and by Iris in turns."""
    return [
        record(by=internal if n % 2 else sponsor, action="step.taken", target=sponsor, after={"step": f"number {n}"})
        for n in range(2 * PAGE_SIZE + 20)
    ]


def numbers(page: Any) -> list[int]:
    return [entry.sequence for entry in page.entries]


def test_pages_follow_each_other_without_gap_or_repeat(many: list[AuditEntry]):
    first = page_of(Search())
    second = page_of(Search(), older_than=str(first.older_than))
    third = page_of(Search(), older_than=str(second.older_than))
    assert numbers(first) + numbers(second) + numbers(third) == [entry.sequence for entry in reversed(many)]
    assert (first.newer_than, third.older_than) == (None, None)
    back = page_of(Search(), newer_than=str(second.newer_than))
    assert numbers(back) == numbers(first)


@pytest.mark.parametrize(
    ("search", "count"),
    [
        (Search(who="IRIS"), 60),
        (Search(who="iris", text="number 7"), 11),  # 7, 71, 73 ... 79 and none of the even ones
        (Search(action="step.taken"), 120),
        (Search(action="nothing.done"), 0),
        (Search(text="NUMBER 119"), 1),
        (Search(text="100%"), 0),
        (Search(target=str(uuid.uuid4())), 0),
        (Search(target="nonsense"), 0),
        (Search(since="2020-01-01", until="2020-12-31"), 0),
        (Search(since="yesterday"), 0),
    ],
)
def test_what_is_asked_for_is_found(many: list[AuditEntry], search: Search, count: int):
    expected = 6 if search.text == "number 7" else count
    assert find(search).count() == expected


def test_a_day_is_the_readers_day(many: list[AuditEntry], sponsor: User):
    today = timezone.localdate()
    assert find(Search(since=str(today), until=str(today))).count() == 120
    assert find(Search(until=str(today - timedelta(days=1)))).count() == 0
    assert find(Search(target=str(sponsor.code))).count() == 120


def test_a_page_costs_the_same_for_many(ada: Client, many: list[AuditEntry], django_assert_num_queries: Any):
    with django_assert_num_queries(7):  # session, person, entries, erased accounts, two lists, the bell
        ada.get(reverse("audit"))
    with django_assert_num_queries(4):  # without the lists and the bell
        fragment = ada.get(reverse("audit"), {"who": "iris"}, headers={"HX-Request": "true"}).content.decode()
    assert "iris@house.example" in fragment
    assert "<html" not in fragment


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans small tables as it likes")
@pytest.mark.parametrize(
    "search",
    [
        Search(),
        Search(action="a"),
        Search(target=str(uuid.uuid4())),
        Search(request="r"),
        Search(since="2026-01-01"),
        Search(text="x"),
    ],
)
def test_no_search_sorts_the_whole_trail(search: Search):
    plan = find(search)[:PAGE_SIZE].explain()
    assert "INDEX" in plan
    assert "TEMP B-TREE" not in plan


def test_an_entry_shows_each_field_before_and_after(ada: Client, sponsor: User):
    entry = record(
        by=sponsor,
        action="project.edited",
        target=sponsor,
        before={"title": "Quay", "inputs": {"power": {"pue": 1.2, "mw": 40}}, "gone": True},
        after={"title": "<b>Quay</b>", "inputs": {"power": {"pue": 1.3, "mw": 40}}, "new": None},
    )
    page = ada.get(reverse("audit-entry", args=[entry.sequence])).content.decode()
    for text in (
        "Inputs, power, pue",
        "1.2",
        "1.3",
        "&lt;b&gt;Quay&lt;/b&gt;",
        "(none)",
        entry.hash,
        entry.previous_hash,
    ):
        assert text in page
    assert "inputs.power.mw" not in page
    assert ada.get(reverse("audit-entry", args=[entry.sequence + 1])).status_code == 404


def test_changes_are_those_fields_that_differ():
    found = changes({"a": 1, "b": {"c": [1]}, "same": 0}, {"a": 2, "b": {"c": [1, 2]}, "same": 0, "d": ""})
    assert [(each.field, each.before, each.after) for each in found] == [
        ("A", "1", "2"),
        ("B, c", "[1]", "[1, 2]"),
        ("D", "", "(empty)"),
    ]
    assert changes(None, None) == []


def test_json_lines_prove_themselves(many: list[AuditEntry], sponsor: User):
    record(by=None, action="odd.values", target=None, after={"x": 0.1, "y": "=cmd|' /C calc'!A0"})
    lines = b"".join(as_json_lines(Search())).decode().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["sequence"] for row in rows] == list(range(1, verify().head[0] + 1))
    for row, entry in zip(rows, AuditEntry.objects.order_by("sequence"), strict=True):
        assert row["hash"] == digest(entry)


def test_csv_holds_no_formula(sponsor: User):
    record(by=None, action="=HYPERLINK(1)", target=None, after={"x": 1})
    [header, row] = csv.reader(StringIO(b"".join(as_csv(Search())).decode()))
    assert row[header.index("action")] == "'=HYPERLINK(1)"
    assert row[header.index("after")] == '{"x": 1}'


@pytest.mark.django_db(transaction=True)
def test_the_download_streams_what_was_asked_for(admin: User, many: list[AuditEntry]):
    client = AsyncClient()
    client.force_login(admin)

    @async_to_sync
    async def download() -> bytes:
        response: Any = await client.get(reverse("audit-export"), {"format": "jsonl", "who": "iris"})
        assert response.headers["Content-Disposition"] == 'attachment; filename="atlas-audit.jsonl"'
        return b"".join([piece async for piece in response.streaming_content])

    assert len(download().splitlines()) == 60


@pytest.mark.parametrize("params", [{"since": "2026-99-99"}, {"target": "x"}, {"older": "9" * 400}, {"newer": "-1"}])
def test_odd_searches_are_answered(ada: Client, params: dict[str, str]):
    assert ada.get(reverse("audit"), params).status_code == 200
