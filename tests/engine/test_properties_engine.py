"""Properties of the whole evaluation, over random projects, terms, rules and levers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import engine_side, numpy_waterfall
from benchmarks.deals import healthy_deals, strained_deals
from engine.debt.kinds import AMORTISATIONS, INTEREST_ONLY, MEZZ_AMORTISATIONS
from engine.debt.sizing import size_debt
from engine.permutations import Case, LeverSet, evaluate, evaluate_permutation
from engine.waterfall.terms import BALLOON, DEFERRED, DRAW, HEDGE_UNPAID, LOCK_UP, MEZZ_UNPAID, SHORTFALL
from tests.engine.brute_force import assert_walk_is_brute_force
from tests.engine.cases import random_case, random_inputs, random_rules, random_terms

seeds = st.integers(0, 2**32 - 1)
SCALED = 1e-6
# Money a waterfall brings in and pays out; every month the two sides are equal.
MONEY_IN = ("gross_income", "dsra_draw", "dsra_released", "trap_released", "margin_returned", "hedge_net")
MONEY_OUT = (
    "opex",
    "wrap_premium",
    "senior_interest",
    "senior_principal",
    "dsra_top_up",
    "mezz_interest",
    "mezz_principal",
    "cash_trapped",
    "equity_distribution",
)
BALANCES = ("senior_balance", "mezz_balance", "dsra_balance", "trap_balance", "senior_unpaid", "mezz_deferred")


def assert_cash_is_conserved(periods: dict[str, Any], scale: float) -> None:
    """Cash in = cash out, every month; no balance and no payment below zero."""
    brought_in = sum(periods[name] for name in MONEY_IN)
    paid_out = sum(periods[name] for name in MONEY_OUT)
    assert np.abs(brought_in - paid_out).max() <= SCALED * max(scale, 1.0) * 1e-3
    for name in (*BALANCES, *MONEY_OUT):
        assert periods[name].min() >= -1e-9 * max(scale, 1.0), name


def assert_accounts_roll(periods: dict[str, Any], reserve: float, scale: float) -> None:
    """Reserve and trap close at opening + paid in - taken out."""
    moves = periods["dsra_top_up"] - periods["dsra_draw"] - periods["dsra_released"]
    assert np.allclose(periods["dsra_balance"], reserve + np.cumsum(moves), rtol=0, atol=1e-9 * scale)
    moves = periods["cash_trapped"] - periods["trap_released"]
    assert np.allclose(periods["trap_balance"], np.cumsum(moves), rtol=0, atol=1e-9 * scale)


def assert_debt_rolls(periods: dict[str, Any], senior: float, mezz: float, scale: float) -> None:
    """Debt closes at opening less the principal paid; what is refinanced grows, in months without rent alone."""
    for name, opening in (("senior", senior), ("mezz", mezz)):
        balance = periods[f"{name}_balance"]
        grown = np.diff(np.concatenate(([opening], balance))) + periods[f"{name}_principal"]
        assert grown.min() >= -1e-9 * scale
        assert np.abs(grown[periods["gross_income"] > 0.0]).max() <= 1e-9 * scale


def sound(case: Case) -> list[int]:
    """Indices of the permutations whose waterfall was run."""
    columns = evaluate(case, np.arange(case.levers.size)).columns
    return np.flatnonzero(np.isfinite(columns["day_one_value"])).tolist()


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_the_walk_is_the_book(seed):
    """Every column of every permutation, and every stress row, against an evaluator that shares no formula."""
    assert_walk_is_brute_force(random_case(seed, most=8))


def stress_rows(stress: dict[str, Any]) -> dict[tuple[int, int], dict[str, float]]:
    """Stress rows by key and scenario."""
    rows = [{name: float(values[k]) for name, values in stress.items()} for k in range(stress["scenario"].size)]
    return {(int(row["stress_key"]), int(row["scenario"])): row for row in rows}


EVERY_HEDGE = {
    "senior_amortisation": list(AMORTISATIONS),
    "mezz_amortisation": list(MEZZ_AMORTISATIONS),
    "zcis_tenor_years": [0, 10],
    "trs_share": [0.0, 0.25],
}


@pytest.mark.parametrize(("seed", "balloon"), [(3, "refinance"), (17, "sweep")])
def test_every_amortisation_with_every_hedge_is_the_book(seed, balloon):
    found = assert_walk_is_brute_force(loose_case(seed, balloon))
    assert (found.columns["gate"] == 2).sum() > found.columns["gate"].size / 3


def loose_case(seed: int, balloon: str = "refinance", axes: dict[str, Any] | None = None) -> Case:
    """A random project under rules so loose that most structures pass."""
    draw = np.random.default_rng(seed)
    inputs, terms, rules = random_inputs(draw).to_dict(), random_terms(draw).to_dict(), random_rules(draw)
    inputs["credit"]["tenant_rating"] = "AAA"
    inputs["lease"] |= {"term_years": 22, "indexation": "cpi"}
    inputs["revenue"]["lease_type"] = "triple_net"
    terms |= {"balloon_mode": balloon, "minimum_rating": "BB"}
    rows = [{**as_dict(row), "dscr_minimum": 1.0, "dscr_average": 1.0, "llcr": 1.0, "icr": 0.5, "stressed_dscr": 0.5,
             "max_advance_ratio": 1.5, "max_tenor_years": 50, "wrap_required": False, "max_ard_years": 50,
             "max_balloon_ratio": 1.0, "min_annual_amortisation_ratio": 0.0, "ard_plcr": 0.0, "amortisations": list(AMORTISATIONS)} for row in rules.criteria]  # fmt: skip
    general = {"lease_tail_years": 0, "capex_coverage_min_ratio": 0.0}
    loose = type(rules).from_dict({"version": "loose", "general": general, "criteria": rows})
    return Case(
        type(random_inputs(draw)).from_dict(inputs),
        type(random_terms(draw)).from_dict(terms),
        loose,
        LeverSet.from_dict({"axes": EVERY_HEDGE if axes is None else axes}),
    )


def as_dict(row: Any) -> dict[str, Any]:
    """A row of criteria as plain values."""
    return {name: getattr(row, name) for name in row.__slots__}


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_cash_is_conserved_in_every_month(seed):
    case = random_case(seed, most=24)
    for index in sound(case)[:3]:
        detail = evaluate_permutation(case, index)
        row = {name: float(value) for name, value in detail.row.items() if isinstance(value, int | float)}
        senior, mezz = row["senior_amount"], row["mezz_amount"]
        scale = senior + mezz
        assert_cash_is_conserved(detail.periods, scale)
        assert_accounts_roll(detail.periods, row["dsra_initial_amount"], scale)
        assert_debt_rolls(detail.periods, senior, mezz, scale)


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_cash_is_conserved_under_strain(seed):
    """Deals short of cash, where every branch of the waterfall is taken: kernel = NumPy, and nothing is lost."""
    deals = strained_deals(30, 264, seed)
    ours, plain = engine_side.tables(deals), numpy_waterfall.run(deals)
    for j in range(deals.size):
        scale = float(deals.senior_schedule[0, j])
        periods = {name: values[:, j] for name, values in ours.items()}
        assert_cash_is_conserved(periods, scale)
        assert_accounts_roll(periods, float(deals.dsra_initial_amount[j]), scale)
        assert_debt_rolls(periods, scale, float(deals.mezz_schedule[0, j]), scale)
        for name in ours.keys() & plain.keys():
            atol = 1e-9 * (1.0 if "dscr" in name else scale)
            assert np.allclose(periods[name], plain[name][:, j], rtol=1e-9, atol=atol, equal_nan=True), name


def test_strain_takes_every_branch_and_calm_takes_none():
    strained, calm = strained_deals(300), healthy_deals(100)
    assert flags_of(strained) == LOCK_UP | DRAW | SHORTFALL | DEFERRED | BALLOON | HEDGE_UNPAID | MEZZ_UNPAID
    assert flags_of(calm) == 0


def flags_of(deals: Any) -> int:
    """Every flag any deal raises."""
    rows, table = engine_side.rows_of(deals), engine_side.scratch(deals)
    raised = 0
    for j in range(deals.size):
        raised |= engine_side.price_one(rows, j, table)
    return raised


capacities = st.integers(0, 2**31).map(
    lambda seed: np.random.default_rng(seed).uniform(0.5e6, 2e6) * (1 + 0.3 * np.random.default_rng(seed).random(360))
)


@settings(max_examples=60, deadline=None)
@given(capacities, st.sampled_from(range(len(AMORTISATIONS))), st.integers(12, 300), st.integers(0, 24))
def test_debt_falls_as_the_coupon_rises(capacity, kind, periods, grace):
    sizes = [size_debt(kind, capacity, rate / 12, periods, grace, rate / 12 + 0.001, 360) for rate in RATES]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(sizes))
    assert sizes[-1] > 0
    assert sizes[-1] < sizes[0]


RATES = (0.01, 0.03, 0.05, 0.08, 0.12)


@settings(max_examples=60, deadline=None)
@given(
    capacities,
    st.sampled_from(range(len(AMORTISATIONS))),
    st.integers(12, 300),
    st.integers(0, 24),
    st.floats(1.01, 2.5),
)
def test_debt_is_inverse_to_the_dscr_lever(capacity, kind, periods, grace, dscr):
    at_one = size_debt(kind, capacity, 0.05 / 12, periods, grace, 0.06 / 12, 360)
    assert size_debt(kind, capacity / dscr, 0.05 / 12, periods, grace, 0.06 / 12, 360) == pytest.approx(at_one / dscr)


@pytest.mark.parametrize("kind", AMORTISATIONS)
@pytest.mark.parametrize("seed", [3, 8, 21])
def test_cover_moves_with_its_levers(seed, kind):
    """A higher DSCR lever: less debt, more cover. A dearer coupon on the same debt: less cover."""
    dscrs, coupons = [1.15, 1.25, 1.35, 1.5, 1.8], [0.03, 0.035, 0.04, 0.045]
    if kind == "partial":
        # A balloon carries more: below this the caps hold it still.
        dscrs = [1.6, 1.7, 1.8, 2.0, 2.4]
    fixed = {"mezz_dscr": [1.05], "mezz_coupon_rate": [0.12], "senior_amortisation": [kind], "senior_tenor_years": [12]}
    case = loose_case(seed, axes={**fixed, "senior_dscr": dscrs})
    columns = evaluate(case, np.arange(len(dscrs))).columns
    assert (columns["gate"] == 2).all()
    assert (np.diff(columns["senior_amount"]) < 0).all()
    assert (np.diff(columns["dscr_minimum"]) > 0).all()
    assert (np.diff(columns["worst_stressed_dscr"]) > 0).all()

    # An over-raise cap below every size holds the debt still while the coupon moves.
    capped = {**fixed, "senior_coupon_rate": coupons, "senior_dscr": [1.15], "over_raise_ratio": [0.0]}
    case = loose_case(seed, axes=capped)
    small = {**case.inputs.to_dict(), "capex": {side: {"lines": {"build": 50e6}} for side in ("internal", "market")}}
    small |= {"land": {"purchase_amount": 0.0}, "fees": {"management_amount": 0.0}}
    case = Case(type(case.inputs).from_dict(small), case.terms, case.rules, case.levers)
    columns = evaluate(case, np.arange(len(coupons))).columns
    assert np.ptp(columns["senior_proceeds_amount"]) <= 1e-9 * columns["senior_proceeds_amount"][0]
    if kind != "sculpted":
        # Sculpted service follows the cash, whatever part of it is interest.
        assert (np.diff(columns["dscr_minimum"]) < 0).all()
    assert (np.diff(columns["icr"]) < 0).all()


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_the_same_bytes_whatever_the_chunks_and_the_workers(seed):
    case = random_case(seed, most=60)
    whole = evaluate(case, np.arange(case.levers.size))
    cuts = sorted({0, *np.random.default_rng(seed).integers(0, case.levers.size + 1, 4).tolist(), case.levers.size})
    slices = [np.arange(a, b) for a, b in pairwise(cuts)]
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda indices: evaluate(case, indices), slices))
    for name, values in whole.columns.items():
        joined = np.concatenate([part.columns[name] for part in parts])
        assert values.tobytes() == joined.astype(values.dtype).tobytes(), name
    by_key = stress_rows(whole.stress)
    for part in parts:
        for key, row in stress_rows(part.stress).items():
            assert by_key[key] == row


@settings(max_examples=30, deadline=None)
@given(seeds)
def test_nothing_infinite_leaves_and_what_passed_is_whole(seed):
    found = evaluate(random_case(seed, most=60), np.arange(random_case(seed, most=60).levers.size))
    columns = found.columns
    for name, values in {**columns, **{f"stress {n}": v for n, v in found.stress.items()}}.items():
        if values.dtype.kind == "f":
            assert not np.isinf(values).any(), name
    passed = columns["gate"] == 2
    for name in ("senior_amount", "mezz_amount", "dscr_minimum", "llcr", "day_one_value", "wacc_rate",
                 "worst_stressed_dscr", "stability_ratio", "senior_wal_years", "senior_yield_rate"):  # fmt: skip
        assert np.isfinite(columns[name][passed]).all(), name
    for name, values in found.stress.items():
        assert np.isfinite(values).all(), name
    counts = found.counts
    assert counts.evaluated == columns["gate"].size
    assert counts.gate_b_alive == int(passed.sum())
    assert sum(counts.by_reason.values()) + counts.gate_b_alive == counts.evaluated
    assert ((columns["reason"] == 0) == passed).all()


def test_interest_only_is_the_last_kind():
    assert AMORTISATIONS[INTEREST_ONLY] == "interest_only"
