"""The walk on any project, under any terms and rules, with any axes open: still one permutation at a time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from engine.debt.kinds import MEZZ_AMORTISATIONS
from engine.errors import InputProblems
from engine.permutations import AMORTISATIONS, evaluate
from tests.engine.brute_force import assert_walk_is_brute_force, picked
from tests.engine.deals import deal

LARGEST_SPACE = 3000


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


COVERS = one_of("dsra", "capitalised", "none")
PROJECTS = st.fixed_dictionaries(
    {
        "power.pue": one_of(1.0, 1.2, 1.5),
        "revenue.rent_amount": st.floats(70, 160),
        "revenue.occupancy_ratio": one_of(1.0, 0.95, 0.8),
        "revenue.opex_ratio": one_of(0.0, 0.15, 0.4),
        "revenue.lease_type": one_of("triple_net", "gross"),
        "revenue.electricity_price_per_mwh": one_of(10, 40),
        "lease.term_years": one_of(7, 12, 20, 25),
        "lease.indexation": one_of("cpi", "fixed", "none"),
        "lease.indexation_lag_months": one_of(0, 3, 12, 17),
        "lease.indexation_spread_rate": one_of(0.0, -0.01, 0.01),
        "lease.fixed_indexation_rate": one_of(0.0, 0.02, -0.03),
        "construction.months": one_of(1, 6, 24),
        "construction.senior_cover": COVERS,
        "construction.mezz_cover": COVERS,
        "credit.tenant_rating": one_of("AAA", "A", "BBB-", "BB", "NR"),
        "credit.insurance_wrap": st.booleans(),
        "credit.insurance_premium_bps": one_of(0, 50, 200),
        "capex.internal.lines": st.floats(100e6, 430e6).map(lambda amount: {"build": amount}),
    },
    optional={
        "lease.cpi_floor_rate": one_of(0.0, 0.01, -0.02),
        "lease.cpi_cap_rate": one_of(0.02, 0.03),
        "construction.senior_cover_months": one_of(0, 3, 12),
        "construction.mezz_cover_months": one_of(0, 3, 12),
        "valuation.appraisal_amount": st.floats(2e8, 1e9),
        "land.purchase_amount": one_of(2e7),
    },
)
TERMS = st.fixed_dictionaries(
    {
        "base_cpi_rate": one_of(0.02, 0.0, 0.05, -0.01),
        "minimum_rating": one_of("BBB", "A", "BB"),
        "balloon_mode": one_of("refinance", "sweep"),
        "lock_up_steps": one_of([[1.1, 1.0]], [[1.45, 0.5], [1.25, 1.0]], []),
        "lock_up_window_months": one_of(1, 3, 12),
        "zcis_hedged_ratio": one_of(1.0, 0.5),
        "zcis_breakeven_5y_rate": one_of(0.026, 0.0),
        "trs_financing_rate": one_of(0.0425, 0.02, 0.09),
        "unfixed_ratio": one_of(1.0, 0.5, 0.0),
        "near_miss_ratio": one_of(0.05, 0.3),
        "refinance_spread_bps": one_of(0, 100),
        "step_up_bps": one_of(0, 200),
        "balloon_ratio": one_of(0.5, 0.0, 0.2, 1.0),
        "sweep_ratio": one_of(0.5, 0.0, 1.0),
        "stress_cpi_rates": one_of([], [0.0], [0.04]),
        "stress_rate_shifts_bps": one_of([], [200.0], [-400.0]),
        "stress_default_ratios": one_of([], [0.1], [0.6]),
        "stress_relet_months": one_of(0, 12),
        "stress_relet_ratio": one_of(0.9, 1.1),
    }
)
RULES = st.fixed_dictionaries(
    {
        "general.lease_tail_years": one_of(0, 2),
        "general.capex_coverage_min_ratio": one_of(0.0, 0.5),
        "general.ltv_basis": one_of("agency_value", "market_cost"),
    }
)
POOL: dict[str, list[Any]] = {
    "rent_per_kw_month": [90, 150], "opex_ratio": [0.1, 0.3], "pue": [1.1, 1.4], "indexation": ["none", "fixed", "cpi"],
    "cpi_floor_rate": [0.0, 0.025], "cpi_cap_rate": [0.03, 0.01], "senior_coupon_rate": [0.04, 0.055, 0.08],
    "wrap": ["none", "senior"], "grace_months": [0, 6, 60], "over_raise_ratio": [0, 0.1],
    "mezz_coupon_rate": [0.06, 0.1], "mezz_tenor_years": [3, 10], "mezz_amortisation": list(MEZZ_AMORTISATIONS),
    "zcis_tenor_years": [0, 5, 10], "trs_share": [0, 0.25, 0.8], "dsra_months": [0, 6, 12], "equity_irr_rate": [0.08, 0.15],
}  # fmt: skip
ALWAYS: dict[str, list[Any]] = {
    "senior_tenor_years": [4, 7, 12, 18],
    "senior_amortisation": list(AMORTISATIONS),
    "senior_dscr": [1.0, 1.1, 1.2, 1.35],
    "mezz_dscr": [1.0, 1.05],
}


@st.composite
def axes(draw):
    """Some values of the axes every deal turns on, and of up to three others, in any order."""
    found = {
        code: draw(st.lists(st.sampled_from(ALWAYS[code]), min_size=1, max_size=3, unique=True)) for code in ALWAYS
    }
    for code in draw(st.lists(st.sampled_from(sorted(POOL)), max_size=3, unique=True)):
        found[code] = draw(st.lists(st.sampled_from(POOL[code]), min_size=1, max_size=3, unique=True))
    return found


@st.composite
def cases(draw):
    """Any case the inputs' own checks let through."""
    try:
        case = deal(draw(axes()), draw(PROJECTS), draw(TERMS), draw(RULES))
    except InputProblems:
        assume(condition=False)
        raise
    assume(case.levers.size <= LARGEST_SPACE)
    return case


slow_data = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@settings(slow_data, max_examples=25)
@given(cases())
def test_any_case_is_brute_force(case):
    assert_walk_is_brute_force(case, picked(case, 4, 2))


@settings(slow_data, max_examples=50)
@given(cases(), st.data())
def test_any_chunks_give_the_same_bits(case, data):
    size = case.levers.size
    cuts = sorted(data.draw(st.sets(st.integers(0, size), max_size=6)) | {0, size})
    whole = evaluate(case, np.arange(size, dtype=np.int64))
    parts = [evaluate(case, np.arange(at, to, dtype=np.int64)) for at, to in pairwise(cuts)]
    for name, column in whole.columns.items():
        assert_array_equal(np.concatenate([part.columns[name] for part in parts]), column, err_msg=name)


@settings(slow_data, max_examples=50)
@given(cases())
def test_sound_numbers_leave_any_case(case):
    """No infinity; what passed has every figure; debt and fees are never negative; counts add up."""
    found = evaluate(case, np.arange(case.levers.size, dtype=np.int64))
    columns, counts = found.columns, found.counts
    for name, column in (*columns.items(), *found.stress.items()):
        assert column.dtype.kind in "OU" or not np.isinf(column.astype(np.float64)).any(), name
    passed = columns["gate"] == 2
    for name in (
        "senior_amount",
        "day_one_value",
        "wacc_rate",
        "dscr_minimum",
        "llcr",
        "senior_wal_years",
        "worst_stressed_dscr",
    ):
        assert np.isfinite(columns[name][passed]).all(), name
    sized = ~np.isnan(columns["senior_amount"])
    for name in ("senior_amount", "mezz_amount", "senior_proceeds_amount", "mezz_proceeds_amount"):
        assert (columns[name][sized] >= 0.0).all(), name
    assert (columns["worst_stressed_dscr"][passed] <= columns["dscr_minimum"][passed]).all()
    assert counts.evaluated == case.levers.size
    assert sum(counts.by_reason.values()) == np.count_nonzero(columns["reason"] != 0)
    assert counts.gate_b_alive == np.count_nonzero(passed) == counts.evaluated - sum(counts.by_reason.values())
