"""What was shown to central banks: entered by administrators with source and date, and heard by every verdict."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from financings.evaluation import Evaluation
from financings.models import Evidence, Financing
from financings.services.enter_evidence import enter_evidence
from lib.errors import AppendOnlyError, Forbidden, Invalid, NotFound
from permutations.models import Run
from projects.services import archive_project
from ratings.collateral import collateral_hash
from tests.financings.cast import opened

SignIn = Callable[[User], Client]
LEVEL_C = "boe_level_c"
ASKED_OF_C = ["Asset class named by the bank", "Public ratings", "UK law"]


@pytest.fixture
def enter(best: Financing, admin: User) -> Callable[..., Evidence]:
    """`enter(fact, ...)`: Ada's entry for the best financing."""

    def make(fact: str, **said: Any) -> Evidence:
        given = {"state": "shown", "source": "Opinion of counsel, page 3", "seen_on": date(2025, 6, 1), **said}
        return enter_evidence(by=admin, financing=best, fact=fact, **given)

    return make


def verdict(financing: Financing, facility: str = LEVEL_C) -> tuple[str, list[str]]:
    found = next(each for each in Evaluation(financing).collateral if each.facility == facility)
    return str(found.verdict), list(found.missing)


def test_what_nobody_entered_is_missing_and_named(best: Financing) -> None:
    assert verdict(best) == ("not_confirmed", ASKED_OF_C)
    stands = {fact.code: fact.stands for fact in Evaluation(best).facts}
    assert {"uk_law", "class_confirmed_boe", "rating:S&P", "rating:Moody's", "loan_level_data"} <= set(stands)
    assert set(stands.values()) == {"missing"}


def test_all_that_is_asked_makes_the_notes_eligible(best: Financing, enter: Callable[..., Evidence]) -> None:
    enter("uk_law")
    assert verdict(best) == ("not_confirmed", ASKED_OF_C[:2])
    enter("class_confirmed_boe", for_project=True)
    assert verdict(best) == ("not_confirmed", ASKED_OF_C[1:2])
    enter("rating:S&P", symbol="AAA")
    assert verdict(best) == ("not_confirmed", ASKED_OF_C[1:2])
    enter("rating:Moody's", symbol="Aaa")
    assert verdict(best) == ("eligible", [])


@pytest.mark.parametrize(("symbol", "expected"), [("Aaa", "eligible"), ("Aa1", "not_confirmed")])
def test_a_rating_at_the_banks_floor_and_one_notch_below(
    best: Financing, enter: Callable[..., Evidence], symbol: str, expected: str
) -> None:
    for fact in ("uk_law", "class_confirmed_boe"):
        enter(fact)
    enter("rating:Fitch", symbol="aaa")
    enter("rating:Moody's", symbol=symbol)
    assert verdict(best)[0] == expected


@pytest.mark.parametrize("fact", ["uk_law", "class_confirmed_boe"])
def test_what_is_refuted_refuses(best: Financing, enter: Callable[..., Evidence], fact: str) -> None:
    enter(fact, state="refuted")
    assert verdict(best)[0] == "not_eligible"


def test_the_reach_of_an_entry(best: Financing, done: Run, enter: Callable[..., Evidence]) -> None:
    """The project's holds for every financing; the financing's own goes before it, and taken back leaves it."""
    others = (opened(done, index) for index in range(done.evaluated_count))
    other = next(each for each in others if each != best and Evaluation(each).collateral)
    enter("uk_law", for_project=True)
    assert "UK law" not in verdict(best)[1] + verdict(other)[1]
    enter("uk_law", state="refuted")
    assert (verdict(best)[0], "UK law" in verdict(other)[1]) == ("not_eligible", False)
    enter("uk_law", state="taken_back", source="The wrong deal")
    assert verdict(best) == ("not_confirmed", ASKED_OF_C[:2])
    enter("uk_law", state="taken_back", source="The wrong project", for_project=True)
    assert "UK law" in verdict(best)[1]


TODAY = timezone.localdate
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"fact": "moonlight"}, "Fact: expected one of"),
    ({"state": "perhaps"}, "State: expected shown, refuted, taken_back"),
    ({"source": "  "}, "Source: say what was seen and where"),
    ({"source": "x" * 1_001}, "at most 1,000 characters"),
    ({"seen_on": None}, "Date: expected the day of the evidence"),
    ({"seen_on": TODAY() + timedelta(days=2)}, "Date: expected today or before"),
    ({"state": "taken_back"}, "no evidence of this reach to take back"),
    ({"fact": "rating:S&P", "symbol": "Aaa1"}, "expected a symbol of S&P's scale, AAA to D, got Aaa1"),
    ({"fact": "rating:Moody's", "symbol": "BBB"}, "expected a symbol of Moody's's scale, Aaa to C, got BBB"),
    ({"fact": "rating:S&P", "symbol": ""}, "got nothing"),
    ({"fact": "rating:S&P", "symbol": "AAA", "for_project": True}, "A rating is of one structure"),
    ({"fact": "rating:S&P", "symbol": "AAA", "state": "refuted"}, "obtained or taken back"),
]


@pytest.mark.parametrize(("said", "reason"), REFUSED, ids=[case[1][:30] for case in REFUSED])
def test_refused(enter: Callable[..., Evidence], said: dict[str, Any], reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        enter(**{"fact": "uk_law", **said})
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(("length", "day"), [(1_000, 0), (1, 0)])
def test_taken_at_the_limits(enter: Callable[..., Evidence], length: int, day: int) -> None:
    entry = enter("uk_law", source="x" * length, seen_on=TODAY() - timedelta(days=day))
    assert len(entry.source) == length


def test_it_is_written_once_and_audited(enter: Callable[..., Evidence], best: Financing) -> None:
    entry = enter("uk_law")
    with pytest.raises(AppendOnlyError):
        entry.save()
    with pytest.raises(AppendOnlyError):
        entry.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE financings_evidence SET state = 'refuted'")
    after = AuditEntry.objects.get(action="evidence.entered").after or {}
    assert (after["fact"], after["financing"]) == ("uk_law", str(best.code))


def test_who_enters(best: Financing, sponsor: User, internal: User, other_sponsor: User, admin: User) -> None:
    said: dict[str, Any] = {"fact": "uk_law", "state": "shown", "source": "x", "seen_on": date(2025, 6, 1)}
    for person, refusal in ((sponsor, Forbidden), (internal, Forbidden), (other_sponsor, NotFound)):
        with pytest.raises(refusal):
            enter_evidence(by=person, financing=best, **said)
    archive_project(by=admin, project=best.project)
    with pytest.raises(Forbidden):
        enter_evidence(by=admin, financing=best, **said)


def test_by_hand(best: Financing, admin: User, sponsor: User, signed_in: SignIn) -> None:
    url = reverse("evidence", args=[best.code])
    ada, sofia = signed_in(admin), signed_in(sponsor)
    assert "Enter evidence" not in sofia.get(url).content.decode()
    sent = {"fact": "uk_law", "state": "shown", "reach": "project", "seen_on": "2025-06-01", "source": "<b>Opinion</b>"}
    refused = ada.post(url, {**sent, "seen_on": "soon"})
    assert (refused.status_code, "&lt;b&gt;Opinion" in refused.content.decode()) == (400, True)
    assert "<b>Opinion" not in ada.post(url, sent, follow=True).content.decode()
    page = sofia.get(url).content.decode()
    assert "&lt;b&gt;Opinion&lt;/b&gt;" in page
    assert "1 Jun 2025" in page
    report = sofia.get(reverse("compliance", args=[best.code])).content.decode()
    assert (
        "&lt;b&gt;Opinion&lt;/b&gt;, 2025-06-01, entered by Ada Administrator" in report
        or "ada@house.example" in report
    )


def test_the_report_carries_it(best: Financing, enter: Callable[..., Evidence], admin: User, signed_in: SignIn) -> None:
    enter("rating:Moody's", symbol="Aa2")
    url = reverse("compliance-data", args=[best.code])
    report = json.loads(signed_in(admin).get(url).content)
    lines = {line["fact"]: line for line in report["evidence"]}
    shown = lines["rating:Moody's"]
    assert (shown["state"], shown["symbol"], shown["seen_on"], shown["is_of_project"]) == (
        "shown",
        "Aa2",
        "2025-06-01",
        False,
    )
    assert lines["uk_law"]["state"] == "missing"
    floor = next(
        c for f in report["repo"] if f["facility"] == "Level C" for c in f["criteria"] if c["label"] == "Public ratings"
    )
    assert floor["value"].startswith("Moody's AA;")
    assert report["rule_set"]["collateral_rules"] == best.rule_set.label
    assert report["rule_set"]["collateral_hash"] == collateral_hash(best.rule_set.content)
