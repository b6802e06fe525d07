"""The limits of a lender: every cap and cover at, below and above its limit by hand, and what holds of any financing.

By hand means a flat rent and no inflation: cash is 40,000 kW x 110 x 95% x 85% x 99% every month, so that a loan's size,
cover and value are one annuity each.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from engine.deal.detail import rating_checks
from engine.deal.judgement import T_MEZZ_NOTCH, TOTAL_SIZE, total_advance_limit
from engine.deal.reasons import REASONS
from engine.deal.structure import Structure, price, run_scenario
from engine.debt.sizing import size_debt
from engine.permutations import AMORTISATIONS, Case, evaluate
from engine.ratings.scale import NOT_RATED, rating_label
from engine.waterfall.terms import MEZZ_PRINCIPAL, SENIOR_BALANCE
from tests.engine.book import BY_COST, BY_DSCR, BY_GAP, BY_GEARING, BY_REFINANCING, BY_TOTAL_ADVANCE, book_of
from tests.engine.cases import random_case, random_rules
from tests.engine.deals import LIGHT_GRID, NO_CAPS, UNCAPPED, deal, market_set

CASH = 40_000 * 110 * 0.95 * 0.85 * 0.99
FLAT = {"lease.indexation": "none", "construction.senior_cover": "none", "construction.mezz_cover": "none"}
STILL = {**LIGHT_GRID, "base_cpi_rate": 0.0, "structuring_fee_rate": 0.0, "stress_cpi_rates": []}
# Annuity of 15 years at 6% over 1.25x; mezzanine at 9% over 1.10x; nothing else among the uses.
LEVERS: dict[str, Any] = {
    "senior_tenor_years": [15], "senior_coupon_rate": [0.06], "senior_dscr": [1.25], "mezz_dscr": [1.1],
    "mezz_coupon_rate": [0.09], "dsra_months": [0],
}  # fmt: skip
ARD: dict[str, Any] = {**LEVERS, "senior_tenor_years": [7], "senior_amortisation": ["interest_only"]}
ALONE = {"mezzanine": ["none"]}
RICH = {"valuation.appraisal_amount": 1e12}


def annuity(rate: float, months: int) -> float:
    return (1 - (1 + rate) ** -months) / rate


SENIOR = CASH / 1.25 * annuity(0.005, 180)
MEZZ = (CASH / 1.1 - CASH / 1.25) * annuity(0.0075, 180)


def flat(axes: dict[str, Any] | None = None, cost: float = 1e9, **changes: Any) -> Case:
    project = {**FLAT, "capex.internal.lines": {"build": cost}, **changes.get("project", {})}
    rules = {**NO_CAPS, **changes.get("rules", {})}
    return deal(
        {**LEVERS, **(axes or {})}, project, {**STILL, **changes.get("terms", {})}, rules, market=changes.get("market")
    )


def row(case: Case) -> dict[str, float]:
    """Result columns of a case's only financing."""
    return at(evaluate(case, np.zeros(1, dtype=np.int64)).columns, 0)


def at(columns: dict[str, Any], k: int) -> dict[str, float]:
    """One row of the columns that are numbers."""
    return {name: float(values[k]) for name, values in columns.items() if values.dtype.kind in "fi"}


def said(found: dict[str, float]) -> str:
    return REASONS[int(found["reason"])]


# Caps


@pytest.mark.parametrize(("share", "by"), [(1.000001, BY_DSCR), (0.999999, BY_GEARING), (0.5, BY_GEARING)])
def test_gearing_on_uses_below_and_above(share: float, by: int):
    """80% of the cost is the senior debt that cover carries, times this share."""
    found = row(flat(ALONE, SENIOR / 0.8 * share, rules={"general.max_gearing_ratio": 0.8}))
    assert found["senior_amount"] == pytest.approx(SENIOR * min(share, 1.0), rel=1e-12)
    assert found["sized_by"] == by
    assert found["equity_ratio"] == pytest.approx(1 - found["senior_amount"] / (SENIOR / 0.8 * share), rel=1e-9)


def test_gearing_counts_what_the_debt_itself_costs():
    """Fees of 2% and 3m, six months of level service, a tenth of a quarter as margin, 24 months of interest pre-funded.

    B = 80% of (cost + 3m + B x (2% + 6 level + 2.5% + 24 x 0.5%)).
    """
    level = 1 / annuity(0.005, 180)
    per_unit = 0.02 + 6 * level + 0.025 + 24 * 0.005
    balance = 0.8 * (200e6 + 3e6) / (1 - 0.8 * per_unit)
    found = row(flat({**ALONE, "dsra_months": [6], "trs_share": [0.25]}, 200e6, rules={"general.max_gearing_ratio": 0.8},
                     terms={"structuring_fee_rate": 0.02, "structuring_fee_fixed_amount": 3e6},
                     project={"construction.senior_cover": "dsra"}))  # fmt: skip
    assert (found["senior_amount"], found["sized_by"]) == (pytest.approx(balance, rel=1e-12), BY_GEARING)  # type: ignore[comparison-overlap]
    assert found["uses_amount"] == pytest.approx(203e6 + balance * per_unit, rel=1e-12)
    assert found["equity_ratio"] == pytest.approx(0.2, rel=1e-12)


def test_gearing_holds_both_tranches_and_capitalised_interest_is_discounted():
    """Proceeds of a balance that grows by 24 months at 0.5% and 0.75%: both together are 80% of 500m."""
    both = {"construction.senior_cover": "capitalised", "construction.mezz_cover": "capitalised"}
    cost = (SENIOR / 1.005**24 + 10e6) / 0.8
    found = row(flat(cost=cost, project=both, rules={"general.max_gearing_ratio": 0.8}))
    assert (found["sized_by"], found["mezz_sized_by"]) == (BY_DSCR, BY_GEARING)
    assert found["senior_proceeds_amount"] == pytest.approx(SENIOR / 1.005**24, rel=1e-12)
    assert found["mezz_proceeds_amount"] == pytest.approx(10e6, rel=1e-9)
    assert found["mezz_amount"] == pytest.approx(10e6 * 1.0075**24, rel=1e-9)


@pytest.mark.parametrize(("share", "by"), [(1.000001, BY_DSCR), (0.999999, BY_GEARING)])
def test_gearing_on_market_cost(share: float, by: int):
    """The project's market cost is 500m: 60% of it, whatever is spent."""
    limit = SENIOR / 500e6 * share
    rules = {"general.max_gearing_ratio": limit, "general.gearing_basis": "market_cost"}
    found = row(flat(ALONE, rules=rules, terms={"structuring_fee_rate": 0.05}))
    assert (found["senior_amount"], found["sized_by"]) == (pytest.approx(SENIOR * min(share, 1.0), rel=1e-12), by)  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(("share", "by"), [(1.000001, BY_DSCR), (0.999999, BY_COST)])
def test_senior_is_no_more_than_cost(share: float, by: int):
    """Fees of 10% leave room under the uses, not under the cost."""
    found = row(flat(ALONE, SENIOR * share, terms={"structuring_fee_rate": 0.1}))
    assert (found["senior_amount"], found["sized_by"]) == (pytest.approx(SENIOR * min(share, 1.0), rel=1e-12), by)  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(("share", "by"), [(1.000001, BY_DSCR), (0.999999, BY_GAP), (0.5, BY_GAP)])
def test_mezzanine_is_a_share_of_what_senior_leaves(share: float, by: int):
    """Half of the gap is the mezzanine that cover carries, times this share."""
    found = row(flat(cost=SENIOR + 2 * MEZZ * share, rules={"general.max_mezz_share_of_gap": 0.5}))
    assert (found["mezz_amount"], found["mezz_sized_by"]) == (pytest.approx(MEZZ * min(share, 1.0), rel=1e-9), by)  # type: ignore[comparison-overlap]
    assert found["sized_by"] == BY_DSCR


@pytest.mark.parametrize(("share", "by"), [(1.000001, BY_DSCR), (0.999999, BY_TOTAL_ADVANCE), (0.9, BY_TOTAL_ADVANCE)])
def test_all_debt_is_held_to_the_haircut_value(share: float, by: int):
    """75% of 79% of the appraisal is senior and mezzanine as cover carries them, times this share."""
    value = (SENIOR + MEZZ) * share / 0.75 / 0.79
    found = row(flat(project={"valuation.appraisal_amount": value}, rules={"general.max_total_advance_ratio": 0.75}))
    assert found["mezz_amount"] == pytest.approx((SENIOR + MEZZ) * min(share, 1.0) - SENIOR, rel=1e-9)
    assert (found["sized_by"], found["mezz_sized_by"]) == (BY_DSCR, by)
    alone = row(flat(ALONE, project={"valuation.appraisal_amount": SENIOR * 0.9 / 0.75 / 0.79},
                     rules={"general.max_total_advance_ratio": 0.75}))  # fmt: skip
    assert (alone["senior_amount"], alone["sized_by"]) == (pytest.approx(SENIOR * 0.9), BY_TOTAL_ADVANCE)  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(
    ("advance", "rating", "limit", "by"),
    [(0.749999, "BBB", 0.75, BY_DSCR), (0.75, "BBB", 0.75, BY_DSCR), (0.750001, "BB", 0.85, BY_DSCR),
     (0.849999, "BB", 0.85, BY_DSCR), (0.85, "BB", 0.85, BY_DSCR), (0.850001, "BB", 0.85, BY_TOTAL_ADVANCE)],
)  # fmt: skip
def test_a_mezzanine_is_rated_no_better_than_its_total_advance_allows(
    advance: float, rating: str, limit: float, by: int
):
    """All debt as cover carries it at a share of the haircut value; 75% behind BBB, 85% behind BB and of all debt."""
    ladder = [{**ard_limits()[0], "rating": each, "max_total_advance_ratio": most}
              for each, most in (("BBB", 0.75), ("BB", 0.85))]  # fmt: skip
    case = flat(project={"valuation.appraisal_amount": (SENIOR + MEZZ) / advance / 0.79},
                rules={"criteria": ladder, "general.max_total_advance_ratio": 0.85})  # fmt: skip
    found, (judged, *_) = row(case), rating_checks(price(case.deal_of(0)))
    assert (rating_label(int(found["mezz_rating_notch"])), found["mezz_sized_by"]) == (rating, by)
    assert found["total_agency_ltv_ratio"] == pytest.approx(min(advance, 0.85), rel=1e-12)
    check = next(each for each in judged.checks if each.code == "criterion_18")
    assert check.value == pytest.approx(min(advance, 0.85), rel=1e-12)
    assert (check.limit, check.passed) == (limit, True)
    assert case.rules.total_advance_limit("UK", int(found["mezz_rating_notch"])) == limit


def test_debt_without_a_mezzanine_is_held_to_the_limit_of_all():
    ladder = [{**ard_limits()[0], "max_total_advance_ratio": 0.75}]
    case = flat(ALONE, project={"valuation.appraisal_amount": SENIOR / 0.8 / 0.79},
                rules={"criteria": ladder, "general.max_total_advance_ratio": 0.85})  # fmt: skip
    check = next(each for each in rating_checks(price(case.deal_of(0)))[0].checks if each.code == "criterion_18")
    assert check.value == pytest.approx(0.8, rel=1e-12)
    assert (check.limit, check.passed) == (0.85, True)


def test_headroom_lifts_cost_and_gearing_and_says_what_is_released():
    """15% above uses of 150m: 172.5m of debt, 22.5m released at close."""
    found = row(flat({**ALONE, "over_raise_ratio": [0.15]}, 150e6, rules={"general.max_gearing_ratio": 0.8}))
    assert found["senior_amount"] == pytest.approx(172.5e6, rel=1e-12)
    assert found["cash_released_amount"] == pytest.approx(22.5e6, rel=1e-9)
    assert found["equity_ratio"] == pytest.approx(-0.15, rel=1e-9)


def test_debt_that_fills_its_cap_leaves_no_equity_and_no_crumb_of_mezzanine():
    """All of the uses by senior alone: no equity, so no return; and no mezzanine of a last digit."""
    found = row(flat(cost=123_456_789.01, terms={"structuring_fee_rate": 0.0123}))
    assert found["sized_by"] == BY_COST
    full = row(flat({"over_raise_ratio": [0.0]}, 123_456_789.01))
    assert (full["sponsor_equity_amount"], full["equity_ratio"], full["mezz_amount"]) == (0.0, 0.0, 0.0)
    assert np.isnan(full["sponsor_irr_rate"])
    assert np.isnan(full["sponsor_multiple"])
    assert (full["instruments"], full["mezz_rating_notch"]) == (0.0, -1.0)


# Gate A


def test_coverage_counts_the_value_of_equity_at_its_target():
    """Debt, and cash after service discounted at 15% a year from close: 24 months of building, 15 years, 5 years free."""
    monthly = 1.15 ** (1 / 12) - 1
    left = CASH - SENIOR / annuity(0.005, 180) - MEZZ / annuity(0.0075, 180)
    value = (left * annuity(monthly, 180) + CASH * annuity(monthly, 60) * 1.15**-15) * 1.15**-2
    covered = (SENIOR + MEZZ + value) / 1e9
    found = row(flat(rules={"general.capex_coverage_min_ratio": covered}))
    assert found["coverage_ratio"] == pytest.approx(covered, rel=1e-12)
    assert said(found) != "INSUFFICIENT_CAPITAL"
    assert said(row(flat(rules={"general.capex_coverage_min_ratio": covered * (1 - 1e-6)}))) != "INSUFFICIENT_CAPITAL"
    assert said(row(flat(rules={"general.capex_coverage_min_ratio": covered * (1 + 1e-6)}))) == "INSUFFICIENT_CAPITAL"


def test_equity_behind_an_ard_waits_for_interest_of_both_then_senior_then_mezzanine():
    """6% and 9% to year 7, then 8% and 11%: cash less mezzanine interest repays senior, then all of it the mezzanine.

    Senior first, as if the mezzanine were paid nothing meanwhile, would leave it 11% on 11% and equity its cash later.
    """
    structure = price(flat(ARD).deal_of(0))
    senior, mezz, rate, behind = structure.senior.amount, structure.mezz.amount, 0.08 / 12, 0.11 / 12
    sweep = CASH - mezz * behind
    turn = int(-np.log(1 - senior * rate / sweep) / np.log(1 + rate))
    owed = senior * (1 + rate) ** turn - sweep * ((1 + rate) ** turn - 1) / rate
    mezz_left = mezz - (sweep - owed * (1 + rate))
    more = int(-np.log(1 - mezz_left * behind / CASH) / np.log(1 + behind))
    last = mezz_left * (1 + behind) ** more - CASH * ((1 + behind) ** more - 1) / behind
    waits = turn + 1 + more
    left = [CASH - senior * 0.005 - mezz * 0.0075] * 84 + [0.0] * waits + [CASH - last * (1 + behind)]
    left += [CASH] * (240 - len(left))
    assert (turn, waits) == (140, 152)
    assert structure.work.residual == pytest.approx(np.array(left), rel=1e-9, abs=1e-3)
    value = sum(cash * 1.15 ** -((24 + m) / 12) for m, cash in enumerate(left, start=1))
    assert row(flat(ARD))["coverage_ratio"] == pytest.approx((senior + mezz + value) / 1e9, rel=1e-12)


@pytest.mark.parametrize(
    ("indexation", "reason"),
    [("cpi", "None"), ("none", "SWAP_WITHOUT_INDEXED_RENT"), ("fixed", "SWAP_WITHOUT_INDEXED_RENT")],
)
def test_a_swap_stands_only_on_rent_that_follows_cpi(indexation: str, reason: str):
    found = row(flat({**ALONE, "zcis_tenor_years": [10]}, project={"lease.indexation": indexation, **RICH}))
    assert said(found) == reason


# Interest only


def test_notes_with_an_ard_are_read_on_the_lower_of_two_covers():
    """Level payment at 7% over the lease's 20 years against interest at 6%; the ARD's cover is 13 years of cash."""
    structure = price(flat({**ARD, **ALONE}, project=RICH).deal_of(0))
    found, balance = row(flat({**ARD, **ALONE}, project=RICH)), structure.senior.amount
    refinanced = CASH / 1.25 * annuity(0.07 / 12, 156)
    assert balance == pytest.approx(min(CASH / 1.25 / 0.005, refinanced), rel=1e-12)
    assert found["sized_by"] == BY_REFINANCING
    assert found["icr"] == pytest.approx(CASH / (0.005 * balance), rel=1e-12)
    assert found["notional_dscr_minimum"] == pytest.approx(CASH * annuity(0.07 / 12, 240) / balance, rel=1e-12)
    assert found["dscr_minimum"] == pytest.approx(min(found["icr"], found["notional_dscr_minimum"]), rel=1e-12)
    assert found["refinance_cover_ratio"] == pytest.approx(1.0, rel=1e-12)
    # In a lease of 30 years the level payment runs for 25, the refinancing for 23.
    long = row(flat({**ARD, **ALONE}, project={**RICH, "lease.term_years": 30}))
    assert long["senior_amount"] == pytest.approx(CASH / 1.25 * annuity(0.07 / 12, 276), rel=1e-12)
    assert long["notional_dscr_minimum"] == pytest.approx(
        CASH * annuity(0.07 / 12, 300) / long["senior_amount"], rel=1e-12
    )


def ard_limits(**limits: float) -> list[dict[str, Any]]:
    """One lenient BBB row with these limits."""
    lenient = {
        "jurisdiction": "UK", "rating": "BBB", "dscr_minimum": 1.0, "dscr_average": 1.0, "stressed_dscr": 0.5,
        "max_advance_ratio": 1.5, "max_tenor_years": 30, "llcr": 1.0, "icr": 0.5, "amortisations": list(AMORTISATIONS),
    }  # fmt: skip
    return [{**lenient, **limits}]


BALANCE = CASH / 1.25 * annuity(0.07 / 12, 156)
AFTER_ARD = CASH * annuity(0.005, 156) / BALANCE


@pytest.mark.parametrize(
    ("limit", "at", "is_floor", "reason"),
    [
        ("max_ard_years", 7.0, False, "ARD_TOO_LATE"),
        ("ard_plcr", AFTER_ARD, True, "PLCR_BELOW_FLOOR"),
        ("max_balloon_ratio", 1.0, False, "BALLOON_TOO_LARGE"),
        # The cash of the year after the ARD is that of the first: the value stands, and the advance is the LTV itself.
        ("max_advance_ratio", 0.5, False, "ADVANCE_FACTOR_BREACH"),
        ("dscr_minimum", CASH * annuity(0.07 / 12, 240) / BALANCE, True, "DSCR_MINIMUM_BELOW_FLOOR"),
        ("icr", CASH / (0.005 * BALANCE), True, "ICR_BELOW_FLOOR"),
    ],
)
def test_an_ard_note_at_each_limit_of_its_rating(limit: str, at: float, is_floor: bool, reason: str):
    project = {"valuation.appraisal_amount": BALANCE / 0.79 / 0.5}
    inside, outside = (at * (1 - 1e-6), at * (1 + 1e-6)) if is_floor else (at * (1 + 1e-6), at * (1 - 1e-6))
    found = {
        value: said(row(flat({**ARD, **ALONE}, project=project, rules={"criteria": ard_limits(**{limit: value})},
                             terms={"near_miss_ratio": 0.0})))
        for value in {at, outside, *([] if limit == "max_balloon_ratio" else [inside])}
    }  # fmt: skip
    assert found.pop(outside) == reason
    assert set(found.values()) == {"None"}


def test_the_balloon_is_held_to_the_value_at_the_ard():
    """Rent falls by 3% a year: after 7 years the value is 0.97^7 of today's, and so is what may stand against it."""
    project = {"lease.indexation": "fixed", "lease.fixed_indexation_rate": -0.03}
    axes = {**ARD, **ALONE, "senior_dscr": [1.4]}
    balance = row(flat(axes, project={**project, **RICH}))["senior_amount"]
    first = CASH / 0.99 * 12
    # Costs do not fall with the rent: 15% of the first year's rent.
    rent, costs = first / 0.85, first / 0.85 * 0.15
    shrunk = (rent * 0.97**7 - costs) / first
    for advance, reason in ((0.8001, "None"), (0.7999, "BALLOON_ABOVE_ADVANCE")):
        value = {"valuation.appraisal_amount": balance / 0.79 / 0.8 / shrunk}
        found = row(flat(axes, project={**project, **value}, rules={"criteria": ard_limits(max_advance_ratio=advance)},
                         terms={"near_miss_ratio": 0.0}))  # fmt: skip
        assert said(found) == reason, shrunk


def test_behind_an_ard_the_mezzanine_stands_to_it_and_both_are_refinanced_together():
    """Total cover 1.10: both balloons are 13 years of a tenth less cash; swept in turn after it."""
    case = flat({**ARD, "mezz_amortisation": ["annuity"], "mezz_tenor_years": [3]})
    structure = price(case.deal_of(0))
    together = CASH / 1.1 * annuity(0.07 / 12, 156)
    assert structure.senior.amount + structure.mezz.amount == pytest.approx(together, rel=1e-12)
    assert (structure.mezz.maturity, structure.mezz.sized_by) == (84, BY_REFINANCING)
    assert (structure.work.mezz_schedule[:240] == structure.mezz.amount).all()
    assert structure.work.mezz_schedule[240] == 0.0


# All debt, stress and coupon


@pytest.mark.parametrize(("floor", "reason"), [(1.0999, "None"), (1.1, "None"), (1.1001, "TOTAL_DSCR_BELOW_FLOOR")])
def test_total_cover_is_what_the_mezzanine_was_sized_on(floor: float, reason: str):
    found = row(flat(project=RICH, rules={"general.min_total_dscr": floor}, terms={"near_miss_ratio": 0.0}))
    assert found["total_dscr_minimum"] == pytest.approx(1.1, rel=1e-9)
    assert found["dscr_minimum"] == pytest.approx(1.25, rel=1e-9)
    assert said(found) == reason


@pytest.mark.parametrize(("lost", "reason"), [(0.1599, "None"), (0.16, "None"), (0.1601, "RATING_STRESS_FAILED")])
def test_a_rating_survives_its_scenario_at_its_own_floor(lost: float, reason: str):
    """BBB's floor of 1.05 over 1.25 is 84% of the rent."""
    stress = [{"rating": "BBB", "default_ratio": lost}]
    found = row(
        flat(
            {**ALONE, "dsra_months": [6]},
            project=RICH,
            rules={"rating_stresses": stress},
            terms={"near_miss_ratio": 0.0},
        )
    )
    assert said(found) == reason


@pytest.mark.parametrize(("months", "defaults"), [(0, 1), (1, 0)])
def test_a_scenario_that_cash_and_reserve_do_not_pay_is_a_default(months: int, defaults: int):
    """A quarter of the rent gone for a year pays 0.9375 of each service: three quarters of one service is short in all."""
    grid = {"stress_rate_shifts_bps": [], "stress_default_ratios": [0.25]}
    case = flat({**ALONE, "dsra_months": [months]}, project=RICH, terms=grid)
    found, stress = row(case), evaluate(case, np.zeros(1, dtype=np.int64)).stress
    assert stress["stressed_dscr"].tolist() == pytest.approx([1.25, 0.9375])
    assert stress["defaulted"].tolist() == [0, defaults]
    assert (stress["rating_notch"][1] == 22) == bool(defaults)
    assert (found["stress_defaults"], found["stress_passed"]) == (defaults, 0)


@pytest.mark.parametrize(
    ("coupon", "margin_bps", "reason", "dear"),
    [(0.0499, -1.0, "COUPON_INSIDE_MARKET", False), (0.05, 0.0, "None", False), (0.0501, 1.0, "None", False),
     (0.075, 250.0, "None", False), (0.0751, 251.0, "None", True)],
)  # fmt: skip
def test_a_coupon_below_fair_fails_and_one_above_the_cap_is_told(
    coupon: float, margin_bps: float, reason: str, dear: bool
):
    """4% and 100 bps at any rating and life; 250 more are the cap."""
    case = flat(
        {**ALONE, "senior_coupon_rate": [coupon]}, project=RICH, market=market_set(), terms={"near_miss_ratio": 0.0}
    )
    found = row(case)
    assert (said(found), found["senior_fair_coupon_rate"]) == (reason, pytest.approx(0.05))  # type: ignore[comparison-overlap]
    assert found["senior_coupon_margin_bps"] == pytest.approx(margin_bps, abs=1e-9)
    assert (int(max(found["flags"], 0)) & 128 > 0) == dear


@pytest.mark.parametrize(("coupon", "reason"), [(0.0699, "MEZZ_COUPON_INSIDE_MARKET"), (0.07, "None")])
def test_the_mezzanine_has_a_fair_coupon_of_its_own(coupon: float, reason: str):
    found = row(
        flat(
            {"mezz_coupon_rate": [coupon], "mezz_dscr": [1.2]},
            project=RICH,
            market=market_set(),
            terms={"near_miss_ratio": 0.0},
        )
    )
    assert (said(found), found["mezz_fair_coupon_rate"]) == (reason, pytest.approx(0.07))  # type: ignore[comparison-overlap]


def test_a_tenants_cap_and_a_narrow_miss_of_all_debt_are_no_near_miss():
    """A tenant of CCC- keeps BBB out of reach; total cover 1% short is a second failure."""
    weak = {**RICH, "credit.tenant_rating": "CCC-"}
    found = row(flat(project=weak, rules={"general.min_total_dscr": 1.11}))
    assert (said(found), found["near_miss"]) == ("TENANT_RATING_CAP", 0)
    assert row(flat(project=RICH, rules={"general.min_total_dscr": 1.11}))["near_miss"] == 1


# Sculpted debt against a linear programme


def largest_balance(capacity: np.ndarray, rate: float, periods: int, grace: int = 0) -> float:
    """The most that can be lent: service within capacity in each period, no principal below nil, all repaid.

    Variables: the balance, then principal of each period. Interest of period t is on what stands before it.
    """
    n = periods
    owed = np.zeros((n, n + 1))
    for t in range(n):
        owed[t, 0] = rate
        owed[t, 1 : t + 1] = -rate
        owed[t, t + 1] += 1.0
    repaid = np.concatenate([[-1.0], np.ones(n)])[None, :]
    bounds = [(0, None), *[(0, 0 if t < grace else None) for t in range(n)]]
    found = linprog(np.concatenate([[-1.0], np.zeros(n)]), owed, capacity[:n], repaid, [0.0], bounds, method="highs")
    return float(found.x[0]) if found.success else 0.0


paths = st.lists(st.floats(0.0, 100.0), min_size=2, max_size=40).map(np.array)


@settings(max_examples=80, deadline=None)
@given(paths, st.floats(1e-4, 0.05), st.integers(0, 12), st.integers(0, 39), st.floats(0.0, 1.0))
def test_sculpted_debt_is_the_largest_that_can_be_repaid(capacity, rate, grace, at, kept):
    """Any cash, with a void at one place."""
    capacity[min(at, capacity.size - 1)] *= kept
    periods = capacity.size
    sized = size_debt(AMORTISATIONS.index("sculpted"), capacity, rate, periods, grace, rate, periods)
    expected = largest_balance(capacity, rate, periods, min(grace, periods - 1))
    assert sized == pytest.approx(expected, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("grace", "project"),
    [
        (0, {}),
        (24, {}),
        (60, {"lease.indexation": "cpi"}),
        (24, {"lease.indexation": "fixed", "lease.fixed_indexation_rate": -0.02}),
        (12, {"revenue.lease_type": "gross", "revenue.electricity_price_per_mwh": 20, "revenue.electricity_escalation_rate": 0.09}),
    ],
)  # fmt: skip
def test_sculpted_mezzanine_behind_a_grace_period_is_the_largest_its_cash_repays(grace: int, project: dict[str, Any]):
    """Senior service jumps where its grace ends: what is left for the mezzanine falls below what came before."""
    case = flat({"grace_months": [grace], "mezz_amortisation": ["sculpted"], **UNCAPPED}, project={**project, **RICH})
    twin, structure = book_of(case, 0), price(case.deal_of(0))
    senior = twin.tranches[0]
    capacity = twin.cfads(twin.base) / 1.1 - senior.service()
    assert structure.mezz.amount == pytest.approx(largest_balance(capacity, 0.0075, 180), rel=1e-6)
    schedule = structure.work.mezz_schedule
    assert (np.diff(schedule) <= 1e-6).all()
    service = schedule[:180] * 1.0075 - schedule[1:181]
    assert (service <= capacity[:180] + 1e-3).all()


# Of any financing

seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=40, deadline=None)
@given(seeds)
def test_debt_is_within_its_caps(seed: int):
    case = random_case(seed, 24)
    rules, columns = case.rules, evaluate(case, np.arange(case.levers.size)).columns
    for k in np.flatnonzero(np.isfinite(columns["senior_amount"])).tolist():
        book, found = book_of(case, k), at(columns, k)
        raised = found["senior_proceeds_amount"] + found["mezz_proceeds_amount"]
        headroom = book.levers.get("over_raise_ratio")
        lifted = 1.0 if headroom is None else 1.0 + headroom
        basis = found["uses_amount"] if rules.gearing_basis == "uses" else book.market_cost
        slack = 1 + 1e-9
        assert found["senior_proceeds_amount"] <= lifted * book.cost * slack
        assert raised <= (rules.max_gearing_ratio if headroom is None else lifted) * basis * slack
        advanced = found["senior_amount"] + found["mezz_amount"]
        assert advanced <= rules.max_total_advance_ratio * max(book.agency_value, 0.0) * slack
        if rules.max_mezz_share_of_gap < 1:
            gap = max(book.cost - found["senior_proceeds_amount"], 0.0)
            assert found["mezz_proceeds_amount"] <= rules.max_mezz_share_of_gap * gap + 1e-9 * book.cost
        assert (found["mezz_sized_by"] == 0) <= (found["mezz_amount"] == 0.0)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_equity_is_a_fifth_of_the_uses_without_headroom(seed: int):
    case = random_case(seed, 24)
    general = {"max_gearing_ratio": 0.8, "lease_tail_years": 0, "capex_coverage_min_ratio": 0.0}
    drawn = random_rules(np.random.default_rng(seed))
    rows = [{name: getattr(each, name) for name in each.__slots__} for each in drawn.criteria]
    rules = type(drawn).from_dict({"criteria": rows, "general": general})
    columns = evaluate(Case(case.inputs, case.terms, rules, case.levers), np.arange(case.levers.size)).columns
    for k in np.flatnonzero(np.isfinite(columns["equity_ratio"])).tolist():
        if case.levers.levers_at(k).get("over_raise_ratio") is None:
            assert columns["equity_ratio"][k] >= 0.2 - 1e-9
            assert columns["cash_released_amount"][k] == 0.0


def ard_structures(seed: int) -> list[Structure]:
    """A random case whose notes have an ARD, with mezzanine behind them."""
    case = random_case(seed, 6)
    levers = {**{code: list(values) for code, values in case.levers.axes}, "senior_amortisation": ["interest_only"], "senior_tenor_years": [5], "mezz_dscr": [1.0],
              "senior_dscr": [1.15], "senior_coupon_rate": [0.045], "mezz_coupon_rate": [0.08], "mezzanine": ["sized"]}  # fmt: skip
    terms = {**case.terms.to_dict(), "balloon_mode": "sweep"}
    moved = Case(
        case.inputs,
        type(case.terms).from_dict(terms),
        case.rules,
        type(case.levers).from_dict({"axes": levers}),
    )
    built = [price(moved.deal_of(k)) for k in range(min(moved.levers.size, 3))]
    return [each for each in built if each.runs and each.mezz.amount > 0.0]


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_behind_an_ard_senior_is_repaid_before_any_mezzanine_principal(seed: int):
    """In the base case and in every scenario: while senior stands, the mezzanine is paid interest alone."""
    for structure in ard_structures(seed):
        for scenario in structure.deal.grid:
            periods = run_scenario(structure, scenario).periods
            standing = periods[:, SENIOR_BALANCE] > 1e-9 * structure.senior.amount
            assert (periods[standing, MEZZ_PRINCIPAL] <= 1e-6).all(), scenario.label


@pytest.mark.parametrize("seed", range(20))
def test_both_readers_of_the_total_advance_say_the_same(seed: int):
    """The rule set's sentence about a rating and the kernel's about packed rows, on ladders of any length."""
    draw = np.random.default_rng(seed)
    labels = ("AAA", "AA", "A", "A-", "BBB", "BBB-", "BB", "B")
    kept = np.flatnonzero(draw.random(8) < 0.6) if seed else np.arange(8)
    rising = np.sort(draw.uniform(0.3, 1.4, kept.size)).tolist()
    ladder = [
        {**ard_limits()[0], "rating": labels[at], "max_total_advance_ratio": most}
        for at, most in zip(kept, rising, strict=True)
    ][:: draw.choice([1, -1])]
    case = flat(rules={"criteria": ladder, "general.max_total_advance_ratio": float(draw.uniform(0.3, 1.4))})
    totals = np.full(TOTAL_SIZE, np.nan)
    for notch in range(1, NOT_RATED + 1):
        totals[T_MEZZ_NOTCH] = notch
        assert total_advance_limit(case.resolved, totals) == case.rules.total_advance_limit("UK", notch)
    totals[T_MEZZ_NOTCH] = np.nan
    assert total_advance_limit(case.resolved, totals) == case.rules.max_total_advance_ratio
