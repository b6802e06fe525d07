"""Cash after the lease's end: when it counts, by hand; what it never lowers; and the plain twin beside the kernels.

By hand means a flat rent and no inflation: cash is 40,000 kW x 110 x 95% x 85% x 99% every month of a lease of 20 years.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.basics.fields import lookup
from engine.book import compute
from engine.book.results import FIGURES
from engine.deal import Deal, result_row
from engine.deal.detail import gate_a_checks, rating_checks
from engine.deal.structure import Structure, price, run_scenario
from engine.debt.sizing import fill_relet_tail, refinance_capacity, relet_capacity
from engine.errors import InputProblems
from engine.project import ProjectInputs
from engine.risk import SimulationTerms, simulate
from engine.stress import StressScenario, scenario_periods
from engine.waterfall.terms import EQUITY, MEZZ_BALANCE, SENIOR_BALANCE, SENIOR_UNPAID
from tests.engine.brute_force import assert_same
from tests.engine.deals import LIGHT_GRID, NO_CAPS, PROJECT, UNCAPPED, bent, deal

RENT = 40_000 * 110 * 0.95
CASH = RENT * 0.85 * 0.99
FLAT = {"lease.indexation": "none", "construction.senior_cover": "none", "construction.mezz_cover": "none"}
STILL = {**LIGHT_GRID, "base_cpi_rate": 0.0, "structuring_fee_rate": 0.0, "stress_cpi_rates": []}
REFINANCED = {**STILL, "balloon_mode": "refinance"}
# Twelve months empty, then five years at 80%.
AGAIN = {"lease.relet_ratio": 0.8, "lease.relet_void_months": 12, "lease.relet_years": 5}
LEVERS: dict[str, Any] = {
    "senior_tenor_years": [10], "senior_amortisation": ["interest_only"], "senior_coupon_rate": [0.06], "senior_dscr": [1.4],
    "mezzanine": ["none"], "dsra_months": [0], "equity_irr_rate": [0.12], **UNCAPPED,
}  # fmt: skip
BALLOON_RATE = 0.07 / 12


def annuity(rate: float, months: int) -> float:
    return (1 - (1 + rate) ** -months) / rate


def relet(
    project: dict[str, Any] | None = None, axes: dict[str, Any] | None = None, terms: dict[str, Any] | None = None,
    rules: dict[str, Any] | None = None, *, allowed: bool = True
) -> Deal:  # fmt: skip
    """The first financing of a flat project that expects a re-letting, under rules that count it or do not."""
    limits = {**NO_CAPS, "general.relet_allowed": allowed, **(rules or {})}
    return deal({**LEVERS, **(axes or {})}, {**FLAT, **AGAIN, **(project or {})}, terms or REFINANCED, limits).deal_of(
        0
    )


def row_of(structure: Structure) -> dict[str, Any]:
    return dict(result_row(structure))


def cash_of(found: Deal) -> Any:
    return price(found).work.cash[0, 0]


# When a project is let, and what it earns


def test_the_void_earns_nothing_and_the_new_lease_its_share():
    found = relet()
    cash = cash_of(found)
    assert cash.size == 12 * (20 + 1 + 5)
    assert cash[:240] == pytest.approx(CASH, rel=1e-12)
    assert np.all(cash[240:252] == 0.0)
    assert cash[252:] == pytest.approx(0.8 * CASH, rel=1e-12)


def test_a_lease_that_ends_within_a_year_leaves_the_rest_of_it_empty():
    """240 months, 7 empty, 60 let: the cash ends after month 307, the paths with the year."""
    cash = cash_of(relet({"lease.relet_void_months": 7, "revenue.replacement_reserve_per_kw_amount": 12}))
    assert cash.size == 312
    assert cash[240:247] == pytest.approx(-40_000.0)
    assert cash[247:307] == pytest.approx(0.8 * CASH - 40_000)
    assert np.all(cash[307:] == 0.0)


def test_without_a_void_the_rent_only_steps():
    cash = cash_of(relet({"lease.relet_void_months": None}))
    assert cash[239:241] == pytest.approx([CASH, 0.8 * CASH])
    assert cash.size == 300


def test_rent_and_costs_are_indexed_on_through_the_void():
    """Rent at 2% a year, costs 15% of year 1's rent with it: year 22 has risen 21 times."""
    project = {"lease.indexation": "cpi", "revenue.replacement_reserve_per_kw_amount": 12}
    cash = cash_of(relet(project, terms={**REFINANCED, "base_cpi_rate": 0.02}))
    assert cash[240] == pytest.approx(-40_000 * 1.02**20)
    assert cash[252] == pytest.approx((0.8 * CASH - 40_000) * 1.02**21)


def test_power_is_due_let_or_not():
    cash = cash_of(relet({"revenue.lease_type": "gross", "revenue.electricity_price_per_mwh": 5.0}))
    power = 48 * 8760 * 5.0 / 12
    assert cash[239] == pytest.approx((RENT * 0.85 - power) * 0.99)
    assert cash[240:252] == pytest.approx(-power)
    assert cash[252] == pytest.approx((0.8 * RENT * 0.85 - power) * 0.99)


@pytest.mark.parametrize(("ratio", "read"), [(0.5, 0.5), (0.9, 0.9), (0.91, 0.9), (1.1, 0.9)])
def test_rules_cap_the_rent_they_count(ratio: float, read: float):
    cash = cash_of(relet({"lease.relet_ratio": ratio}, rules={"general.max_relet_ratio": 0.9}))
    assert cash[-1] == pytest.approx(read * CASH)


# Where it does not count


@pytest.mark.parametrize("mode", ["refinance", "sweep"])
@pytest.mark.parametrize("kind", ["annuity", "interest_only", "partial", "cash_sweep"])
def test_where_rules_do_not_count_it_nothing_changes(mode: str, kind: str):
    terms = {**STILL, "balloon_mode": mode}
    axes = {"senior_amortisation": [kind], "mezzanine": ["sized"], "mezz_dscr": [1.2], "mezz_coupon_rate": [0.09]}
    plain = dict.fromkeys(AGAIN)
    without, refused = (price(relet(p, axes, terms, allowed=a)) for p, a in ((plain, True), ({}, False)))
    assert row_of(refused) == row_of(without)
    for name in ("cash", "schedule", "mezz_schedule", "periods", "residual"):
        assert np.array_equal(getattr(refused.work, name), getattr(without.work, name), equal_nan=True), name


# Refinancing


def limit_of(found: Deal) -> float:
    return float(price(found).senior.refinance_limit)


def test_a_balloon_is_refinanced_on_both_leases():
    """Ten years of the lease left; the five after the void are worth their annuity 132 months later."""
    alone = CASH / 1.4 * annuity(BALLOON_RATE, 120)
    again = 0.8 * CASH / 1.4 * annuity(BALLOON_RATE, 60) * (1 + BALLOON_RATE) ** -132
    assert limit_of(relet()) == pytest.approx(alone + again, rel=1e-12)
    assert limit_of(relet(allowed=False)) == pytest.approx(alone, rel=1e-12)
    assert price(relet()).senior.amount == pytest.approx(alone + again, rel=1e-12)


def test_at_the_old_rent_and_without_a_void_it_is_one_longer_lease():
    found = limit_of(relet({"lease.relet_ratio": 1.0, "lease.relet_void_months": 0}))
    assert found == pytest.approx(CASH / 1.4 * annuity(BALLOON_RATE, 180), rel=1e-12)


def test_what_the_void_costs_is_taken_off():
    reserve = {"revenue.replacement_reserve_per_kw_amount": 12}
    level = (CASH - 40_000) / 1.4 * annuity(BALLOON_RATE, 120)
    again = (0.8 * CASH - 40_000) / 1.4 * annuity(BALLOON_RATE, 60) * (1 + BALLOON_RATE) ** -132
    spent = 40_000 / 1.4 * annuity(BALLOON_RATE, 12) * (1 + BALLOON_RATE) ** -120
    assert limit_of(relet(reserve)) == pytest.approx(level + again - spent, rel=1e-12)


def capacity(first: float, void: float, again: float) -> Any:
    """Twelve months to maturity and twelve after it in the lease, six empty, twenty-four let again."""
    return np.array([10.0] * 12 + [first] * 12 + [void] * 6 + [again] * 24)


def relet_limit(line: Any, rate: float = 0.05) -> float:
    return float(relet_capacity(line, rate, 12, 24, 30, 54))


def test_no_more_is_refinanced_than_the_leases_interest_bears():
    """A service of 1 bears the interest of 20 at 5%; the new lease alone would carry more."""
    alone = annuity(0.05, 12)
    again = annuity(0.05, 24) * 1.05**-18
    at = (20 - alone) / again
    assert relet_limit(capacity(1.0, 0.0, at * 0.999)) == pytest.approx(alone + 0.999 * at * again)
    assert relet_limit(capacity(1.0, 0.0, at)) == pytest.approx(20.0)
    assert relet_limit(capacity(1.0, 0.0, at * 1.001)) == pytest.approx(20.0)


def test_a_relet_that_costs_more_than_it_brings_takes_nothing_away():
    assert relet_limit(capacity(1.0, -5.0, 0.1)) == pytest.approx(annuity(0.05, 12))
    assert relet_limit(capacity(1.0, 0.0, -1.0)) == pytest.approx(annuity(0.05, 12))
    assert relet_limit(capacity(-1.0, 0.0, 1.0)) == 0.0


def test_without_interest_capacities_are_sums():
    assert relet_limit(capacity(1.0, -0.5, 2.0), rate=0.0) == pytest.approx(12 - 3 + 48)


def test_what_a_lease_carries_alone_is_repaid_in_it():
    out = np.zeros(55)
    out[:13] = 15.0
    fill_relet_tail(15.0, 6.0, 0.05, 12, 24, 30, 54, out)
    assert out[24] == pytest.approx(9.0 * 1.05**12)
    assert out[30] == pytest.approx(9.0 * 1.05**18)
    assert out[42] == pytest.approx(out[30] * annuity(0.05, 12) / annuity(0.05, 24))
    assert out[54] == 0.0
    # Paid by one level service in each lease: the two are worth the balance.
    first, second = 6.0 / annuity(0.05, 12), out[30] / annuity(0.05, 24)
    worth = first * annuity(0.05, 12) + second * annuity(0.05, 24) * 1.05**-18
    assert worth == pytest.approx(15.0)


def test_the_refinancing_grows_in_the_void_and_is_repaid_in_full():
    structure = price(relet())
    senior = structure.work.periods[:, SENIOR_BALANCE]
    assert senior[:251] == pytest.approx(structure.work.schedule[1:252], rel=1e-9)
    assert senior[251] == pytest.approx(senior[239] * (1 + BALLOON_RATE) ** 12, rel=1e-9)
    assert senior[-1] == pytest.approx(0.0, abs=1.0)
    assert structure.work.periods[:, SENIOR_UNPAID].max() == pytest.approx(0.0, abs=1.0)
    assert structure.flow is not None
    assert structure.flow.flags == 0


@pytest.mark.parametrize("share", [0.6, 0.7, 0.8])
def test_a_part_that_stands_is_refinanced_on_both_leases(share: float):
    """Ten years of payments at 6% leave the share, whose worth then is what both leases carry where that is less."""
    alone = CASH / 1.4 * annuity(BALLOON_RATE, 120)
    limit = alone + 0.8 * CASH / 1.4 * annuity(BALLOON_RATE, 60) * (1 + BALLOON_RATE) ** -132
    paid = CASH / 1.4 * annuity(0.005, 120) / (1 - share * 1.005**-120)
    amount = min(paid, limit / share)
    assert (amount == paid) == (share < 0.8)
    structure = price(relet(axes={"senior_amortisation": ["partial"]}, terms={**REFINANCED, "balloon_ratio": share}))
    schedule = structure.work.schedule
    assert structure.senior.amount == pytest.approx(amount, rel=1e-12)
    assert schedule[120] == pytest.approx(share * amount, rel=1e-12)
    beyond = max(share * amount - alone, 0.0) * (1 + BALLOON_RATE) ** 132
    assert schedule[252] == pytest.approx(beyond, rel=1e-9, abs=1.0)
    assert schedule[312] == 0.0
    assert structure.work.periods[:, SENIOR_UNPAID].max() == pytest.approx(0.0, abs=1.0)


def test_a_balloon_that_the_lease_carries_is_not_refinanced_beyond_it():
    """Held to 120% of a cost of 100m, it is less than what ten years of the lease refinance."""
    project, axes = {"capex.internal.lines": {"build": 1e8}}, {"over_raise_ratio": [0.2]}
    longer, shorter = (price(relet(project, axes, allowed=allowed)) for allowed in (True, False))
    assert longer.senior.amount == pytest.approx(1.2e8)
    assert longer.senior.amount == shorter.senior.amount
    assert longer.work.schedule[:241] == pytest.approx(shorter.work.schedule, rel=1e-9, abs=1e-3)
    assert np.all(longer.work.schedule[240:] == 0.0)


# Equity, cover, tenor


ANNUITY = {"senior_amortisation": ["annuity"], "senior_tenor_years": [15]}


def worth(ratio: float, first: int, last: int, rate: float = 0.12) -> float:
    """Value at close of a share of the cash in operating months first..last, after two years of construction."""
    months = np.arange(first, last + 1)
    return float(ratio * CASH * ((1 + rate) ** (-(24 + months) / 12)).sum())


def test_equity_is_worth_the_new_lease_more():
    longer, shorter = (row_of(price(relet(axes=ANNUITY, allowed=allowed))) for allowed in (True, False))
    assert longer["senior_amount"] == shorter["senior_amount"]
    gained = worth(0.8, 253, 312)
    assert longer["equity_proceeds_amount"] - shorter["equity_proceeds_amount"] == pytest.approx(gained, rel=1e-9)
    covered = (longer["coverage_ratio"] - shorter["coverage_ratio"]) * longer["uses_amount"]
    assert covered == pytest.approx(gained, rel=1e-9)
    assert longer["sponsor_irr_rate"] > shorter["sponsor_irr_rate"]


def test_nobody_lets_again_at_a_loss():
    """A reserve of 800 a kW leaves 256 of the rent's 1,056 in the lease, and takes more than half of it after."""
    project = {"lease.relet_ratio": 0.5, "revenue.replacement_reserve_per_kw_amount": 800}
    longer, shorter = (row_of(price(relet(project, ANNUITY, allowed=allowed))) for allowed in (True, False))
    assert longer["coverage_ratio"] == shorter["coverage_ratio"]
    assert longer["equity_proceeds_amount"] == pytest.approx(shorter["equity_proceeds_amount"], rel=1e-12)


def test_project_life_cover_reads_the_new_lease():
    longer, shorter = (row_of(price(relet(axes=ANNUITY, allowed=allowed))) for allowed in (True, False))
    later = 0.8 * CASH * annuity(0.005, 60) * 1.005**-252
    assert longer["plcr"] - shorter["plcr"] == pytest.approx(later / longer["senior_amount"], rel=1e-9)
    assert longer["llcr"] == shorter["llcr"]
    assert longer["agency_ltv_ratio"] == shorter["agency_ltv_ratio"]


@pytest.mark.parametrize(("years", "passes"), [(17, True), (18, True), (19, False)])
def test_debt_still_ends_before_the_lease(years: int, passes: bool):
    structure = price(relet(axes={**ANNUITY, "senior_tenor_years": [years]}))
    tenor = gate_a_checks(structure)[0]
    assert (tenor.passed, tenor.limit) == (passes, 18.0)


def test_a_swept_note_is_owed_in_full_by_the_same_day():
    """Swept from year 10 it would be repaid after lease end; legal final is two years before, re-letting or not."""
    axes = {"senior_dscr": [1.02], "senior_coupon_rate": [0.09]}
    project = {"capex.internal.lines": {"build": 3e9}, "valuation.appraisal_amount": 1e12}
    for allowed in (True, False):
        structure = price(relet(project, axes, STILL, allowed=allowed))
        owed = structure.work.periods[:, SENIOR_BALANCE]
        assert structure.work.schedule[240] == 0.0
        assert owed[215] > 0.0
        repaid = [c for checks in rating(structure) for c in checks if c.code == "criterion_15"]
        assert repaid
        assert not any(check.passed for check in repaid)


def rating(structure: Structure) -> list[Any]:
    return [row.checks for row in rating_checks(structure)]


def test_a_swap_ends_with_the_lease():
    project = {"lease.term_years": 7, "lease.indexation": "cpi", "lease.relet_void_months": 0}
    structure = price(relet(project, {"zcis_tenor_years": [10], "senior_tenor_years": [5]}))
    swap = structure.work.swap
    assert swap.size == 144
    assert np.all(swap[12:84] != 0.0)
    assert np.all(swap[84:] == 0.0)


# Stress


def test_a_default_stops_its_share_of_the_new_rent_too():
    """10% stops and is re-let at 90%: 1% of the rent is lost for good, before the lease's end and after."""
    structure = price(relet())
    stressed = structure.work.cash[1, 0]
    assert stressed[0] == pytest.approx(0.9 * CASH)
    assert stressed[239] == pytest.approx(0.99 * CASH)
    assert stressed[252:] == pytest.approx(0.99 * 0.8 * CASH)
    scenario = StressScenario("tenant", tenant_default_ratio=0.1)
    assert scenario_periods(structure, scenario)["gross_income"][252:] == pytest.approx(0.99 * 0.8 * RENT)


def test_a_default_after_lease_end_meets_the_new_lease():
    scenario = StressScenario(
        "late", tenant_default_month=265, tenant_default_ratio=0.5, relet_months=12, relet_ratio=1.0
    )
    income = scenario_periods(price(relet()), scenario)["gross_income"]
    assert income[[239, 240, 263, 264, 275, 276]] == pytest.approx(
        np.array([1.0, 0.0, 0.8, 0.4, 0.4, 0.8]) * RENT
    )  # fmt: skip


def test_a_delay_loses_the_leases_last_months_and_moves_no_date():
    income = scenario_periods(price(relet()), StressScenario("late", delay_months=6))["gross_income"]
    assert income[[5, 6, 239, 240, 251, 252, 311]] == pytest.approx(np.array([0, 1, 1, 0, 0, 0.8, 0.8]) * RENT)


def test_cpi_stress_runs_on_into_the_new_lease():
    structure = price(
        relet({"lease.indexation": "cpi"}, terms={**REFINANCED, "base_cpi_rate": 0.02, "stress_cpi_rates": [0.0]})
    )
    assert structure.work.cash[0, 1][252] == pytest.approx(0.8 * CASH)
    assert structure.work.cash[0, 0][252] == pytest.approx(0.8 * CASH * 1.02**21)


def test_a_simulation_without_risk_pays_what_the_waterfall_pays():
    still = {
        "paths": 100, "cpi_volatility": 0.0, "rate_volatility_bps": 0.0, "vacancy_volatility": 0.0,
        "tenant_default_rate": 0.0,
    }  # fmt: skip
    found = relet()
    simulated = simulate(found, SimulationTerms.from_dict(still))
    paid = price(found).work.periods[:, EQUITY].sum()
    assert simulated.equity_amount == pytest.approx(paid, rel=1e-9)
    assert np.all(simulated.senior_default_month == 0)


# The plain twin


PART = {"senior_amortisation": ["partial"]}
LENIENT = {
    "general.max_relet_ratio": 1.05,
    "criteria": [{
        "jurisdiction": "UK", "rating": "BBB", "dscr_minimum": 1.0, "dscr_average": 1.0, "stressed_dscr": 0.5,
        "max_advance_ratio": 1.5, "max_tenor_years": 50, "llcr": 1.0, "icr": 0.5,
        "amortisations": ["annuity", "interest_only", "partial", "cash_sweep"],
    }],
}  # fmt: skip
TWINS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "refinanced": ({}, {}, {}),
    "refinanced behind one another": ({"mezzanine": ["sized"], "mezz_dscr": [1.15], "mezz_coupon_rate": [0.09]}, {}, {}),
    "a part refinanced behind another": (
        {**PART, "mezzanine": ["sized"], "mezz_dscr": [1.15], "mezz_coupon_rate": [0.09]}, {}, {"balloon_ratio": 0.8},
    ),
    "a part swept": (
        {**PART, "senior_dscr": [2.5], "mezzanine": ["sized"], "mezz_dscr": [2.0], "mezz_coupon_rate": [0.09]}, {},
        {"balloon_mode": "sweep", "balloon_ratio": 0.8},
    ),
    "swept early": (
        {**ANNUITY, "senior_amortisation": ["cash_sweep"], "mezzanine": ["sized"], "mezz_dscr": [1.15],
         "mezz_coupon_rate": [0.09], "mezz_amortisation": ["partial"]}, {}, {"sweep_ratio": 0.5},
    ),
    "held by gearing": ({"over_raise_ratio": [0.1]}, {"capex.internal.lines": {"build": 330e6}}, {}),
    "swept": ({"senior_dscr": [2.5], "mezzanine": ["sized"], "mezz_dscr": [2.0], "mezz_coupon_rate": [0.09]}, {},
              {"balloon_mode": "sweep"}),
    "amortising": ({**ANNUITY, "zcis_tenor_years": [10], "dsra_months": [6]}, {"lease.indexation": "cpi"}, {}),
    "a balloon behind a loan": (
        {**ANNUITY, "mezzanine": ["sized"], "mezz_dscr": [1.15], "mezz_coupon_rate": [0.09], "mezz_amortisation": ["interest_only"]},
        {}, {},
    ),
    "wrapped over the void": (
        {"wrap": ["senior"], "mezzanine": ["sized"], "mezz_dscr": [1.2], "mezz_coupon_rate": [0.1], "dsra_months": [6]},
        {"credit.insurance_premium_bps": 85, "revenue.replacement_reserve_per_kw_amount": 30, "lease.relet_ratio": 1.0},
        {"stress_rate_shifts_bps": [200.0], "stress_default_ratios": [0.1]},
    ),
    "wrapped and swept over the void": (
        {"wrap": ["senior"], "senior_dscr": [2.5], "dsra_months": [6]},
        {"credit.insurance_premium_bps": 85, "revenue.replacement_reserve_per_kw_amount": 30},
        {"balloon_mode": "sweep", "stress_default_ratios": [0.1]},
    ),
    "power and reserve": (
        {"senior_tenor_years": [17], "trs_share": [0.2]},
        {"revenue.lease_type": "gross", "revenue.electricity_price_per_mwh": 5.0, "lease.relet_void_months": 7,
         "revenue.replacement_reserve_per_kw_amount": 12, "lease.relet_ratio": 1.1, "lease.indexation": "cpi"},
        {"base_cpi_rate": 0.025, "unfixed_ratio": 0.5, "structuring_fee_rate": 0.0165},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TWINS)
def test_the_plain_twin_says_the_same(name: str):
    axes, project, terms = TWINS[name]
    found = relet(project, axes, {**REFINANCED, "stress_cpi_rates": [0.0], **terms}, LENIENT)
    structure = price(found)
    page = compute(found.inputs, found.terms, found.rules, found.choice.to_dict())
    row, scale = row_of(structure), structure.cash.value_amount
    for column, figure in FIGURES.items():
        got = np.nan if row[column] is None else float(row[column])
        assert_same(got, float(page[figure]), scale if "amount" in column or column == "day_one_value" else 1.0, column)
    for key, at in (("equity", EQUITY), ("senior_balance", SENIOR_BALANCE), ("mezz_balance", MEZZ_BALANCE)):
        months = page.column(f"months.{key}")[1:]
        assert months == pytest.approx(structure.work.periods[:, at], rel=1e-9, abs=1e-9 * scale), key
    assert page["checks_failed"] == 0.0
    for scenario in found.grid[1:]:
        moved = page.under({
            "scenario_cpi_rate": scenario.cpi_rate, "scenario_shift_bps": scenario.rate_shift_bps,
            "scenario_default_ratio": scenario.default_ratio,
        })  # fmt: skip
        run = run_scenario(structure, scenario)
        assert moved["defaulted"] == run.judged.defaulted
        paid = moved.column("months.equity")[1:]
        assert paid == pytest.approx(run.periods[:, EQUITY], rel=1e-9, abs=1e-9 * scale), scenario


# What never falls


@pytest.mark.parametrize("seed", range(20))
def test_counting_a_relet_never_lowers_what_is_refinanced_or_equitys_value(seed: int):
    draw = np.random.default_rng(seed)
    project = {
        "lease.relet_ratio": draw.uniform(0.5, 1.1), "lease.relet_void_months": int(draw.integers(0, 37)),
        "lease.relet_years": int(draw.integers(1, 7)), "lease.indexation": ("none", "cpi")[seed % 2],
        "revenue.replacement_reserve_per_kw_amount": draw.uniform(0, 400),
    }  # fmt: skip
    years = int(draw.integers(5, 19))
    for kind in ("annuity", "sculpted", "interest_only"):
        axes = {"senior_amortisation": [kind], "senior_tenor_years": [years], "senior_dscr": [draw.uniform(1.2, 2.0)]}
        terms = {**STILL, "base_cpi_rate": 0.02, "balloon_mode": "sweep" if kind == "annuity" else "refinance"}
        longer, shorter = (price(relet(project, axes, terms, allowed=allowed)) for allowed in (True, False))
        assert longer.senior.refinance_limit >= shorter.senior.refinance_limit
        assert longer.senior.amount >= shorter.senior.amount
        if kind != "interest_only":
            more, less = row_of(longer), row_of(shorter)
            assert more["coverage_ratio"] >= less["coverage_ratio"]
            assert more["equity_proceeds_amount"] >= less["equity_proceeds_amount"]
            assert more["sponsor_irr_rate"] >= less["sponsor_irr_rate"]


@pytest.mark.parametrize("seed", range(50))
def test_a_relet_capacity_lies_between_its_bounds(seed: int):
    draw = np.random.default_rng(seed)
    line, rate = draw.uniform(-1.0, 10.0, 54), float(draw.uniform(0.0, 0.02))
    alone, found = refinance_capacity(line, rate, 12, 24), relet_limit(line, rate)
    assert alone <= found
    assert rate == 0.0 or found <= max(line[12:24].min(), 0.0) / rate * (1 + 1e-12)


# What may be entered


def problems(**lease: Any) -> list[str]:
    try:
        ProjectInputs.from_dict(bent(PROJECT, {f"lease.{name}": value for name, value in lease.items()}))
    except InputProblems as error:
        return [problem.place for problem in error.problems]
    return []


SOUND = {"relet_ratio": 0.8, "relet_void_months": 12, "relet_years": 5}


@pytest.mark.parametrize(
    ("name", "below", "at", "above"),
    [("relet_ratio", 0.499, (0.5, 1.1), 1.101), ("relet_void_months", -1, (0, 36), 37), ("relet_years", 0, (1, 9), 16)],
)
def test_ranges_of_a_relet(name: str, below: float, at: tuple[float, float], above: float):
    for value in at:
        assert problems(**{**SOUND, name: value}) == []
    for value in (below, above):
        assert problems(**{**SOUND, name: value}) == [f"lease.{name}"]


@pytest.mark.parametrize(("term", "void", "years", "faults"), [
    (20, 0, 10, []), (20, 1, 10, ["lease.relet_years"]), (15, 0, 15, []), (30, 0, 1, ["lease.relet_years"]),
    (28, 12, 1, []), (28, 13, 1, ["lease.relet_years"]),
])  # fmt: skip
def test_all_of_it_ends_within_360_months(term: int, void: int, years: int, faults: list[str]):
    assert problems(term_years=term, relet_ratio=1.0, relet_void_months=void, relet_years=years) == faults


@pytest.mark.parametrize(("lease", "missing"), [
    ({"relet_ratio": 0.8}, "relet_years"), ({"relet_years": 5}, "relet_ratio"), ({"relet_void_months": 3}, "relet_ratio"),
])  # fmt: skip
def test_a_relet_has_a_rent_and_a_term(lease: dict[str, Any], missing: str):
    assert problems(**lease) == [f"lease.{missing}"]


def test_what_was_entered_before_keeps_its_content():
    before, after = (
        ProjectInputs.from_dict(PROJECT),
        ProjectInputs.from_dict(bent(PROJECT, {f"lease.{k}": v for k, v in SOUND.items()})),
    )
    assert not any(name.startswith("relet") for name in before.to_dict()["lease"])
    assert {name: lookup(after.to_dict(), f"lease.{name}") for name in SOUND} == SOUND
    assert ProjectInputs.from_dict(after.to_dict()) == after
