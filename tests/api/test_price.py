"""Pricing directly: against a market, coupons are tested; without one they are not."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from engine.market.sets import TABLES
from financings.pricing import price_directly
from lib.errors import Invalid
from projects.demo import demo_document
from projects.models import DATA_CENTRE
from ratings.models import MarketSet
from ratings.queries import rule_set_for
from ratings.services import seed_market_sets, seed_rule_sets
from tests.api.cast import Program

pytestmark = pytest.mark.django_db


@pytest.fixture
def market(db: None) -> MarketSet:
    seed_rule_sets()
    (seeded,) = seed_market_sets()
    return seeded


def priced(admin: User, market_set: object = None) -> Any:
    """The answer for the demo's inputs, its levers closed."""
    inputs = demo_document(timezone.localdate())["inputs"]
    return Program(admin, ["read", "run"]).post(
        "price", {"inputs": inputs, "market_set": market_set and str(market_set)}
    )


def test_a_market_tells_what_the_notes_clear_at_and_refuses_less(admin: User, market: MarketSet):
    free = priced(admin).json()["figures"]
    assert free["senior_fair_coupon_rate"] is None
    assert (free["rating_notch"], free["mezz_rating_notch"], free["gate"]) == (6, 9, 2)

    tested = priced(admin, market.code).json()
    figures = tested["figures"]
    # Sterling is 4.2% at every life. An A clears at 150 bps to seven years, BBB mezzanine at 350, each year more 5.
    senior_rate = 0.042 + (150 + 5 * (free["senior_wal_years"] - 7)) / 10_000
    mezz_rate = 0.042 + (350 + 5 * (free["mezz_wal_years"] - 7)) / 10_000
    assert figures["senior_fair_coupon_rate"] == pytest.approx(senior_rate, abs=1e-12)
    assert figures["mezz_fair_coupon_rate"] == pytest.approx(mezz_rate, abs=1e-12)
    coupon_rate = tested["detail"]["levers"]["senior_coupon_rate"]
    assert figures["senior_coupon_margin_bps"] == pytest.approx((coupon_rate - senior_rate) * 10_000, abs=1e-8)
    assert figures["senior_coupon_margin_bps"] < 0
    assert figures["gate"] == 1


def test_a_currency_without_market_is_told_at_the_market(admin: User, market: MarketSet):
    left = {name: [row for row in market.content[name] if row["currency"] != "GBP"] for name in TABLES}
    with pytest.raises(Invalid) as refused:
        price_directly(
            by=admin,
            inputs=demo_document(timezone.localdate())["inputs"],
            terms={},
            choice={},
            rule_set=rule_set_for(DATA_CENTRE),
            market_set=MarketSet(content=market.content | left),
        )
    assert [(each.code, each.place) for each in refused.value.problems] == [("no_market", "market_set")]
    assert "GBP, it has EUR, USD, JPY" in refused.value.problems[0].message


def test_an_unknown_market_set_is_not_found(admin: User, market: MarketSet):
    assert priced(admin, uuid4()).status_code == 404
