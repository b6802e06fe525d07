"""Every case of project_finance_vectors.json, every expected key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from engine.debt.buckets import contracted_and_merchant, size_bullet
from engine.debt.construction import (
    FacilityTerms,
    capitalise_interest,
    reserve_targets,
    size_facility,
    size_facility_by_iteration,
)
from engine.debt.kinds import ANNUITY, INTEREST_ONLY, SCULPTED, STRAIGHT_LINE
from engine.debt.sizing import annuity_factor, fill_schedule, size_annuity, size_debt, size_sculpted
from engine.measures.returns import (
    Floats,
    discounted_payback_years,
    hold_returns,
    irr,
    moic,
    npv,
    payback_years,
    wal_years,
)
from engine.project.derive import it_load_mw, monthly_rent_amount, operating_year
from engine.project.inputs import ProjectInputs
from tests.engine.vectors import assert_matches, load

CASES = load("project_finance_vectors.json")
Case = dict[str, Any]


@dataclass(frozen=True)
class Schedule:
    """A loan as the engine schedules it, period by period."""

    closing: Floats
    interest: Floats
    principal: Floats

    @property
    def service(self) -> Floats:
        return self.interest + self.principal


def _schedule(kind: int, balance: float, capacity: Floats, period_rate: float) -> Schedule:
    periods = capacity.size
    balances = np.empty(periods + 1)
    fill_schedule(kind, balance, capacity, period_rate, periods, 0, period_rate, periods, False, balances)
    return Schedule(balances[1:], balances[:-1] * period_rate, -np.diff(balances))


def _size(kind: int, capacity: Floats, period_rate: float) -> float:
    return size_debt(kind, capacity, period_rate, capacity.size, 0, period_rate, capacity.size)


def _flat_sculpt(given: Case) -> Case:
    rate = given["rate"] / given["periods_per_year"]
    capacity = np.full(given["years"] * given["periods_per_year"], given["cfads"] / given["dscr"])
    debt = _size(SCULPTED, capacity, rate)
    loan = _schedule(SCULPTED, debt, capacity, rate)
    assert _size(ANNUITY, capacity, rate) == pytest.approx(debt, rel=1e-12)
    return {
        "debt": debt,
        "level_debt_service": loan.service[7],
        "annuity_factor": annuity_factor(rate, capacity.size),
        "wal_years": wal_years(loan.principal, given["periods_per_year"]),
        "first_interest": loan.interest[0],
        "first_principal": loan.principal[0],
        "last_principal": loan.principal[-1],
        "total_interest": loan.interest.sum(),
    }


def _indexed_sculpt(given: Case) -> Case:
    cfads = given["cfads_year1"] * (1 + given["growth"]) ** np.arange(given["years"])
    capacity = cfads / given["dscr"]
    debt = size_sculpted(capacity, given["rate"], given["years"])
    loan = _schedule(SCULPTED, debt, capacity, given["rate"])
    return {
        "debt": debt,
        "cfads": cfads.tolist(),
        "debt_service": loan.service.tolist(),
        "interest": loan.interest.tolist(),
        "principal": loan.principal.tolist(),
        "closing": loan.closing.tolist(),
        "wal_years": wal_years(loan.principal),
    }


def _half_yearly_sculpt(given: Case) -> Case:
    steps = np.arange(given["periods"]) // 2
    capacity = given["cfads_half_year1"] * (1 + given["annual_index"]) ** steps / given["dscr"]
    rate = given["nominal_rate"] / 2
    debt = _size(SCULPTED, capacity, rate)
    loan = _schedule(SCULPTED, debt, capacity, rate)
    return {
        "debt": debt,
        "debt_service_first": loan.service[0],
        "debt_service_last": loan.service[-1],
        "principal_first": loan.principal[0],
        "principal_last": loan.principal[-1],
        "wal_years": wal_years(loan.principal, 2),
    }


def _straight_line(given: Case) -> Case:
    capacity = np.full(given["years"], given["cfads"] / given["dscr"])
    debt = _size(STRAIGHT_LINE, capacity, given["rate"])
    loan = _schedule(STRAIGHT_LINE, debt, capacity, given["rate"])
    assert np.ptp(loan.principal) == pytest.approx(0.0, abs=1e-6)
    return {
        "debt": debt,
        "principal_per_year": loan.principal[0],
        "debt_service_first": loan.service[0],
        "debt_service_last": loan.service[-1],
        "dscr_first": given["cfads"] / loan.service[0],
        "dscr_last": given["cfads"] / loan.service[-1],
        "total_interest": loan.interest.sum(),
        "wal_years": wal_years(loan.principal),
    }


def _mezzanine(given: Case) -> Case:
    cfads = np.full(given["mezz_tenor"], given["cfads"])
    senior_service = cfads / given["dscr_senior"]
    capacity = cfads / given["dscr_total"] - senior_service
    return {
        "senior_ds": senior_service[0],
        "mezz_ds": capacity[0],
        "mezz_debt": size_annuity(capacity, given["mezz_coupon"], given["mezz_tenor"]),
        "cash_to_equity_after_both": given["cfads"] - senior_service[0] - capacity[0],
    }


def _profiles(given: Case) -> Case:
    capacity = np.full(given["years"], given["cfads"])
    loans = {k: _schedule(k, given["debt"], capacity, given["rate"]) for k in (ANNUITY, STRAIGHT_LINE, INTEREST_ONLY)}
    level, straight, bullet = loans.values()
    return {
        "annuity_payment": level.service[0],
        "annuity_dscr": given["cfads"] / level.service[0],
        "straight_line_first_payment": straight.service[0],
        "straight_line_dscr_year1": given["cfads"] / straight.service[0],
        "bullet_payment": bullet.service[0],
        "bullet_dscr": given["cfads"] / bullet.service[0],
        "annuity_wal": wal_years(level.principal),
        "straight_line_wal": wal_years(straight.principal),
        "bullet_wal": wal_years(bullet.principal),
    }


def _two_buckets(given: Case) -> Case:
    years = given["years"]
    sized = contracted_and_merchant(
        np.full(years, given["contracted_cfads"]),
        np.full(years, given["merchant_cfads"]),
        given["dscr_contracted"],
        given["dscr_merchant"],
        given["rate"],
    )
    assert np.ptp(sized.service) == 0.0
    assert np.ptp(sized.blended_dscr) == 0.0
    return {"debt": sized.debt_amount, "debt_service": sized.service[0], "blended_dscr": sized.blended_dscr[-1]}


def _bullet(given: Case) -> Case:
    loan = size_bullet(given["noi"], given["dscr"], given["rate"], given["value"], given["max_ltv"])
    return {
        "debt_dscr": loan.debt_by_dscr_amount,
        "debt_ltv": loan.debt_by_ltv_amount,
        "debt": loan.debt_amount,
        "binding": loan.binding,
        "annual_interest": loan.interest_amount,
        "balloon": loan.debt_amount,
        "debt_yield": loan.debt_yield_ratio,
        "ltv": loan.ltv_ratio,
        "breakeven_value_fall_at_maturity": loan.breakeven_value_fall_ratio,
        "refi_dscr_plus200bp": loan.dscr_if_rates_move(200),
    }


def _capitalised(given: Case) -> Case:
    rate = given["nominal_rate"] / given["periods_per_year"]
    loan = capitalise_interest(given["quarterly_costs"], given["gearing_on_costs"], rate)
    return {
        "idc_by_quarter": loan.interest_by_period.tolist(),
        "total_idc": loan.interest_amount,
        "loan_at_cod": loan.loan_at_completion_amount,
        "equity": loan.equity_amount,
        "total_uses": loan.total_uses_amount,
        "gearing_after_idc": loan.gearing_ratio,
    }


def _facility_terms(given: Case) -> FacilityTerms:
    return FacilityTerms(
        gearing_ratio=given["gearing_on_total_uses"],
        period_rate=given["nominal_rate"] / 4,
        commitment_fee_period_rate=given["commitment_fee"] / 4,
        upfront_fee_ratio=given["upfront_fee"],
    )


def _facility(given: Case) -> Case:
    run = size_facility(given["quarterly_costs"], _facility_terms(given))
    return {
        "facility": run.facility_amount,
        "total_uses": run.total_uses_amount,
        "interest": run.interest_amount,
        "commitment_fees": run.commitment_fee_amount,
        "upfront_fee": run.upfront_fee_amount,
        "equity": run.equity_amount,
        "uses_by_quarter": run.uses_by_period.tolist(),
    }


def _reserve(given: Case) -> Case:
    half_year, year = (reserve_targets(given["debt_service_semiannual"], months // 6) for months in given["months"])
    return {
        "dsra_6m_at_close": half_year.at_close_amount,
        "dsra_12m_at_close": year.at_close_amount,
        "dsra_6m_path": half_year.by_period.tolist(),
        "dsra_12m_path": year.by_period.tolist(),
    }


def _returns(given: Case) -> Case:
    flows, rate = given["cash_flows"], given["discount_rate"]
    return {
        "irr": irr(flows).rate,
        "npv": npv(rate, flows),
        "payback_years": payback_years(flows),
        "discounted_payback_years": discounted_payback_years(rate, flows),
        "moic": moic(flows),
    }


def _noi(given: Case) -> Case:
    inputs = ProjectInputs.from_dict(
        {
            "country": "UK",
            "currency": "GBP",
            "power": {"gross_facility_mw": given["gross_facility_mw"], "pue": given["pue"]},
            "revenue": {
                "rent_basis": "per_kw_month",
                "rent_amount": given["rent_per_kw_month"],
                "occupancy_ratio": given["occupancy"],
                "opex_ratio": given["opex_share_of_egi"],
            },
            "lease": {"term_years": 20},
            "capex": {"internal": {"lines": {"build": 400e6}}, "market": {"lines": {"build": 440e6}}},
            "construction": {"months": 24},
            "credit": {"tenant_rating": "A"},
        }
    )
    year = operating_year(inputs)
    potential = monthly_rent_amount(inputs) * 12
    return {
        "it_load_mw": it_load_mw(inputs),
        "gross_potential_rent": potential,
        "effective_gross_income": year.gross_revenue_amount,
        "opex": year.opex_amount,
        "noi": year.noi_amount,
        "noi_margin_on_gpr": year.noi_amount / potential,
        "noi_per_it_mw": year.noi_amount / it_load_mw(inputs),
    }


def _hold(given: Case) -> Case:
    noi = given["noi_year1"] * (1 + given["cpi"]) ** np.arange(given["years"] + 1)
    held = hold_returns(given["capex"], noi, noi[:-1] / given["dscr"], given["debt"], given["cap_rate"])
    return {
        "terminal_value": held.terminal_value_amount,
        "unlevered_irr": held.unlevered.rate,
        "equity_irr": held.equity.rate,
        "ltc": held.loan_to_cost_ratio,
    }


COMPUTE: dict[str, Callable[[Case], Case]] = {
    "PF-01": _flat_sculpt,
    "PF-02": _indexed_sculpt,
    "PF-04": _half_yearly_sculpt,
    "PF-05": _two_buckets,
    "PF-07": _straight_line,
    "PF-08": _bullet,
    "PF-10": _capitalised,
    "PF-11": _facility,
    "PF-13": _reserve,
    "PF-14": _returns,
    "PF-16": _mezzanine,
    "PF-17": _noi,
    "PF-19": _hold,
    "PF-20": _profiles,
}


def test_every_case_is_computed():
    assert set(COMPUTE) == set(CASES)


@pytest.mark.parametrize("case_id", sorted(CASES))
def test_case(case_id):
    assert_matches(COMPUTE[case_id](CASES[case_id]["inputs"]), CASES[case_id]["expected"], case_id)


def test_facility_closes_its_own_circle():
    given = CASES["PF-11"]["inputs"]
    run = size_facility(given["quarterly_costs"], _facility_terms(given))
    drawn = run.total_uses_amount * given["gearing_on_total_uses"]
    assert drawn == pytest.approx(run.facility_amount, rel=1e-12)
    by_iteration = size_facility_by_iteration(given["quarterly_costs"], _facility_terms(given))
    assert by_iteration.facility_amount == pytest.approx(run.facility_amount, rel=1e-12)
