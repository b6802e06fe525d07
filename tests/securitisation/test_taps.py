"""A further series into a structure: tested by page and API, issued as a version, refused where a class is worse for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from lib.errors import Invalid
from securitisation.models import LoanPool, NoteStructure
from securitisation.queries import latest_version, versions_of
from securitisation.services.tap_structure import tap_structure, try_tap
from securitisation.services.tapes import open_tape, take_tape
from tests.api.cast import Program, codes
from tests.securitisation.cast import HEADER, ROWS, tape_structure

pytestmark = pytest.mark.django_db
FURTHER = HEADER + ROWS.replace("L1", "M1").replace("L2", "M2")
TERMS: dict[str, Any] = {"beside": "A", "code": "A-2", "balance_amount": 500_000.0, "coupon_rate": 0.04, "payments": 0}


@pytest.fixture
def structure(admin: User) -> NoteStructure:
    return tape_structure(admin)


@pytest.fixture
def further(admin: User) -> LoanPool:
    """As much again of the same loans."""
    tape = open_tape(by=admin, name="Further", file_name="loans.csv", content=FURTHER.encode())
    return take_tape(by=admin, tape=tape)


def test_a_series_on_as_many_loans_again_is_issued_as_the_next_version(structure, further, admin):
    version = tap_structure(by=admin, structure=structure, terms=TERMS, further=further)
    assert (version.number, version.note) == (2, "Series A-2 beside A")
    assert [each["code"] for each in version.content["classes"]][:2] == ["A", "A-2"]
    assert [each["rank"] for each in version.content["classes"]][:3] == [1, 1, 2]
    assert version.pool.content["loans"][2]["code"] == "M1"
    assert sum(each["balance_amount"] for each in version.pool.content["loans"]) == pytest.approx(2_000_000.0)
    steps = [each["target"] for each in version.content["interest_steps"] if each["kind"] == "interest"]
    assert steps[0] == "A+A-2"


def test_a_series_after_payments_takes_the_loans_as_they_are_left(structure, further, admin):
    tested = try_tap(by=admin, structure=structure, terms={**TERMS, "payments": 2}, further=further)
    left = tested.deal.pool.loans
    assert [loan.remaining_months for loan in left[:2]] == [18, 30]
    assert left[0].balance_amount < 600_000.0
    assert tested.deal.structure.closing_date > latest_version(structure).created_at.date()


def test_a_series_on_no_further_loans_is_refused_with_who_is_worse_off(structure, admin):
    with pytest.raises(Invalid) as refused:
        tap_structure(by=admin, structure=structure, terms=TERMS)
    told = [each.message for each in refused.value.problems]
    assert any(each.startswith("Class A: the pool over it") for each in told)
    assert "Class A: the indicated rating falls from AA to BBB." in told
    assert versions_of(structure).count() == 1


def test_loans_without_a_rating_and_loans_named_twice_are_refused(structure, admin):
    def taken(rows: str) -> LoanPool:
        return take_tape(
            by=admin, tape=open_tape(by=admin, name="Other", file_name="loans.csv", content=(HEADER + rows).encode())
        )

    unrated = taken("M1,GBP,900000,6%,24,annuity,Quay Ltd,Data centre,\n")
    assert {each.code for each in try_tap(by=admin, structure=structure, terms=TERMS, further=unrated).problems} >= {
        "unrated"
    }
    with pytest.raises(Invalid) as refused:
        try_tap(by=admin, structure=structure, terms=TERMS, further=taken(ROWS))
    assert {each.place for each in refused.value.problems} == {"further"}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"beside": "X"}, "beside"),
        ({"code": "A"}, "classes.1.code"),
        ({"balance_amount": -1.0}, "balance_amount"),
        ({"payments": 500}, "payments"),
    ],
)
def test_a_series_that_cannot_be_is_refused_at_its_field(structure, further, admin, changes, place):
    with pytest.raises(Invalid) as refused:
        try_tap(by=admin, structure=structure, terms={**TERMS, **changes}, further=further)
    assert place in {each.place for each in refused.value.problems}


def test_the_page_tests_before_it_issues(structure, further, admin, client: Client):
    client.force_login(admin)
    url = reverse("structure-tap", args=[structure.code])
    assert "A-2" in client.get(url).content.decode()
    sent = {
        **{key: str(value) for key, value in TERMS.items()},
        "coupon_rate": "4%",
        "balance_amount": "500000",
        "further": str(further.code),
    }
    page = client.post(url, {**sent, "do": "test"}).content.decode()
    assert page.count("No worse") == len(latest_version(structure).content["classes"])
    assert versions_of(structure).count() == 1
    refused = client.post(url, {**sent, "further": "", "do": "issue"})
    assert refused.status_code == 422
    assert "The series cannot be issued" in refused.content.decode()
    assert client.post(url, {**sent, "do": "issue"}).status_code == 302
    assert latest_version(structure).content["classes"][1]["coupon_rate"] == 0.04


def test_a_program_issues_a_series_and_is_refused_one(structure, further, admin):
    asked = {"series": "A-2", "based_on": 1, **{name: value for name, value in TERMS.items() if name != "code"}}
    program = Program(admin)
    refused = program.post(f"structures/{structure.code}/series", asked)
    assert refused.status_code == 422
    assert "worse_cover" in codes(refused)
    made = program.post(f"structures/{structure.code}/series", {**asked, "further": str(further.code), "note": "Tap"})
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["number"], told["note"], told["content"]["classes"][1]["code"]) == (2, "Tap", "A-2")
    again = program.post(
        f"structures/{structure.code}/series", {**asked, "series": "A-3", "further": str(further.code)}
    )
    assert again.status_code == 422


def test_who_may_issue_a_series(structure, internal: User, other_sponsor: User, client: Client):
    url = reverse("structure-tap", args=[structure.code])
    assert client.get(url).status_code == 302
    for person, status in ((internal, 403), (other_sponsor, 404)):
        client.force_login(person)
        assert (client.get(url).status_code, client.post(url, {}).status_code) == (status, status)
