"""What investors ask of a class: published figures, sums by hand, and prices that come back."""

from __future__ import annotations

import numpy as np
import pytest

from engine.errors import CalculationError
from engine.market.curves import Curve
from engine.notes.content import read_behaviour, read_pool, read_structure
from engine.notes.measures import (
    ClassFlows,
    break_even_of,
    discount_margin_bps,
    effective_duration_years,
    enhancement_of,
    excess_spread_rate,
    flows_of,
    income_fall_to,
    life_years,
    measures_of,
    note_coupon_rate,
    price_at_margin,
    price_at_spread,
    price_ratio,
    property_gates,
    yield_rate,
    z_spread_bps,
)
from engine.notes.run import run_notes
from tests.engine.vectors import assert_matches, load
from tests.notes.deals import POOL, three

VECTORS = load("structured_finance_vectors.json")
BULLET = ClassFlows("A", 100.0, np.full(10, 3.0), np.array([0.0] * 9 + [100.0]), 6)


# Published


def test_enhancement_and_excess_spread_of_the_vectors():
    case, given = VECTORS["SF-11"], VECTORS["SF-11"]["inputs"]
    found = enhancement_of(given["tranches"], given["pool"])
    got = {
        "ce": {each.code: each.enhancement_ratio for each in found},
        "attachment": {each.code: each.attachment_ratio for each in found},
        "detachment": {each.code: each.detachment_ratio for each in found},
        "wa_note_coupon": note_coupon_rate(given["tranches"], given["coupons"]),
        "excess_spread_on_pool": excess_spread_rate(
            given["wac"], given["fee"], given["tranches"], given["coupons"], given["pool"]
        ),
    }
    assert_matches(got, case["expected"], "SF-11")


def test_a_life_of_the_vectors():
    case = VECTORS["SF-13"]
    principal = np.array(case["inputs"]["principal_monthly"])
    flows = ClassFlows("A", principal.sum(), np.zeros(principal.size), principal, 1)
    assert_matches({"wal": life_years(flows)}, case["expected"], "SF-13")


def test_data_centre_gates_of_the_vectors():
    case, given = VECTORS["SF-14"], VECTORS["SF-14"]["inputs"]
    balances = {"A": given["class_a"], "B": given["class_b"]}
    coupons = {"A": given["coupon_a"], "B": given["coupon_b"]}
    a, b = property_gates(given["noi"], given["value"], balances, coupons)
    trips, fall = income_fall_to(given["noi"], sum(balances[k] * coupons[k] for k in balances), given["cash_trap"])
    got = {
        "ltv_a": a.ltv_ratio, "ltv_ab": b.ltv_ratio, "debt_yield_a": a.debt_yield_rate, "debt_yield_ab": b.debt_yield_rate,
        "dscr_a": a.dscr_ratio, "dscr_ab": b.dscr_ratio, "noi_at_cash_trap": trips, "noi_fall_to_cash_trap": fall,
    }  # fmt: skip
    assert_matches(got, case["expected"], "SF-14")


# By hand


def test_a_bullet_at_par_yields_its_coupon():
    """6% a year half-yearly for five years: modified duration (1 - 1.03^-10) / 0.06; spread over 4% by its own sums."""
    found = measures_of(BULLET, 1.0, (0.05,), Curve(((5.0, 0.04),)))
    assert found.yield_rate == pytest.approx(0.06, rel=1e-10)
    assert found.wal_years == pytest.approx(5.0)
    assert found.modified_duration_years == pytest.approx((1.0 - 1.03**-10) / 0.06, rel=1e-10)
    assert found.discount_margin_bps == pytest.approx(100.0, abs=1e-6)
    assert found.z_spread_bps == pytest.approx((1.03**2 - 1.04) * 1e4, abs=1e-6)


@pytest.mark.parametrize("price", [0.85, 1.0, 1.07])
def test_prices_come_back_from_every_spread(price):
    index, curve = (0.02, 0.03, 0.035), Curve(((1.0, 0.02), (5.0, 0.03)))
    assert price_ratio(BULLET, yield_rate(BULLET, price)) == pytest.approx(price, rel=1e-10)
    assert price_at_margin(BULLET, discount_margin_bps(BULLET, price, index), index) == pytest.approx(price, rel=1e-10)
    assert price_at_spread(BULLET, z_spread_bps(BULLET, price, curve), curve) == pytest.approx(price, rel=1e-10)


def test_effective_duration_of_what_does_not_move_is_the_modified_one():
    up, base, down = (price_ratio(BULLET, 0.06 + shift) for shift in (1e-4, 0.0, -1e-4))
    assert effective_duration_years(up, base, down, 1.0) == pytest.approx((1.0 - 1.03**-10) / 0.06, rel=1e-6)


def test_a_price_nobody_pays_has_no_spread():
    nothing = ClassFlows("Z", 100.0, np.zeros(4), np.zeros(4), 3)
    assert np.isnan(discount_margin_bps(nothing, 1.0, (0.0,)))
    assert np.isnan(measures_of(nothing, 1.0).yield_rate)
    assert np.isnan(life_years(nothing))
    with pytest.raises(CalculationError):
        enhancement_of({"A": 1.0}, 0.0)


def test_the_flows_of_a_class_are_those_of_the_run():
    """A is repaid 175, 175 and 250 of 600 in months 1 to 3: (175 + 350 + 750) / 600 / 12 years at 3.6%."""
    result = run_notes(read_structure(three()), read_pool(POOL), read_behaviour({}))
    a = flows_of(result, "A")
    assert life_years(a) == pytest.approx(1275.0 / 600.0 / 12.0)
    assert yield_rate(a, 1.0) == pytest.approx(0.036, rel=1e-9)


def test_break_evens_by_hand():
    """One bullet of 1,000 in two months under notes of 900: what is lost of it may be 100, no income counts.

    A month's default rate d loses sev x (1 - (1 - d)^2) x 1,000: at 50% severity 20% may default.
    """
    pool = read_pool(
        {"loans": [{"code": "L", "currency": "EUR", "balance_amount": 1000.0, "coupon_rate": 0.0, "remaining_months": 2, "amortisation": "interest_only"}]}
    )  # fmt: skip
    structure = read_structure(
        {
            "code": "ONE", "name": "One class", "currency": "EUR", "closing_date": "2026-01-15", "payment_frequency_months": 1,
            "classes": [{"code": "A", "name": "Class A", "balance_amount": 900.0}],
            "interest_steps": [{"kind": "interest", "target": "A"}, {"kind": "residual"}],
            "principal_steps": [{"kind": "principal"}, {"kind": "residual"}],
        }
    )  # fmt: skip
    behaviour = read_behaviour({"default_kind": "cdr", "default": 0.2, "severity_ratio": 0.5})
    found = break_even_of(structure, pool, behaviour, "A")
    assert found.cdr is not None
    assert found.cdr == pytest.approx(1.0 - 0.8 ** (12 / 2), rel=1e-6)
    assert found.first_loss_multiple == pytest.approx(found.cdr / 0.2)
    assert found.severity_ratio is None or found.severity_ratio > 1.0 - 1e-6
    harsh = read_behaviour({"default_kind": "cdr", "default": 1.0 - 0.5**6, "severity_ratio": 0.5})
    assert break_even_of(structure, pool, harsh, "A").severity_ratio == pytest.approx(0.2, rel=1e-6)
