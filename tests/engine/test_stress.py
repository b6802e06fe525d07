"""Scenarios, reverse stress and sensitivities: the grid's own cells, hand-worked months, and what must always hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.deal import detail_of, result_row
from engine.deal.structure import Structure, price
from engine.errors import InputProblems
from engine.permutations import Case, evaluate_permutation
from engine.stress import (
    BASE,
    DRIVERS,
    Breach,
    ReverseRow,
    StressOutcome,
    StressScenario,
    heat_map,
    read_scenarios,
    reverse_stress,
    run_scenarios,
    scenario_periods,
    standard_grid,
    tornado,
)
from tests.engine.cases import random_case
from tests.engine.deals import LIGHT_GRID, NO_CAPS, deal
from tests.engine.test_properties_engine import assert_cash_is_conserved

LEVERS: dict[str, Any] = {
    "senior_tenor_years": [15], "senior_coupon_rate": [0.05], "senior_dscr": [1.25], "mezzanine": ["none"],
}  # fmt: skip
FLAT_RENT = {"lease.indexation": "none"}
STILL = {**LIGHT_GRID, "base_cpi_rate": 0.0, "unfixed_ratio": 1.0, "balloon_mode": "refinance"}


def plain_deal(axes: Mapping[str, Any] | None = None, **changes: Any) -> Case:
    """Senior annuity alone on a flat rent, no inflation: cash, service and DSCR (1.25x) are the same every month."""
    project = {**FLAT_RENT, **changes.pop("project", {})}
    return deal({**LEVERS, **(axes or {})}, project=project, terms={**STILL, **changes}, rules=NO_CAPS)


CALM = plain_deal()


def under(case: Case = CALM, **changed: Any) -> StressOutcome:
    return run_scenarios(case.deal_of(0), [replace(BASE, name="changed", **changed)]).outcomes[0]


def random_structures(seed: int, most: int = 2) -> list[Structure]:
    case = random_case(seed, most)
    built = [price(case.deal_of(index)) for index in range(case.levers.size)]
    return [structure for structure in built if structure.runs]


# Scenarios


@settings(max_examples=6, deadline=None)
@example(1073741825)  # in default before any stress
@example(14823)  # underwritten below its cash, a balloon that a default leaves unrefinanced
@given(st.integers(0, 2**32 - 1))
def test_the_grids_cells_are_scenarios(seed: int):
    """Another way to the same cash: every cell of the run's grid, figure by figure."""
    for structure in random_structures(seed):
        detail = detail_of(structure, result_row(structure))
        report = run_scenarios(structure.deal, standard_grid(structure.deal))
        for cell, found in zip(detail.stress[1:], report.outcomes, strict=True):
            assert found.scenario.name == cell.scenario.label
            assert found.dscr_minimum == pytest.approx(cell.stressed_dscr, rel=1e-9)
            assert (found.rating, found.notches_moved, found.flags) == (cell.rating, cell.notches_moved, cell.flags)
            assert (found.breach_month, found.recovery_months) == (cell.breach_month, cell.recovery_months)
            assert found.equity_distribution_amount == pytest.approx(cell.equity_distribution_amount, rel=1e-9, abs=1.0)
            assert found.balloon_shortfall_amount == pytest.approx(cell.balloon_shortfall_amount, rel=1e-9, abs=1.0)


def test_the_base_case_is_the_permutations_own():
    detail, report = evaluate_permutation(CALM, 0), run_scenarios(CALM.deal_of(0), [])
    assert report.base is not None
    assert report.base.dscr_path == pytest.approx(detail.dscr_path)
    assert report.base.dscr_minimum == pytest.approx(1.25)
    assert report.base.equity_irr_rate == pytest.approx(price(CALM.deal_of(0)).flow.irr_rate)  # type: ignore[union-attr]
    assert report.base.notches_moved == 0


def test_vacancy_costs_its_share_while_it_lasts():
    """20% of the rent for months 13 to 24: year 2 falls from 1.25x to 1.00x exactly, the others stand."""
    found = under(vacancy_ratio=0.2, vacancy_month=13, vacancy_months=12)
    assert found.dscr_path == pytest.approx((1.25, 1.00, *(1.25,) * 13))
    assert found.breach_month == 0
    worse = under(vacancy_ratio=0.2001, vacancy_month=13, vacancy_months=12)
    assert (worse.breach_month, worse.recovery_months) == (13, 12)
    # The trailing year falls below 1.10x once eight of its months are short: month 20, and again above it in month 29.
    assert (worse.first_lock_up_month, worse.lock_up_months) == (20, 9)


def test_a_default_in_a_later_month():
    """10% stops in month 25 for 12 months, re-let at 90%: 1.25 x 0.90, then 1.25 x 0.99."""
    found = under(tenant_default_ratio=0.1, tenant_default_month=25)
    assert found.dscr_path == pytest.approx((1.25, 1.25, 1.125, *(1.2375,) * 12))


def test_a_delay_earns_nothing_and_draws_the_reserve():
    """Three months late: 9/12 of year 1's cash on all of its service; the reserve pays the three months."""
    found = under(delay_months=3)
    assert found.dscr_path == pytest.approx((1.25 * 0.75, *(1.25,) * 14))
    service = price(CALM.deal_of(0)).work.service[0]
    assert found.dsra_drawn_amount == pytest.approx(3 * service)
    assert found.breach_month == 1
    assert found.senior_shortfall_amount == pytest.approx(0.0, abs=1e-3)
    beyond = under(delay_months=7)
    assert beyond.senior_shortfall_amount > 0.0
    assert "SENIOR_SHORTFALL" in beyond.flags


def test_an_opex_overrun_is_a_share_of_the_costs():
    """Costs of 15% up by a fifth are 18%: cash falls by 0.82/0.85."""
    assert under(opex_overrun_ratio=0.2).dscr_minimum == pytest.approx(1.25 * 0.82 / 0.85)


def test_a_capex_overrun_is_the_sponsors():
    base, found = run_scenarios(CALM.deal_of(0), []).base, under(capex_overrun_ratio=0.1)
    assert base is not None
    assert (found.dscr_minimum, found.rating) == (base.dscr_minimum, base.rating)
    # A tenth more of the 428m of cost among all uses.
    row = result_row(price(CALM.deal_of(0)))
    uses = float(row["uses_amount"] or 0.0)
    assert found.coverage_ratio == pytest.approx((base.coverage_ratio or 0.0) * uses / (uses + 42.8e6))
    assert base.equity_irr_rate is not None
    assert found.equity_irr_rate is not None
    assert found.equity_irr_rate < base.equity_irr_rate


def test_a_cpi_path_year_by_year():
    """Rent follows CPI of 1%, 3%, then 3% for good."""
    case = plain_deal(project={"lease.indexation": "cpi"})
    path = under(case, cpi_rates=(0.01, 0.03)).dscr_path
    assert path[1] == pytest.approx(1.25 * 1.01)
    assert path[2] == pytest.approx(1.25 * 1.01 * 1.03)
    assert path[14] == pytest.approx(1.25 * 1.01 * 1.03**13)


def test_pue_drift_feeds_less_load_per_kw():
    """1.20 growing by 0.012 a year is 1% a year of the base: year 11 sells 1/1.10 of the load."""
    path = under(pue_drift=0.012).dscr_path
    assert path[0] == pytest.approx(1.25)
    assert path[10] == pytest.approx(1.25 / 1.10)


def test_pue_drift_under_a_fixed_rent_costs_power_on_a_gross_lease_only():
    total = {"revenue.rent_basis": "monthly_total", "revenue.rent_amount": 4.4e6}
    net = plain_deal(project=total)
    gross = plain_deal(project={**total, "revenue.lease_type": "gross", "revenue.electricity_price_per_mwh": 40})
    assert under(net, pue_drift=0.012).dscr_path == pytest.approx((1.25,) * 15)
    found = under(gross, pue_drift=0.012).dscr_path
    power = 48.0 * 8760 / 12 * 40
    noi = 4.4e6 * 0.95 * 0.85 - power
    assert found[10] == pytest.approx(1.25 * (noi - 0.1 * power) / noi)


def test_a_twist_moves_coupons_or_the_refinancing():
    """Short rates cost interest now; long rates leave cover alone and squeeze what a balloon can be refinanced at.

    The notes are read on a level payment at 6% over the lease's 20 years until their interest costs more than that.
    """
    case = plain_deal({"senior_amortisation": ["interest_only"], "senior_tenor_years": [10]})
    level = 0.005 / (1 - 1.005**-240)
    small, short, long = (
        under(case, short_shift_bps=150.0),
        under(case, short_shift_bps=500.0),
        under(case, long_shift_bps=150.0),
    )
    base = run_scenarios(case.deal_of(0), []).base
    assert base is not None
    assert 0.065 / 12 < level < 0.10 / 12
    assert small.dscr_minimum == pytest.approx(base.dscr_minimum)
    assert short.dscr_minimum == pytest.approx((base.dscr_minimum or 0.0) * level / (0.10 / 12))
    assert long.dscr_minimum == pytest.approx(base.dscr_minimum)
    assert short.balloon_shortfall_amount == 0.0
    assert long.balloon_shortfall_amount > 0.0


def test_no_service_left_is_no_number():
    case = plain_deal({"senior_amortisation": ["interest_only"], "senior_coupon_rate": [0.03]})
    found = under(case, short_shift_bps=-400.0)
    assert (found.dscr_minimum, found.dscr_average, found.dscr_degradation_ratio) == (None, None, None)
    assert set(found.dscr_path) == {None}


def test_no_structure_has_no_report():
    late = plain_deal({"senior_tenor_years": [25]})
    report = run_scenarios(late.deal_of(0), standard_grid(late))
    assert (report.base, report.outcomes) == (None, ())
    financing = late.deal_of(0)
    assert (reverse_stress(financing), tornado(financing), heat_map(financing, "cpi", [0], "rates", [0])) == (
        (),
        (),
        None,
    )


wild = st.builds(
    StressScenario,
    name=st.just("wild"),
    cpi_rates=st.lists(st.floats(-0.1, 0.2), max_size=5).map(tuple),
    short_shift_bps=st.floats(-300, 900),
    long_shift_bps=st.floats(-300, 900),
    tenant_default_ratio=st.floats(0, 1),
    tenant_default_month=st.integers(1, 360),
    relet_months=st.integers(0, 60),
    relet_ratio=st.floats(0, 1.2),
    vacancy_ratio=st.floats(0, 1),
    vacancy_month=st.integers(1, 360),
    vacancy_months=st.integers(0, 360),
    opex_overrun_ratio=st.floats(-0.5, 5),
    capex_overrun_ratio=st.floats(-0.5, 3),
    delay_months=st.integers(0, 120),
    pue_drift=st.floats(-0.02, 0.2),
)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), wild)
def test_cash_is_conserved_and_nothing_infinite_leaves(seed: int, scenario: StressScenario):
    for structure in random_structures(seed, most=1):
        periods = scenario_periods(structure, scenario)
        scale = float(np.abs(periods["gross_income"]).max()) + structure.senior.amount
        assert_cash_is_conserved(periods, scale)
        found = run_scenarios(structure.deal, [scenario]).outcomes[0]
        for name in StressOutcome.__slots__:
            value = getattr(found, name)
            assert not isinstance(value, float) or np.isfinite(value), name


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(sorted(DRIVERS)), st.floats(0, 1), st.floats(0, 1))
def test_cover_never_rises_with_an_adverse_driver(seed: int, code: str, one: float, other: float):
    """Without an inflation swap and on the landlord's rent, no push helps; whole drivers in whole months.

    A delay takes cash from a later year to an earlier one of higher rent only where indexation is negative.
    """
    for structure in random_structures(seed, most=1):
        terms = structure.deal.terms
        if structure.hedge.hedged_noi_amount != 0.0 and structure.hedge.zcis_at and code == "cpi":
            continue
        # Costs follow CPI: where the rent does not, or stands on its floor, a low CPI helps.
        levers = structure.deal.levers
        if code == "cpi" and not (levers.flow.indexed and np.isnan(levers.cash.floor_rate)):
            continue
        if structure.deal.choice.zcis_tenor_years or (code == "delay" and terms.base_cpi_rate < 0.0):
            continue
        if structure.hedge.trs_share > 0.0 and structure.hedge.trs_carry < 0.0:
            continue
        driver = DRIVERS[code]
        low, high = sorted((one * driver.furthest, other * driver.furthest))
        report = run_scenarios(structure.deal, [driver.push(structure.deal, BASE, amount) for amount in (low, high)])
        less, more = (found.dscr_minimum for found in report.outcomes)
        if less is not None and more is not None and less > 0.0:
            assert more <= less * (1.0 + 1e-9)


# Reverse stress


def solved(case: Case, *drivers: str) -> dict[tuple[str, str], ReverseRow]:
    return {(row.driver, row.target): row for row in reverse_stress(case.deal_of(0), drivers)}


def test_how_far_by_hand():
    """Cover of 1.25 is gone at a fifth of the rent, trapped below 1.10 at 12%; costs may rise by 17/15 first."""
    rows = solved(CALM, "vacancy", "opex", "default", "capex")
    assert rows["vacancy", "dscr"].amount == pytest.approx(0.20, abs=2e-6)
    assert rows["vacancy", "lock_up"].amount == pytest.approx(0.12, abs=2e-6)
    assert rows["opex", "dscr"].amount == pytest.approx(0.85 * 0.2 / 0.15, abs=1e-5)
    assert rows["default", "dscr"].amount == pytest.approx(0.20, abs=2e-6)
    assert rows["capex", "dscr"].breach is Breach.NOT_WITHIN_RANGE
    assert rows["capex", "dscr"].amount is None


def test_rates_by_hand():
    """Service of an annuity plus the shift on the opening balance: the first year breaks first."""
    structure = price(CALM.deal_of(0))
    balances = structure.work.schedule[:12].sum() / 12.0
    spare = 12.0 * (structure.work.cash[0, 0, 0] - structure.work.service[0])
    assert solved(CALM, "rates")["rates", "dscr"].amount == pytest.approx(1e4 * spare / balances, rel=1e-4)


@pytest.mark.parametrize("code", ["cpi", "rates", "vacancy", "default", "opex", "delay", "pue"])
def test_the_break_breaks_and_just_before_it_holds(code: str):
    case = plain_deal(project={"lease.indexation": "cpi"})
    driver = DRIVERS[code]
    found = [row for row in reverse_stress(case.deal_of(0), [code]) if row.breach is Breach.FOUND]
    assert found
    for row in found:
        assert row.amount is not None
        before = row.amount - (1.0 if driver.whole else 2e-6 * driver.furthest)
        held, broke = (
            run_scenarios(case.deal_of(0), [driver.push(case, BASE, amount)]).outcomes[0]
            for amount in (before, row.amount)
        )
        if row.target == "dscr":
            assert (held.dscr_minimum or 0.0) >= 1.0 > (broke.dscr_minimum or 0.0)
        elif row.target == "lock_up":
            assert (held.lock_up_months, broke.lock_up_months > 0) == (0, True)
        elif row.target.startswith("rating_"):
            assert held.rating_notch < broke.rating_notch


def test_ratings_are_lost_in_order():
    rows = [row for row in reverse_stress(CALM.deal_of(0), ["vacancy"]) if row.target.startswith("rating_")]
    amounts = [row.amount for row in rows if row.amount is not None]
    assert len(amounts) > 1
    assert amounts == sorted(amounts)


def test_what_is_broken_already_says_so():
    locked = plain_deal(lock_up_steps=[[1.30, 1.0]])
    assert solved(locked, "opex")["opex", "lock_up"].breach is Breach.ALREADY


# Sensitivities


def test_the_tornado_is_widest_first_and_its_ends_are_scenarios():
    bars = tornado(CALM.deal_of(0))
    swings = [bar.dscr_swing for bar in bars]
    assert swings == sorted(swings, reverse=True)
    opex = next(bar for bar in bars if bar.driver == "opex")
    assert opex.adverse.dscr_minimum == under(opex_overrun_ratio=0.10).dscr_minimum
    assert opex.benign.dscr_minimum == under(opex_overrun_ratio=-0.10).dscr_minimum


def test_the_heat_map_is_both_drivers_at_once():
    found = heat_map(CALM.deal_of(0), "vacancy", [0.0, 0.1], "opex", [0.0, 0.2])
    assert found is not None
    worst = found.cells[1][1]
    assert worst.dscr_minimum == pytest.approx(1.25 * 0.9 * 0.82 / 0.85)
    assert found.cells[0][1].dscr_minimum == pytest.approx(1.25 * 0.9)
    assert found.cells[1][0].dscr_minimum == pytest.approx(1.25 * 0.82 / 0.85)


# Reading


def test_a_scenario_reads_back():
    scenario = StressScenario.from_dict({"name": "Slow", "cpi_rates": [0.01, 0.02], "delay_months": 4})
    assert StressScenario.from_dict(scenario.to_dict()) == scenario
    assert read_scenarios([scenario.to_dict()]) == (scenario,)
    assert StressScenario.from_dict({"name": "Base case"}) == BASE


@pytest.mark.parametrize(
    ("payload", "place"),
    [("x", "scenarios"), ([], "scenarios"), ([{}], "scenarios.0.name"), ([{"name": "A"}, {"name": "A"}], "scenarios"),
     ([{"name": "A", "vacancy_ratio": 1.1}], "scenarios.0.vacancy_ratio"), ([3], "scenarios.0"),
     ([{"name": "A", "delay_months": 1.5}], "scenarios.0.delay_months"),
     ([{"name": "A", "cpi_rates": [9.0]}], "scenarios.0.cpi_rates"), ([{"name": "A", "x": 1}], "scenarios.0.x")],
)  # fmt: skip
def test_bad_scenarios_are_refused_with_their_place(payload: Any, place: str):
    with pytest.raises(InputProblems) as caught:
        read_scenarios(payload)
    assert any(problem.place.startswith(place) for problem in caught.value.problems)
