"""Figures that follow from a project's inputs: IT load, costs, NOI, CFADS, value.

Source: model book sections 2, 3 and 7.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.project.inputs import LeaseType, ProjectInputs, RentBasis
from engine.terms import StructuringTerms

HOURS_A_YEAR = 8760


@dataclass(frozen=True, slots=True)
class OperatingYear:
    """Year-1 operating figures, annual amounts."""

    gross_revenue_amount: float
    electricity_amount: float
    opex_amount: float
    noi_amount: float
    asset_management_fee_amount: float
    replacement_reserve_amount: float
    cfads_amount: float


@dataclass(frozen=True, slots=True)
class DerivedInputs:
    """What the engine works out before any financing is tried."""

    it_load_mw: float
    overhead_mw: float
    monthly_rent_amount: float
    year_one: OperatingYear
    internal_capex_amount: float
    market_capex_amount: float
    land_purchase_amount: float
    grid_connection_amount: float
    stamp_duty_amount: float
    management_fee_amount: float
    internal_cost_amount: float
    market_cost_amount: float
    developer_profit_amount: float
    developer_margin_ratio: float
    value_amount: float
    agency_value_amount: float
    lease_months: int


def it_load_mw(inputs: ProjectInputs, pue: float | None = None) -> float:
    """IT load in MW: gross facility power over PUE."""
    return inputs.power.gross_facility_mw / (inputs.power.pue if pue is None else pue)


def energy_mwh(inputs: ProjectInputs) -> float:
    """Electricity of a year for the whole facility, which is IT load x PUE: x utilisation x 8,760 hours."""
    return inputs.power.gross_facility_mw * inputs.power.utilisation_ratio * HOURS_A_YEAR


def monthly_rent_amount(
    inputs: ProjectInputs, rent_per_kw_month: float | None = None, pue: float | None = None
) -> float:
    """Gross rent a month at full occupancy; an opened rent axis is always per kW."""
    revenue = inputs.revenue
    per_kw = rent_per_kw_month
    if per_kw is None:
        if revenue.rent_basis is RentBasis.MONTHLY_TOTAL:
            return revenue.rent_amount
        per_kw = revenue.rent_amount
    return per_kw * it_load_mw(inputs, pue) * 1000.0


def operating_year(
    inputs: ProjectInputs,
    rent_per_kw_month: float | None = None,
    opex_ratio: float | None = None,
    pue: float | None = None,
    rent_factor: float = 1.0,
) -> OperatingYear:
    """Year-1 NOI waterfall; `rent_factor` scales the let rent (tenant default stress), not the power bill.

    1,000,000 a month, 95% let, triple net, 5% opex gives 11,400,000 revenue, 10,830,000 NOI, 10,721,700 CFADS.
    """
    rent = monthly_rent_amount(inputs, rent_per_kw_month, pue)
    gross = rent * 12.0 * inputs.revenue.occupancy_ratio * rent_factor
    electricity = 0.0
    if inputs.revenue.lease_type is LeaseType.GROSS:
        electricity = energy_mwh(inputs) * inputs.revenue.electricity_price_per_mwh
    opex = gross * (inputs.revenue.opex_ratio if opex_ratio is None else opex_ratio)
    noi = gross - electricity - opex
    fee = max(noi, 0.0) * inputs.revenue.asset_management_fee_rate
    reserve = it_load_mw(inputs, pue) * 1000.0 * inputs.revenue.replacement_reserve_per_kw_amount
    return OperatingYear(gross, electricity, opex, noi, fee, reserve, noi - fee - reserve)


def derive(inputs: ProjectInputs, terms: StructuringTerms) -> DerivedInputs:
    """All derived figures of a project under the run's terms."""
    year_one = operating_year(inputs)
    shared = inputs.land.total_amount + inputs.fees.total_amount
    internal = inputs.capex_internal.total_amount + shared
    market = inputs.capex_market.total_amount + shared
    value = inputs.valuation.appraisal_amount
    if value is None:
        value = max(year_one.noi_amount, 0.0) / terms.capitalisation_rate
    it_load = it_load_mw(inputs)
    return DerivedInputs(
        it_load_mw=it_load,
        overhead_mw=inputs.power.gross_facility_mw - it_load,
        monthly_rent_amount=monthly_rent_amount(inputs),
        year_one=year_one,
        internal_capex_amount=inputs.capex_internal.total_amount,
        market_capex_amount=inputs.capex_market.total_amount,
        land_purchase_amount=inputs.land.purchase_amount,
        grid_connection_amount=inputs.land.grid_amount,
        stamp_duty_amount=inputs.land.stamp_duty_amount,
        management_fee_amount=inputs.fees.management_amount,
        internal_cost_amount=internal,
        market_cost_amount=market,
        developer_profit_amount=market - internal,
        developer_margin_ratio=(market - internal) / internal,
        value_amount=value,
        agency_value_amount=value * (1.0 - terms.agency_haircut_ratio),
        lease_months=12 * inputs.lease.term_years,
    )
