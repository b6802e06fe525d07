"""Breaks: taken, talked about, resolved; from a size on by two people; each step on the trail."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry
from lib.errors import Forbidden, Invalid
from notifications.models import Notification
from reconciliation.models import Break, BreakState
from reconciliation.queries import ageing, queue
from reconciliation.services.escalate_breaks import escalate_breaks
from reconciliation.services.work_on_breaks import assign_breaks, comment_break, decide_resolution, resolve_breaks

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(day) -> Break:
    return Break.objects.get(type="MISSING_EXTERNAL")


@pytest.fixture
def small(day) -> Break:
    row = Break.objects.get(type="PRICE_BREAK")
    row.amount = Decimal(999_999)
    row.save()
    return row


def actions(row: Break) -> list[str]:
    return list(AuditEntry.objects.filter(target_code=row.code).order_by("sequence").values_list("action", flat=True))


def test_severity_and_team_are_by_what_and_how_much(day):
    found = {row.type: (row.score, row.severity, row.team) for row in Break.objects.all()}
    assert found == {
        "QTY_BREAK": (8, "CRITICAL", "operations"),
        "PRICE_BREAK": (9, "CRITICAL", "trading"),
        "MISSING_EXTERNAL": (10, "CRITICAL", "trading"),
    }


def test_a_small_one_is_resolved_by_one_person(small, analyst):
    assign_breaks(by=analyst, breaks=[small], to=analyst)
    comment_break(by=analyst, row=small, text="Asked  the broker")
    resolve_breaks(by=analyst, breaks=[small], reason="Price corrected")
    small.refresh_from_db()
    assert (small.state, small.settled_by, small.owner) == (BreakState.RESOLVED, analyst, analyst)
    assert small.comments.get().text == "Asked the broker"
    assert actions(small) == ["break.assigned", "break.commented", "break.resolved"]


def test_a_large_one_needs_a_second_person(large, analyst, officer, admin):
    resolve_breaks(by=analyst, breaks=[large], reason="Booked twice")
    large.refresh_from_db()
    assert large.state == BreakState.PROPOSED
    assert Notification.objects.filter(kind="break_proposed", person=officer).exists()
    assert not Notification.objects.filter(kind="break_proposed", person=analyst).exists()
    with pytest.raises(Forbidden):
        decide_resolution(by=analyst, row=large, approve=True)
    assert decide_resolution(by=officer, row=large, approve=False, comment="Which one?").state == BreakState.OPEN
    resolve_breaks(by=admin, breaks=[large], reason="Booked twice: ticket 7")
    with pytest.raises(Forbidden):
        decide_resolution(by=admin, row=large, approve=True)
    assert decide_resolution(by=officer, row=large, approve=True).settled_by == officer
    assert actions(large) == ["break.proposed", "break.rejected", "break.proposed", "break.approved"]


def test_compliance_decides_but_does_not_work(small, officer):
    with pytest.raises(Forbidden):
        resolve_breaks(by=officer, breaks=[small], reason="Fine")
    with pytest.raises(Forbidden):
        comment_break(by=officer, row=small, text="Fine")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "bell\x07"])
def test_a_reason_is_one_to_five_hundred_letters(small, analyst, reason):
    with pytest.raises(Invalid):
        resolve_breaks(by=analyst, breaks=[small], reason=reason)
    small.refresh_from_db()
    assert small.state == BreakState.OPEN


def test_what_was_settled_is_not_opened_again(small, analyst, admin, day):
    from tests.reconciliation.cast import compared

    resolve_breaks(by=analyst, breaks=[small], reason="Price corrected")
    assert compared(admin, day.definition).summary["breaks"] == {"opened": 0, "kept": 2, "gone": 0}


def test_late_ones_are_told_once(small, analyst):
    Break.objects.filter(pk=small.pk).update(resolve_by=timezone.now() - timedelta(minutes=1), owner=analyst)
    assert escalate_breaks() == 1
    assert escalate_breaks() == 0
    assert Notification.objects.get(kind="break_escalated").person == analyst


def test_ageing_counts_each_break_once(day):
    rows = list(Break.objects.order_by("pk"))
    now = timezone.now()
    for row, hours in zip(rows, (0.5, 5, 100), strict=True):
        Break.objects.filter(pk=row.pk).update(opened_at=now - timedelta(hours=hours))
    assert [total for _, _, total in ageing(now)] == [1, 0, 1, 0, 1]


def test_the_queue_is_read_by_its_index(day):
    sql, parameters = queue({"state": "open"})[:51].query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # which reads a few rows fastest whole, unless told not to
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[connection.vendor]
        cursor.execute(f"{explain} {sql}", parameters)
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "break_queue" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


def test_a_cluster_is_resolved_at_once(day, analyst, client):
    one, other, third = Break.objects.all()
    Break.objects.filter(pk__in=[one.pk, other.pk]).update(cluster="alike", amount=1)
    client.force_login(analyst)
    page = client.get("/reconciliation/breaks/").content.decode()
    assert "Resolve 2" in page
    told = client.post(
        "/reconciliation/breaks/act/", {"cluster": "alike", "verb": "resolve", "reason": "Known"}, follow=True
    )
    assert "2 resolved." in told.content.decode()
    assert Break.objects.get(pk=third.pk).state == BreakState.OPEN
    assert AuditEntry.objects.filter(action="break.resolved").count() == 2


def test_the_queue_is_filtered_and_worked_on(day, analyst, small, client):
    client.force_login(analyst)
    shown = client.get("/reconciliation/breaks/?team=operations").content.decode()
    assert shown.count("data-break>") == 1
    assert client.get("/reconciliation/breaks/?q=ANF0053").content.decode().count("data-break>") == 1
    client.post("/reconciliation/breaks/act/", {"of": [str(small.code), "no code"], "verb": "take"})
    small.refresh_from_db()
    assert small.owner == analyst
    path = f"/reconciliation/breaks/{small.code}/"
    assert client.post(path, {"verb": "comment", "text": ""}).status_code == 400
    client.post(path, {"verb": "resolve", "text": "Price corrected"})
    assert "Price corrected" in client.get(path).content.decode()


def test_a_second_person_decides_on_the_page(large, analyst, officer, client):
    resolve_breaks(by=analyst, breaks=[large], reason="Booked twice")
    client.force_login(officer)
    path = f"/reconciliation/breaks/{large.code}/"
    assert "Approve" in client.get(path).content.decode()
    client.post(path, {"verb": "approve", "text": "Seen"})
    large.refresh_from_db()
    assert (large.state, large.settled_by) == (BreakState.RESOLVED, officer)
