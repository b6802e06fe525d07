"""Legal final dates, moved payment dates and loans bought with draws: typed, told, compared, run, in the papers."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from documents.facts.marks import Marks
from engine.basics.business_days import Calendar, is_open
from securitisation import editor
from securitisation.differences import differences
from securitisation.models import NoteStructure, StructureVersion
from securitisation.papers.facts import facts_of
from securitisation.papers.judged import risks_of
from securitisation.queries import latest_version
from securitisation.services.write_structure import change_structure
from securitisation.translate import version_hash
from tests.securitisation.cast import finished_run, tape_structure
from tests.securitisation.test_hedges import form_of, plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def structure(admin: User) -> NoteStructure:
    """The proposal for two loans."""
    return tape_structure(admin)


def changed(by: User, structure: NoteStructure, **parts: Any) -> StructureVersion:
    before = latest_version(structure)
    return change_structure(by=by, structure=structure, content={**before.content, **parts}, behaviour=before.behaviour)


def test_moved_dates_and_legal_finals_are_typed_told_and_compared(
    structure: NoteStructure, admin: User, client: Client
) -> None:
    client.force_login(admin)
    url, first = reverse("structure-edit", args=[structure.code]), latest_version(structure)
    typed = {
        "terms.business_days": "modified_following", "terms.calendar": "london", "terms.holidays": "2027-06-07; 2027-06-08",
        "terms.accrues_to_payment": "yes", "classes.0.legal_final_months": "60", "classes.0.day_count": "30E/360 ISDA",
    }  # fmt: skip
    wrong = client.post(url, {**form_of(first), **typed, "terms.holidays": "next week", "do": "save"})
    assert wrong.status_code == 422
    assert "expected a day as YYYY-MM-DD" in wrong.content.decode()
    assert client.post(url, {**form_of(first), **typed, "do": "save"}).status_code == 302
    second = latest_version(structure)
    assert {each.field: each.after for each in differences(first, second)} == {
        "Payment dates on holidays": "To the next in the month, else back", "Holidays of": "London",
        "And these days": "2027-06-07; 2027-06-08", "Interest accrues to the moved date": "Yes",
        "Months to the legal final": "60 months", "Days counted": "30E/360 ISDA",
    }  # fmt: skip
    page = plain(client.get(reverse("structure", args=[structure.code])).content.decode())
    assert "Quarterly, on holidays of London to the next in the month, else back; interest to the moved date" in page
    assert "legal final after 60 months" in page
    assert client.post(url, {**form_of(second), "do": "save"}).status_code == 422  # nothing differs


def test_terms_left_as_they_are_leave_the_hash_as_it_was(structure: NoteStructure) -> None:
    version = latest_version(structure)
    unsaid = {
        "business_days": "unadjusted",
        "calendar": "weekends",
        "holidays": [],
        "accrues_to_payment": False,
        "hedges": [],
        "further_loans": [],
    }
    assert version_hash({**version.content, **unsaid}, version.behaviour, version.pool) == version.content_hash
    moved = {**version.content, "business_days": "following"}
    assert version_hash(moved, version.behaviour, version.pool) != version.content_hash


def test_a_default_at_the_legal_final_is_on_the_page_and_in_the_papers(
    structure: NoteStructure, admin: User, client: Client
) -> None:
    classes = [dict(each) for each in latest_version(structure).content["classes"]]
    classes[0]["legal_final_months"] = 12
    changed(admin, structure, classes=classes, calendar="target", business_days="following")
    run = finished_run(admin, structure)
    first, second = run.summary["classes"]
    assert first["unpaid_at_final"] > 0.0
    assert second["unpaid_at_final"] is None
    assert first["legal_final"] < second["legal_final"]
    client.force_login(admin)
    assert "In default at its legal final" in client.get(reverse("notes-run", args=[run.code])).content.decode()
    facts = facts_of(run, Marks(), 1)
    assert [str(each["legal_final"]) for each in facts.classes] == [first["legal_final"], second["legal_final"]]
    assert [each for each in risks_of(facts) if "in default at its legal final date" in each]
    assert all(is_open(day, Calendar.TARGET) for day in facts.result.periods)


def test_loans_bought_are_typed_told_and_compared(structure: NoteStructure, admin: User, client: Client) -> None:
    client.force_login(admin)
    url, first = reverse("structure-edit", args=[structure.code]), latest_version(structure)
    row = first.content["classes"][0]
    committed = f"{row['balance_amount'] + 100_000:.0f}"
    typed = {
        "classes.0.commitment_amount": committed, "draws.count": "1", "draws.0.class_code": row["code"], "draws.0.after_months": "6",
        "draws.0.amount": "90,000", "draws.0.use": "loans", "draws.0.loans": "N", "further_loans.count": "1", "further_loans.0.code": "N",
        "further_loans.0.name": "New loans", "further_loans.0.coupon_rate": "7 %", "further_loans.0.remaining_months": "24",
        "further_loans.0.amortisation": "straight_line",
    }  # fmt: skip
    unknown = client.post(url, {**form_of(first), **typed, "draws.0.loans": "X", "do": "save"})
    assert "No kind of loans is called &#x27;X&#x27;." in unknown.content.decode()
    assert client.post(url, {**form_of(first), **typed, "do": "save"}).status_code == 302
    second = latest_version(structure)
    assert second.content["further_loans"][0]["coupon_rate"] == 0.07
    assert "Kinds of loans bought: N" in {each.place for each in differences(first, second)}
    page = client.get(reverse("structure", args=[structure.code])).content.decode()
    assert "to buy New loans (7%, 24 months, straight line)" in page
    run = finished_run(admin, structure)
    pool = run.summary["pool"]
    assert pool["scheduled"] + pool["prepaid"] + pool["defaulted"] == pytest.approx(pool["balance"] + 90_000.0)
    shown = client.get(reverse("notes-payments", args=[run.code]) + "?date=2").content.decode()
    assert "What is drawn buys New loans" in shown
    assert editor.typed_of(second.content, second.behaviour).rows["draws"][0]["loans"] == "N"
