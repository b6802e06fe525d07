"""The shared walk gives what one permutation at a time gives, straight from the paper."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.deal.result import ABOVE_MARKET
from engine.deal.structure import price, run_scenario
from engine.debt.kinds import MEZZ_AMORTISATIONS
from engine.errors import InputProblems
from engine.permutations import AMORTISATIONS, FLAGS, REASONS, LeverSet, evaluate, indices
from engine.waterfall.terms import COLUMNS
from tests.engine.book import Scenario, book_of
from tests.engine.book import price as plain_price
from tests.engine.brute_force import alive, assert_walk_is_brute_force, picked
from tests.engine.deals import LIGHT_GRID, NO_CAPS, RATING_STRESSES, SEED_RULES, UNCAPPED, deal, market_set

ALL_KINDS, MEZZ_KINDS = list(AMORTISATIONS), list(MEZZ_AMORTISATIONS)
DEBT = {"senior_tenor_years": [10, 15], "senior_amortisation": ALL_KINDS, "senior_dscr": [1.2, 1.35]}
HEDGED = {**DEBT, "zcis_tenor_years": [0, 5, 10], "trs_share": [0.0, 0.25]}


def light(axes: dict[str, Any] = DEBT, **changes: Any):
    """A small space under a light stress grid, its coverage gate and its caps open unless said."""
    terms = {**LIGHT_GRID, **changes.get("terms", {})}
    rules = {**NO_CAPS, **changes.get("rules", {})}
    return deal(axes, changes.get("project"), terms, rules, changes.get("filters"), changes.get("market"))


def rows(**limits: Any) -> list[dict[str, Any]]:
    """The seed's criteria with limits of one's own."""
    return [{**row, **limits} for row in SEED_RULES["criteria"]]


# Every feature of a deal, each with the smallest space that shows it.
FEATURES: dict[str, Any] = {
    "levels of rent, opex and PUE": light({**DEBT, "rent_per_kw_month": [95, 120], "opex_ratio": [0.1, 0.3], "pue": [1.1, 1.4]}),
    "indexation by name, floor and cap": light(
        {**DEBT, "indexation": ["none", "fixed", "cpi"], "cpi_floor_rate": [0.0, 0.025], "cpi_cap_rate": [0.01, 0.03]},
        project={"lease.fixed_indexation_rate": 0.015},
    ),
    "cpi with lag, spread and the lease's own collar": light(
        HEDGED,
        project={"lease.indexation_lag_months": 15, "lease.indexation_spread_rate": -0.005,
                 "lease.cpi_floor_rate": 0.001, "lease.cpi_cap_rate": 0.018},
        terms={"stress_cpi_rates": [0.0, 0.04]},
    ),
    "falling rent": light(project={"lease.indexation": "fixed", "lease.fixed_indexation_rate": -0.03}),
    "gross lease": light(HEDGED, project={"revenue.lease_type": "gross", "revenue.electricity_price_per_mwh": 40, "revenue.rent_amount": 150}),
    "costs of their own": light(HEDGED, project={
        "revenue.lease_type": "gross", "revenue.electricity_price_per_mwh": 40, "revenue.rent_amount": 150,
        "power.utilisation_ratio": 0.8, "revenue.electricity_escalation_rate": 0.035, "lease.cpi_cap_rate": 0.015,
        "revenue.asset_management_fee_rate": 0.02, "revenue.replacement_reserve_per_kw_amount": 12,
    }),
    "rent as one monthly total": light({**DEBT, "pue": [1.1, 1.4]}, project={"revenue.rent_basis": "monthly_total", "revenue.rent_amount": 4.4e6}),
    "swaps and reserve": light({**HEDGED, "dsra_months": [0, 6, 12]}, terms={"zcis_hedged_ratio": 0.6}),
    "grace": light({**DEBT, "grace_months": [0, 6, 60]}),
    "wrap": light({**DEBT, "wrap": ["none", "senior"]}, project={"credit.insurance_premium_bps": 85}),
    "over-raise headroom": light({**DEBT, "over_raise_ratio": [0, 0.2, 2]}, project={"capex.internal.lines": {"build": 250e6}}),
    "with and without mezzanine": light({**DEBT, "mezzanine": ["none", "sized"], "mezz_dscr": [1.1, 1.25], "mezz_coupon_rate": [0.05, 0.1]}),
    "mezzanine of any tenor and profile": light(
        {**DEBT, "mezz_dscr": [1.0, 1.1], "mezz_tenor_years": [3, 12], "mezz_amortisation": MEZZ_KINDS, "mezz_coupon_rate": [0.08, 0.12]}
    ),
    "balloons swept": light({**HEDGED, "mezz_amortisation": MEZZ_KINDS}, terms={"balloon_mode": "sweep"}),
    "balloons swept, no lease tail": light(
        {**DEBT, "senior_tenor_years": [15, 20], "mezz_dscr": [1.0], "mezz_amortisation": MEZZ_KINDS},
        terms={"balloon_mode": "sweep"}, rules={"general.lease_tail_years": 0},
    ),
    "lock-up in steps over three months": light(
        {**HEDGED, "senior_dscr": [1.15, 1.3, 1.5]},
        terms={"lock_up_steps": [[1.25, 1.0], [1.45, 0.5]], "lock_up_window_months": 3},
    ),
    "thin cover and costly swaps": light(
        {**HEDGED, "senior_dscr": [1.0, 1.05], "mezz_dscr": [1.0]},
        terms={"trs_financing_rate": 0.1, "zcis_breakeven_5y_rate": -0.02, "zcis_breakeven_10y_rate": -0.02,
               "near_miss_ratio": 0.3, "minimum_rating": "BB"},
    ),
    "a loan drawn in an s-curve, capitalised for a while": light(project={
        "construction.draw_profile": "s_curve", "construction.debt_form": "loan", "construction.senior_cover": "capitalised",
        "construction.senior_cover_months": 15, "construction.mezz_cover": "dsra", "construction.mezz_cover_months": 9,
        "land.purchase_amount": 20e6,
    }),
    "rent reviewed every five years": light(HEDGED, project={"lease.review_years": 5, "lease.cpi_floor_rate": 0.01}, terms={"stress_cpi_rates": [0.0]}),
    "close seven months before construction": light(project={
        "construction.close_date": "2028-06-01", "construction.start_date": "2029-01-01", "construction.debt_form": "loan",
        "construction.draw_profile": "straight_line", "construction.senior_cover_months": 12,
    }),
    "notes whose proceeds wait in escrow": light(project={
        "construction.draw_profile": "straight_line", "construction.escrow_rate": 0.03, "land.purchase_amount": 20e6,
    }),
    "capitalised senior, pre-funded mezzanine": light(
        {**DEBT, "wrap": ["none", "senior"]},
        project={"construction.senior_cover": "capitalised", "construction.mezz_cover": "dsra", "credit.insurance_premium_bps": 60},
    ),
    "interest covered in part": light(
        {**DEBT, "wrap": ["none", "senior"]},
        project={"construction.senior_cover": "capitalised", "construction.senior_cover_months": 7,
                 "construction.mezz_cover": "capitalised", "construction.mezz_cover_months": 11, "credit.insurance_premium_bps": 60},
    ),
    "interest paid by the sponsor": light(project={"construction.senior_cover": "none", "construction.mezz_cover": "none"}),
    "yen, capex in dollars": light(
        project={"currency": "JPY", "capex_currency": "USD", "fx_rate": 150.0, "revenue.rent_amount": 16_500,
                 "capex.internal": {"lines": {"build": 350e6, "connection": 60e6}, "construction_fee_rate": 0.03, "contingency_rate": 0.05},
                 "land.purchase_amount": 2e9, "land.stamp_duty_rate": 0.05, "fees.management_amount": 1e8},
    ),
    "appraisal and market cost": light(project={"valuation.appraisal_amount": 600e6}, rules={"general.ltv_basis": "market_cost"}),
    "higher minimum rating": light({**DEBT, "wrap": ["none", "senior"]}, project={"credit.tenant_rating": "BBB-"}, terms={"minimum_rating": "A"}),
    "unrated tenant": light({**DEBT, "wrap": ["none", "senior"]}, project={"credit.tenant_rating": "NR"}, terms={"minimum_rating": "BB"}),
    "no stress at all": light(HEDGED, terms={"stress_cpi_rates": [], "stress_rate_shifts_bps": [], "stress_default_ratios": []}),
    "stress that helps": light(HEDGED, terms={"stress_cpi_rates": [0.05], "stress_rate_shifts_bps": [-100.0], "stress_default_ratios": []}),
    "rates partly fixed, quick re-letting": light(
        HEDGED, terms={"unfixed_ratio": 0.4, "stress_relet_months": 3, "stress_relet_ratio": 1.1, "discount_rate": 0.0}
    ),
    "senior held to cost": light({**DEBT, "senior_tenor_years": [18]}, project={"capex.internal.lines": {"build": 200e6}}),
    "gearing on uses": light({**DEBT, "trs_share": [0.0, 0.3], "dsra_months": [0, 12]}, project={"capex.internal.lines": {"build": 330e6}},
        terms={"structuring_fee_fixed_amount": 2e6}, rules={"general.max_gearing_ratio": 0.8}),
    "gearing on market cost": light(project={"capex.internal.lines": {"build": 330e6}}, rules={"general.max_gearing_ratio": 0.6, "general.gearing_basis": "market_cost"}),
    "gearing, capitalised interest": light(
        {**DEBT, "wrap": ["none", "senior"]}, rules={"general.max_gearing_ratio": 0.7},
        project={"capex.internal.lines": {"build": 330e6}, "construction.senior_cover": "capitalised", "credit.insurance_premium_bps": 60},
    ),
    "mezzanine held to a share of the gap": light({**DEBT, "mezz_dscr": [1.0, 1.1]}, rules={"general.max_mezz_share_of_gap": 0.1}),
    "total advance": light({**DEBT, "mezz_dscr": [1.0, 1.1]}, rules={"general.max_total_advance_ratio": 0.55}),
    "headroom above the uses": light({**DEBT, **UNCAPPED, "mezz_dscr": [1.0]}, project={"capex.internal.lines": {"build": 200e6}}),
    "underwritten cash and a haircut of the rules": light(HEDGED, rules={"general.underwritten_cash_ratio": 0.82, "general.value_haircut_ratio": 0.36}),
    "an ARD and a sweep": light({**HEDGED, "senior_tenor_years": [5, 7], "senior_amortisation": ["interest_only"], "mezz_dscr": [1.0, 1.1]},
        rules={"rating_stresses": RATING_STRESSES}),
    "an ARD refinanced": light({**HEDGED, "senior_tenor_years": [5, 7], "senior_amortisation": ["interest_only"], "mezz_dscr": [1.0, 1.1]},
        terms={"balloon_mode": "refinance"}, rules={"rating_stresses": RATING_STRESSES, "general.max_total_advance_ratio": 0.3}),
    "limits of balloon, amortisation and ARD": light(
        {**DEBT, "senior_tenor_years": [5, 7, 10]}, terms={"near_miss_ratio": 0.3},
        rules={"criteria": rows(max_balloon_ratio=0.9, min_annual_amortisation_ratio=0.05, ard_plcr=1.2, max_ard_years=6)},
    ),
    "what ratings must survive": light({**HEDGED, "senior_dscr": [1.15, 1.25, 1.4]}, rules={"rating_stresses": RATING_STRESSES}),
    "a trap of its own for an ARD": light({**DEBT, "senior_dscr": [1.1, 1.35]}, terms={"ard_trap_steps": [[1.6, 1.0], [2.4, 0.5]], "ard_trap_window_months": 6}),
    "swaps under high CPI": light(HEDGED, terms={"swap_stress_cpi_rates": [0.05, 0.08]}, project={"lease.cpi_cap_rate": 0.03, "lease.cpi_floor_rate": 0.015}),
    "a market, coupons around it": light({**DEBT, "senior_coupon_rate": [0.0499, 0.05, 0.06, 0.08], "mezz_coupon_rate": [0.07, 0.1]}, market=market_set(),
        terms={"near_miss_ratio": 0.005}),
    "a floor for all debt": light({**DEBT, "mezz_dscr": [1.0, 1.1, 1.15]}, rules={"general.min_total_dscr": 1.1}),
    "no central bank": light(rules={"central_banks": []}),
    "a bank that names the class": light(rules={"central_banks": [{**SEED_RULES["central_banks"][0], "class_confirmed": True}]}),
}  # fmt: skip


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_walked_is_the_feature_alone(feature):
    case = FEATURES[feature]
    found = assert_walk_is_brute_force(case, picked(case, 5, 2))
    assert alive(found).size > 0


def test_a_space_of_every_gate():
    axes = {
        **HEDGED, "senior_tenor_years": [10, 19, 15], "senior_coupon_rate": [0.045, 0.06], "mezz_dscr": [1.1, 1.2],
        "mezz_coupon_rate": [0.06, 0.1], "equity_irr_rate": [0.12, 0.18],
    }  # fmt: skip
    case = deal(axes)
    found = assert_walk_is_brute_force(case, np.arange(0, case.levers.size, 53, dtype=np.int64))
    assert {0, 1, 2} <= set(found.columns["gate"].tolist())


def test_every_reason_is_given():
    """Each reason of the catalogue, from the smallest bend of the rules that brings it about."""
    ard = {"senior_amortisation": ["interest_only"], "senior_tenor_years": [7], "senior_dscr": [1.8]}
    rich = {"valuation.appraisal_amount": 1e12}
    falling = {"lease.indexation": "fixed", "lease.fixed_indexation_rate": -0.03}
    cases = {
        1: light({"senior_tenor_years": [19]}),
        2: light({"senior_dscr": [1.15], "mezz_dscr": [1.15]}),
        3: light({"senior_coupon_rate": [0.09], "mezz_coupon_rate": [0.09]}),
        4: light(project={"revenue.opex_ratio": 1.0}),
        5: deal({}, {"capex.internal.lines": {"build": 2e9}}),
        6: light({"zcis_tenor_years": [5]}, project={"lease.indexation": "none"}),
        11: light({"senior_dscr": [1.05], "mezz_dscr": [1.0]}, project=rich),
        12: light({"senior_dscr": [1.16]}, project={"lease.indexation": "none"}, terms={"base_cpi_rate": 0.0}),
        13: light({"senior_dscr": [1.35]}, terms={"capitalisation_rate": 0.12}),
        14: light({"senior_tenor_years": [10]}, rules={"criteria": rows(max_tenor_years=9)}),
        15: light({"senior_dscr": [1.2]}, rules={"criteria": rows(llcr=3.0)}),
        16: light({"senior_dscr": [1.2]}, rules={"criteria": rows(icr=9.0)}),
        17: light({"senior_amortisation": ["sculpted"]}, rules={"criteria": rows(amortisations=["annuity"])}),
        18: light(rules={"criteria": rows(wrap_required=True)}),
        19: light(project={"credit.tenant_rating": "CCC-"}),
        40: light({**ard, "senior_tenor_years": [8]}, project=rich),
        41: light(ard, project=rich, rules={"criteria": rows(max_balloon_ratio=0.2)}),
        42: light(ard, project=rich, rules={"criteria": rows(min_annual_amortisation_ratio=0.015)}),
        43: light(ard, project=rich, rules={"criteria": rows(ard_plcr=9.0)}),
        44: light(ard, project={**falling, "valuation.appraisal_amount": 230e6}, rules={"criteria": rows(max_advance_ratio=0.5)}),
        45: light(ard, project=rich, terms={"step_up_bps": 2000}, rules={"criteria": rows(ard_plcr=0.0)}),
        47: light(rules={"rating_stresses": [{"rating": "BB", "default_ratio": 0.9}]}),
        49: light(rules={"general.min_total_dscr": 1.5}),
        50: light({"senior_coupon_rate": [0.0499]}, market=market_set()),
        51: light({"mezz_coupon_rate": [0.0699]}, market=market_set()),
    }  # fmt: skip
    for reason, case in cases.items():
        found = assert_walk_is_brute_force(case)
        assert reason in found.columns["reason"].tolist(), REASONS[reason]
        assert found.counts.by_reason[reason] >= 1


def test_a_criterion_missed_by_a_hair_is_a_near_miss():
    """BBB asks for 1.15x in the worst year: 5% below is near, more is not."""
    rules = [row for row in rows(llcr=1.0, dscr_average=1.0, icr=0.5) if row["rating"] == "BBB"]
    axes = {"senior_dscr": [1.15 * 0.951, 1.15 * 0.95, 1.15 * 0.949], "mezz_dscr": [1.0], **UNCAPPED}
    case = light(axes, project={"valuation.appraisal_amount": 1e12}, rules={"criteria": rules})
    found = assert_walk_is_brute_force(case)
    assert found.columns["near_miss"].tolist() == [1, 1, 0]
    assert found.columns["gate"].tolist() == [1, 1, 1]
    assert found.counts.near_misses == 2


def test_a_rating_between_two_rows_is_judged_by_the_better():
    """Rows for A and BB, minimum BBB: A decides, and gives the stressed floor of 1.10x."""
    ladder = [row for row in SEED_RULES["criteria"] if row["rating"] in ("A", "BB")]
    space = {
        "senior_tenor_years": [10],
        "senior_amortisation": ["annuity", "sculpted"],
        "senior_dscr": [1.2, 1.25, 1.3, 1.4],
    }
    found = assert_walk_is_brute_force(light(space, rules={"criteria": ladder}))
    worst, passed = found.columns["worst_stressed_dscr"], found.columns["stress_passed"]
    assert ((worst >= 1.0) & (worst < 1.1) & (passed == 0)).any()
    assert not ((worst < 1.1) & (passed == 1)).any()


def test_a_minimum_no_row_reaches_is_refused():
    ladder = [row for row in SEED_RULES["criteria"] if row["rating"] == "BB"]
    with pytest.raises(InputProblems, match="no criteria for BBB or better in UK"):
        evaluate(light(rules={"criteria": ladder}), np.zeros(1, dtype=np.int64))


# One permutation's months


def deals_under_stress():
    """Deals from sound to overstretched, and a grid harsh enough to break them."""
    harsh = {"stress_cpi_rates": [-0.03], "stress_rate_shifts_bps": [400.0], "stress_default_ratios": [0.5]}
    thin = {**HEDGED, **UNCAPPED, "senior_dscr": [1.05, 1.35], "mezz_dscr": [1.0], "wrap": ["none", "senior"]}
    insured = {"credit.insurance_premium_bps": 70}
    for mode in ("refinance", "sweep"):
        for unfixed in (1.0, 0.3):
            yield light(thin, project=insured, terms={**harsh, "balloon_mode": mode, "unfixed_ratio": unfixed})


def test_every_month_of_every_scenario():
    """All flags there are, raised in the months the twin raises them."""
    seen = 0
    for case in deals_under_stress():
        for index in range(5, case.levers.size, 97):
            structure, twin = price(case.deal_of(index)), book_of(case, index)
            for scenario in case.scenarios[:: 3 if case.terms.unfixed_ratio < 1 else 1]:
                run = run_scenario(structure, scenario)
                told = Scenario(scenario.cpi_rate, scenario.rate_shift_bps / 1e4, scenario.default_ratio, 12, 0.9)
                months = twin.waterfall(*twin.tranches, told)
                for k, name in enumerate(COLUMNS[:-1]):
                    where = f"{index} {scenario.label} {name}"
                    assert_allclose(run.periods[:, k], months[name], rtol=1e-9, atol=1e-3, err_msg=where)
                raised = twin.flags(months, told)
                assert run.flags == raised
                seen |= raised
    # A coupon above the market is said of a financing, not of its months.
    assert seen == sum(FLAGS) - ABOVE_MARKET


# Chunks and samples

SPACE = deal(
    {**HEDGED, "mezz_dscr": [1.1, 1.15], "dsra_months": [0, 6], "equity_irr_rate": [0.12, 0.18]}, terms=LIGHT_GRID
)


def stress_rows(found):
    """The distinct rows of a stress table, as bytes."""
    return set(zip(*(column.tolist() for column in found.stress.values()), strict=True))


@pytest.mark.parametrize("length", [1, 7, 64, 100, 767])
def test_chunks_do_not_matter_to_the_last_bit(length):
    size = SPACE.levers.size
    whole = evaluate(SPACE, np.arange(size, dtype=np.int64))
    parts = [evaluate(SPACE, np.arange(at, min(at + length, size), dtype=np.int64)) for at in range(0, size, length)]
    for name, column in whole.columns.items():
        joined = np.concatenate([part.columns[name] for part in parts])
        assert_array_equal(joined, column, err_msg=name)
        assert joined.dtype == column.dtype
    assert set().union(*(stress_rows(part) for part in parts)) == stress_rows(whole)
    assert sum(part.counts.gate_b_alive for part in parts) == whole.counts.gate_b_alive
    assert sum(part.counts.evaluated for part in parts) == size


def test_a_sample_has_the_rows_of_the_whole():
    size = SPACE.levers.size
    whole = evaluate(SPACE, np.arange(size, dtype=np.int64))
    sample = indices(size, 100, 7, 0, 100)
    found = evaluate(SPACE, sample)
    for name, column in whole.columns.items():
        assert_array_equal(found.columns[name], column[sample], err_msg=name)
    assert stress_rows(found) <= stress_rows(whole)


def test_a_sample_of_a_vast_space_is_brute_force():
    fine = {
        "senior_tenor_years": [7, 10, 12, 15, 18], "senior_amortisation": ALL_KINDS, "zcis_tenor_years": [0, 5, 10],
        "senior_coupon_rate": np.linspace(0.03, 0.07, 4001).tolist(), "senior_dscr": np.linspace(1.15, 1.5, 3501).tolist(),
        "mezz_coupon_rate": np.linspace(0.075, 0.12, 4501).tolist(), "equity_irr_rate": np.linspace(0.1, 0.25, 1501).tolist(),
    }  # fmt: skip
    case = light(fine)
    assert case.levers.size > 10**15
    found = assert_walk_is_brute_force(case, indices(case.levers.size, 30, 3, 0, 30))
    assert alive(found).size > 0


# What leaves the engine


def test_hard_filters_prune_what_was_alive_and_nothing_else():
    limits = [
        {"column": "senior_dscr", "operator": ">=", "value": 1.3},
        {"column": "dscr_average", "operator": "<", "value": 1.7},
        {"column": "mezz_dscr", "operator": "=", "value": 1.15},
    ]
    case = light(HEDGED, filters=limits)
    free = evaluate(light(HEDGED), np.arange(case.levers.size, dtype=np.int64)).columns
    found = evaluate(case, np.arange(case.levers.size, dtype=np.int64))
    was_alive = (free["gate"] == 2) | (free["near_miss"] == 1)
    kept = (free["senior_dscr"] >= 1.3) & (free["dscr_average"] < 1.7)
    pruned = was_alive & ~kept
    assert pruned.any()
    assert (was_alive & kept).any()
    assert_array_equal(found.columns["reason"], np.where(pruned, 20, free["reason"]))
    assert_array_equal(found.columns["gate"], np.where(pruned, 1, free["gate"]))
    assert_array_equal(found.columns["near_miss"], np.where(pruned, 0, free["near_miss"]))
    assert_array_equal(found.columns["day_one_value"], free["day_one_value"])
    assert found.counts.by_reason[20] == np.count_nonzero(pruned)


@pytest.mark.parametrize(("operator", "below", "at", "above"), [(">=", True, True, False), ("<=", False, True, True)])
def test_a_structure_at_a_hard_filter_is_kept(operator: str, below: bool, at: bool, above: bool):
    """The limit a last digit aside of what was computed is that number; a millionth aside it is not."""
    free = evaluate(light(HEDGED), np.arange(1, dtype=np.int64)).columns
    found = float(free["senior_amount"][0])
    assert ((free["gate"] == 2) | (free["near_miss"] == 1)).all()
    limits = {
        found * (1 - 1e-6): below,
        np.nextafter(found, 0.0): at,
        np.nextafter(found, 2e9): at,
        found * (1 + 1e-6): above,
    }
    for limit, is_kept in limits.items():
        filters = [{"column": "senior_amount", "operator": operator, "value": float(limit)}]
        columns = evaluate(light(HEDGED, filters=filters), np.arange(1, dtype=np.int64)).columns
        assert (columns["reason"][0] != 20) == is_kept, limit


def test_a_filter_on_what_does_not_exist_prunes():
    """Debt that funds everything leaves no sponsor return: no filter on the return can pass it."""
    limits = [{"column": "sponsor_irr_rate", "operator": ">=", "value": 0.0}]
    rich = {"capex.internal.lines": {"build": 100e6}}
    found = evaluate(light({**DEBT, **UNCAPPED}, project=rich, filters=limits), np.arange(16, dtype=np.int64)).columns
    assert np.isnan(found["sponsor_irr_rate"]).all()
    assert set(found["reason"][found["gate"] == 1].tolist()) >= {20}
    assert not (found["gate"] == 2).any()


@pytest.mark.parametrize(
    "project",
    [
        {"valuation.appraisal_amount": 1e-310},
        {"capex.internal.lines": {"build": 1e-310}},
    ],
    ids=["loan to value", "coverage"],
)
def test_a_figure_without_an_end_is_a_math_error(project):
    found = evaluate(light(project=project), np.arange(16, dtype=np.int64))
    failed = found.columns["reason"] == 30
    assert failed.any()
    assert found.counts.by_reason[30] == np.count_nonzero(failed)
    for name, column in found.columns.items():
        if column.dtype == np.float64 and name not in DEBT:
            assert np.isnan(column[failed]).all(), name
            assert not np.isinf(column).any(), name
    assert (found.columns["gate"][failed] == 0).all()
    assert found.counts.gate_a_alive == np.count_nonzero(~np.isin(found.columns["reason"], (1, 2, 3, 4, 5, 30)))


def test_no_infinity_leaves_in_the_stress_table():
    """A rate shock that wipes out the coupon leaves nothing to serve: cover has no number, and says so."""
    case = light(
        {"senior_amortisation": ["interest_only"], "senior_coupon_rate": [0.03], "senior_tenor_years": [5]},
        terms={"stress_rate_shifts_bps": [-400.0], "unfixed_ratio": 1.0},
    )
    found = assert_walk_is_brute_force(case)
    assert found.columns["gate"].tolist() == [2]
    assert np.isnan(found.stress["stressed_dscr"]).any()
    for name, column in found.stress.items():
        assert not np.isinf(column.astype(np.float64)).any(), name


def test_an_empty_set_of_permutations():
    found = evaluate(SPACE, np.zeros(0, dtype=np.int64))
    assert found.counts.evaluated == 0
    assert found.columns["day_one_value"].size == 0


def test_closed_axes_take_their_defaults():
    case = light({})
    row = plain_price(case, 0).columns
    opened = light({code: [value] for code, value in case.levers.levers_at(0).items()})
    assert opened.levers != LeverSet(())
    again = evaluate(opened, np.zeros(1, dtype=np.int64)).columns
    assert math.isclose(float(again["day_one_value"][0]), row["day_one_value"], rel_tol=1e-9)
