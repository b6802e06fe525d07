"""Market sets: the seeded assumptions as the engine reads them, worked on, exchanged and approved like rules."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from engine.market import Seniority
from engine.ratings import notch_of
from lib.canonical import canonical_hash
from ratings.market import MARKETS, load_market_document, market_document
from ratings.models import MarketSet
from ratings.queries import current_market_set
from ratings.services import seed_market_sets
from records.cells import cells
from records.editing import Typed
from records.exchange import document_of, read_json, write_json
from records.problems import content_problems
from records.services import approve_version, copy_version, edit_version, submit_version
from records.workbook import read_workbook, write_workbook

SignIn = Callable[[User], Client]
CURRENCIES = ("GBP", "EUR", "USD", "JPY")


@pytest.fixture
def market(db: None) -> MarketSet:
    (seeded,) = seed_market_sets()
    return seeded


def test_the_file_is_what_the_assumptions_give() -> None:
    assert load_market_document() == market_document()
    assert content_problems(MARKETS, market_document()["content"]) == ()


def test_every_value_is_marked_as_an_assumption() -> None:
    found = cells(MARKETS, market_document()["content"]).values()
    assert {cell.provenance for cell in found} == {"assumption"}
    assert all(cell.source.startswith("assumption: ") for cell in found)


def test_seeding_twice_adds_nothing(market: MarketSet) -> None:
    assert seed_market_sets() == [market]
    assert MarketSet.objects.count() == 1
    assert current_market_set() == market
    assert market.content_hash == canonical_hash(market.content)


# The house's spreads by hand: level to seven years, then 5 bps a year; caps 250 above.
SPREADS = [
    ("AAA", 5, "senior", 90), ("AA", 7, "senior", 110), ("A", 7, "senior", 150), ("BBB", 7, "senior", 210),
    ("BB", 7, "senior", 400), ("AAA", 12, "senior", 115), ("BBB", 20, "senior", 275), ("A", 40, "senior", 315),
    # AA is notch 3, A notch 6: A+ lies two thirds of the way.
    ("A+", 7, "senior", 110 + 40 * 2 / 3), ("BBB", 6, "mezzanine", 350), ("BB", 8, "mezzanine", 555),
]  # fmt: skip


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize(("rating", "years", "seniority", "bps"), SPREADS)
def test_spreads_by_hand(currency: str, rating: str, years: float, seniority: str, bps: float) -> None:
    found = MARKETS_READ.market_for(currency)
    notch = notch_of(rating)
    assert found.floor_spread_bps(notch, years, Seniority(seniority)) == pytest.approx(bps, abs=1e-9)
    assert found.cap_spread_bps(notch, years, Seniority(seniority)) == pytest.approx(bps + 250, abs=1e-9)


def test_sterling_by_hand(market: MarketSet) -> None:
    sterling = market.terms().market_for("GBP")
    assert [sterling.zero_rate(years) for years in (0.25, 7, 18, 40)] == [0.042] * 4
    assert sterling.breakeven_rate(5) == 0.026
    assert sterling.breakeven_rate(10) == 0.0255
    assert (sterling.base_cpi_rate, sterling.dealer_spread_bps) == (0.025, 15)
    # 4.2% and 150 + 5 x 3 bps for an A of ten years.
    assert market.terms().fair_coupon_rate("GBP", notch_of("A"), 10) == pytest.approx(0.0585, abs=1e-12)


def test_a_quote_is_entered_submitted_and_approved(market: MarketSet, admin: User, second_admin: User) -> None:
    draft = copy_version(by=admin, version=market)
    typed = {"curves.GBP.10.zero_rate": Typed("4.35", "sourced", "closing swap rates of 1 June")}
    edited = edit_version(by=admin, version=draft, revision=1, cells=typed)
    active = approve_version(by=second_admin, version=submit_version(by=admin, version=edited))
    assert current_market_set() == active
    assert active.terms().market_for("GBP").zero_rate(10) == 0.0435
    assert active.terms().version == "house/2"
    for statement in ("UPDATE ratings_marketset SET content = '{}'", "DELETE FROM ratings_marketset"):
        with pytest.raises(IntegrityError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


FORMS: dict[str, tuple[Callable[[Any], bytes], Callable[[bytes], Any]]] = {
    "json": (write_json, read_json),
    "xlsx": (lambda given: write_workbook(MARKETS, given), lambda raw: read_workbook(MARKETS, raw)),
}


@pytest.mark.parametrize("form", FORMS)
def test_out_and_in_again(market: MarketSet, form: str) -> None:
    write, read = FORMS[form]
    reading = read(write(document_of(market)))
    assert (reading.problems, reading.document) == ([], document_of(market))


FAULTS: list[tuple[str, str, Callable[[dict[str, Any]], Any], str]] = [
    ("out_of_range", "curves.GBP.10.zero_rate", lambda c: c["curves"][2].update(zero_rate=4.2), "GBP 10: Zero rate: expected -0.05 to 0.5, got 4.2."),
    ("order", "spreads.GBP.senior.AAA.7.cap_bps", lambda c: c["spreads"][0].update(cap_bps=80), "GBP senior AAA 7: Cap: expected at least the floor of 90 bps, got 80."),
    ("ladder", "spreads.GBP.senior.AA.7.floor_bps", lambda c: c["spreads"][6].update(floor_bps=89), "AA pays 89 bps, less than AAA with 90."),
    ("missing", "currencies.GBP.dealer_spread_bps", lambda c: c["currencies"][0].pop("dealer_spread_bps"), "GBP: Dealer spread is missing: enter a value."),
    ("provenance", "breakevens.GBP.5.breakeven_rate", lambda c: c["breakevens"][0].update(provenance=""), "provenance: expected sourced"),
    ("no_currencies", "currencies", lambda c: c.update(currencies=[]), "There are no currencies"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "place", "spoil", "reason"), FAULTS, ids=[f[0] for f in FAULTS])
def test_faults_stand_at_their_cell(code: str, place: str, spoil: Callable[[dict[str, Any]], Any], reason: str) -> None:
    content = deepcopy(market_document()["content"])
    spoil(content)
    found = [
        problem for problem in content_problems(MARKETS, content) if (problem.code, problem.place) == (code, place)
    ]
    assert found, content_problems(MARKETS, content)
    assert reason in found[0].message


def test_everybody_reads_it_by_currency(market: MarketSet, sponsor: User, signed_in: SignIn) -> None:
    client = signed_in(sponsor)
    assert market.get_absolute_url() in client.get(reverse("market-list")).content.decode()
    page = client.get(market.get_absolute_url()).content.decode()
    for words in ("Zero curve, GBP", "Spreads over the curve, JPY", "senior BBB, 7 years", "4.2%", "210 bps"):
        assert words in page
    assert reverse("market-list") in client.get(reverse("rules-list")).content.decode()


def test_the_work_page_has_a_part_a_currency(market: MarketSet, admin: User, signed_in: SignIn) -> None:
    draft = copy_version(by=admin, version=market)
    client = signed_in(admin)
    page = client.get(draft.admin_url(), {"part": "EUR"}).content.decode()
    assert 'name="spreads.EUR.mezzanine.BB.50.cap_bps|value"' in page
    typed = {"curves.EUR.5.zero_rate|value": "2.55%", "curves.EUR.5|provenance": "sourced", "curves.EUR.5|source": "x"}
    client.post(draft.admin_url(), {"do": "save", "part": "EUR", "revision": "1", **typed})
    draft.refresh_from_db()
    assert draft.terms().market_for("EUR").zero_rate(5) == 0.0255


MARKETS_READ = MarketSet(content=market_document()["content"]).terms()
