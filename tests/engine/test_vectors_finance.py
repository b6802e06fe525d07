"""Every case of project_finance_vectors.json, every expected key."""

from __future__ import annotations

from collections.abc import Callable
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
from engine.measures.returns import (
    discounted_payback_years,
    hold_returns,
    irr,
    moic,
    npv,
    payback_years,
)
from engine.project.derive import it_load_mw, monthly_rent_amount, operating_year
from engine.project.inputs import ProjectInputs
from tests.engine.vectors import assert_matches, load

CASES = load("project_finance_vectors.json")
Case = dict[str, Any]


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
    "PF-05": _two_buckets,
    "PF-08": _bullet,
    "PF-10": _capitalised,
    "PF-11": _facility,
    "PF-13": _reserve,
    "PF-14": _returns,
    "PF-17": _noi,
    "PF-19": _hold,
}


@pytest.mark.parametrize("case_id", sorted(COMPUTE))
def test_case(case_id):
    assert_matches(COMPUTE[case_id](CASES[case_id]["inputs"]), CASES[case_id]["expected"], case_id)


def test_facility_closes_its_own_circle():
    given = CASES["PF-11"]["inputs"]
    run = size_facility(given["quarterly_costs"], _facility_terms(given))
    drawn = run.total_uses_amount * given["gearing_on_total_uses"]
    assert drawn == pytest.approx(run.facility_amount, rel=1e-12)
    by_iteration = size_facility_by_iteration(given["quarterly_costs"], _facility_terms(given))
    assert by_iteration.facility_amount == pytest.approx(run.facility_amount, rel=1e-12)
