"""Searches by the API: asked for as a page asks, refused with places, their structures opened."""

from typing import Any

import pytest

from accounts.models import AuditEntry, User
from financings.models import Financing
from permutations.access import get_search
from permutations.models import Search
from permutations.services.open_found import open_found
from tests.api.cast import Program, codes

pytestmark = pytest.mark.django_db

LIMIT = {"column": "equity_ratio", "operator": ">=", "value": 0.25}


def test_a_search_is_asked_for_with_limits_levers_and_seed(things: dict[str, Any], admin: User):
    run, asks = (
        things["run"],
        {"objective": "wacc", "limits": [LIMIT], "levers": {"senior_tenor_years": [15]}, "seed": 3},
    )
    made = Program(admin).post(f"runs/{run.code}/searches", asks)
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["kind"], told["run"], told["summary"]) == ("search", str(run.code), {})
    assert told["terms"]["limits"] == [LIMIT]
    assert told["terms"]["levers"]["senior_tenor_years"] == [15]
    assert (told["terms"]["objective"], told["terms"]["seed"], told["terms"]["effort"]) == ("wacc", 3, 20_000)
    search = Search.objects.get(code=told["code"])
    assert search.terms == told["terms"]
    entry = AuditEntry.objects.filter(action="search.requested").latest("pk")
    assert entry.after == {"run": str(run.code), **told["terms"]}


@pytest.mark.parametrize(
    ("asks", "code"),
    [
        ({"limits": [{**LIMIT, "column": "height"}]}, "unknown_column"),
        ({"limits": [{**LIMIT, "operator": "="}]}, "invalid_choice"),
        ({"limits": [{**LIMIT, "column": {"a": 1}}]}, "invalid"),
        ({"limits": [{**LIMIT, "value": "nan"}]}, "invalid"),
        ({"levers": {"colour": [1]}}, "unknown_lever"),
        ({"levers": {"senior_tenor_years": {"from": 10, "to": 20}}}, "no_range"),
        ({"objective": "beauty"}, "invalid_choice"),
        ({"effort": 499}, "min_value"),
        ({"effort": 200_001}, "max_value"),
        ({"seed": -1}, "min_value"),
        ({"seed": 2**32}, "max_value"),
    ],
)
def test_what_cannot_be_searched_is_refused(things: dict[str, Any], admin: User, asks: dict[str, Any], code: str):
    before = Search.objects.count()
    refused = Program(admin).post(f"runs/{things['run'].code}/searches", asks)
    assert refused.status_code == 422, refused.content
    assert code in codes(refused)
    assert Search.objects.count() == before


@pytest.mark.parametrize("effort", [500, 200_000])
def test_the_ends_of_effort_are_taken(things: dict[str, Any], admin: User, effort: int):
    made = Program(admin).post(f"runs/{things['run'].code}/searches", {"effort": effort, "seed": 2**32 - 1})
    assert made.status_code == 201
    assert made.json()["terms"]["effort"] == effort


def test_searches_of_a_run_are_listed_and_read(things: dict[str, Any], sponsor: User):
    program, search = Program(sponsor), get_search(sponsor, things["search"].code)
    listed = program.get(f"runs/{search.run.code}/searches").json()["items"]
    assert [each["code"] for each in listed] == [str(search.code)]
    assert program.get(f"searches/{search.code}").json() == listed[0]
    assert listed[0]["summary"]["points"] == search.summary["points"]


def test_a_structure_found_is_opened_as_by_its_page(things: dict[str, Any], sponsor: User, admin: User):
    search = get_search(admin, things["search"].code)
    last = len(search.summary["points"]) - 1
    assert last >= 0
    opened = Program(sponsor).post(f"searches/{search.code}/points/{last}/open")
    assert opened.status_code == 200
    assert Financing.objects.get(code=opened.json()["code"]) == open_found(by=admin, search=search, number=last)
    for wrong in (str(last + 1), "-1", "x", "9" * 10):
        assert Program(sponsor).post(f"searches/{search.code}/points/{wrong}/open").status_code == 404
