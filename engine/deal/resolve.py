"""A financing resolved to numbers: the arrays and scalars a kernel reads, nothing left to look up.

Terms (what paper says) -> Resolved (this module) -> Result (`structure`, the search's walk).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.basics.index_paths import at_reviews, collared_index, cpi_index, fixed_index, lagged_rates
from engine.deal.axes import AXES, INDEXATIONS, WRAPS
from engine.deal.choice import Choice
from engine.deal.numbers import (
    A_CAP,
    A_FLOOR,
    A_INDEXATION,
    A_IRR,
    A_ZCIS,
    MarketNumbers,
    Paths,
    ProjectNumbers,
    Resolved,
    TaxNumbers,
    TermNumbers,
)
from engine.deal.setting import Setting
from engine.errors import InputProblems, Problem
from engine.hedges.swaps import zcis_unit_settlements
from engine.project.derive import HOURS_A_YEAR, derive
from engine.project.inputs import LeaseType, RentBasis, Tax
from engine.project.programme import debt_drawn, escrow_income_amount
from engine.ratings.checks import packed_rows
from engine.ratings.criteria import CriteriaRow
from engine.ratings.scale import notch_of
from engine.terms import BalloonMode

Floats = NDArray[np.float64]


class Menu(NamedTuple):
    """The values paths are worked out for: (indexation, floor, cap) encoded, swap tenors and equity targets."""

    collars: tuple[tuple[float, float, float], ...]
    zcis_tenors_years: tuple[float, ...]
    equity_irr_rates: tuple[float, ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[float]]) -> Menu:
        """The menu of encoded values by lever in catalogue order; collars with the cap fastest."""
        collars = tuple(product(rows[A_INDEXATION], rows[A_FLOOR], rows[A_CAP]))
        return cls(collars, tuple(rows[A_ZCIS]), tuple(rows[A_IRR]))


def resolve(setting: Setting, menu: Menu) -> Resolved:
    """The setting as arrays; raises InputProblems if the rule set does not know the jurisdiction."""
    return Resolved(
        project=_project_numbers(setting),
        terms=_term_numbers(setting),
        paths=_paths(setting, menu),
        market=_market_numbers(setting),
        criteria=packed_rows(setting.rules.rows_for(setting.inputs.country)),
        tax=tax_numbers(setting.inputs.tax, setting.inputs.capex_internal.total_amount),
    )


def tax_numbers(tax: Tax, capex_amount: float) -> TaxNumbers:
    """A project's tax on an internal capex."""
    allowance = capex_amount * tax.allowance_ratio / tax.allowance_years
    return TaxNumbers(tax.rate or 0.0, allowance, tax.allowance_years, tax.interest_cap_ratio)


def encoded(setting: Setting, choice: Choice) -> Floats:
    """Lever values as a kernel reads them, in catalogue order; the project's own where closed, NaN where it has none."""
    inputs = setting.inputs
    per_kw = inputs.revenue.rent_basis is RentBasis.PER_KW_MONTH
    own = {
        "rent_per_kw_month": inputs.revenue.rent_amount if per_kw else np.nan,
        "opex_ratio": inputs.revenue.opex_ratio,
        "pue": inputs.power.pue,
        "indexation": float(INDEXATIONS.index(inputs.lease.indexation)),
        "cpi_floor_rate": _or_nan(inputs.lease.cpi_floor_rate),
        "cpi_cap_rate": _or_nan(inputs.lease.cpi_cap_rate),
        "wrap": float(WRAPS.index("senior" if inputs.credit.insurance_wrap else "none")),
    }
    chosen = choice.to_dict()
    values = [spec.encode(chosen[code]) if code in chosen else own.get(code, np.nan) for code, spec in AXES.items()]
    return np.array(values, dtype=np.float64)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _project_numbers(setting: Setting) -> ProjectNumbers:
    inputs, derived = setting.inputs, derive(setting.inputs, setting.terms)
    gross_lease = inputs.revenue.lease_type is LeaseType.GROSS
    built = inputs.construction
    letting = setting.letting
    return ProjectNumbers(
        months=letting.months,
        lease_months=letting.lease_months,
        relet_from=letting.relet_from,
        let_until=letting.end,
        construction_months=built.months_from_close,
        gross_facility_mw=inputs.power.gross_facility_mw,
        monthly_rent_amount=derived.monthly_rent_amount,
        occupancy_ratio=inputs.revenue.occupancy_ratio,
        electricity_price_per_mwh=inputs.revenue.electricity_price_per_mwh if gross_lease else 0.0,
        hours_a_year=float(HOURS_A_YEAR),
        utilisation_ratio=inputs.power.utilisation_ratio,
        asset_management_rate=inputs.revenue.asset_management_fee_rate,
        replacement_reserve_per_kw_amount=inputs.revenue.replacement_reserve_per_kw_amount,
        appraisal_amount=_or_nan(inputs.valuation.appraisal_amount),
        internal_cost_amount=derived.internal_cost_amount,
        market_cost_amount=derived.market_cost_amount,
        escrow_income_amount=escrow_income_amount(inputs),
        senior_covered_months=built.covered_months("senior"),
        senior_capitalised=built.is_capitalised("senior"),
        mezz_covered_months=built.covered_months("mezz"),
        mezz_capitalised=built.is_capitalised("mezz"),
        wrap_premium_rate=inputs.credit.insurance_premium_bps / 1e4,
    )


def _term_numbers(setting: Setting) -> TermNumbers:
    terms, rules, inputs = setting.terms, setting.rules, setting.inputs
    minimum_notch = notch_of(terms.minimum_rating)
    bank = rules.bank_for(inputs.country)
    return TermNumbers(
        capitalisation_rate=terms.capitalisation_rate,
        agency_haircut_ratio=setting.value_haircut_ratio,
        discount_rate=terms.discount_rate,
        fee_rate=terms.structuring_fee_rate,
        fee_fixed_amount=terms.structuring_fee_fixed_amount,
        hedged_ratio=terms.zcis_hedged_ratio,
        trs_financing_rate=terms.trs_financing_rate + terms.trs_spread_bps / 1e4,
        trs_haircut_ratio=terms.trs_haircut_ratio,
        sweeps=terms.balloon_mode == BalloonMode.SWEEP,
        balloon_ratio=terms.balloon_ratio,
        sweep_ratio=terms.sweep_ratio,
        refinance_spread_rate=terms.refinance_spread_bps / 1e4,
        step_up_rate=terms.step_up_bps / 1e4,
        window_months=terms.lock_up_window_months,
        ard_window_months=terms.ard_trap_window_months,
        minimum_notch=minimum_notch,
        near_miss_ratio=terms.near_miss_ratio,
        unfixed_ratio=terms.unfixed_ratio,
        lease_tail_months=12 * rules.lease_tail_years,
        coverage_floor_ratio=rules.capex_coverage_min_ratio,
        tenant_cap_notch=rules.tenant_cap_notch(inputs.credit.tenant_rating),
        ltv_on_market_cost=rules.ltv_basis == "market_cost",
        stressed_floor=_lowest_accepted(setting, minimum_notch).stressed_dscr,
        gearing_limit_ratio=rules.max_gearing_ratio,
        gearing_on_uses=rules.gearing_basis == "uses",
        mezz_gap_ratio=rules.max_mezz_share_of_gap,
        total_advance_limit_ratio=rules.max_total_advance_ratio,
        total_dscr_floor=rules.min_total_dscr,
        underwritten_ratio=rules.underwritten_cash_ratio,
        bank_notch=notch_of(bank.minimum_rating) if bank else 0,
        bank_tenor_years=bank.max_tenor_years if bank else 0.0,
        bank_advance_ratio=bank.max_advance_ratio if bank else 0.0,
        bank_currency_fits=bank is not None and bank.currency == inputs.currency,
        bank_class_confirmed=bank is not None and bank.class_confirmed,
    )


def _lowest_accepted(setting: Setting, minimum_notch: int) -> CriteriaRow:
    """Criteria of the lowest rating that the run's minimum accepts; raises InputProblems if no rating does."""
    rows = [row for row in setting.rules.rows_for(setting.inputs.country) if row.notch <= minimum_notch]
    if not rows:
        message = f"Minimum rating: rule set {setting.rules.version} has no criteria for {setting.terms.minimum_rating} or better in {setting.inputs.country}."
        raise InputProblems([Problem("no_criteria", "minimum_rating", message)])
    return rows[-1]


def _paths(setting: Setting, menu: Menu) -> Paths:
    terms, months, let = setting.terms, setting.letting.months, setting.letting.rent_share()
    horizon = setting.inputs.construction.months_from_close + months
    time = np.arange(horizon + 1) / 12.0
    levels, shares = _steps(terms.lock_up_steps)
    ard_levels, ard_shares = _steps(terms.ard_trap_steps)
    scenarios = (*setting.scenarios, *setting.rating_scenarios)
    return Paths(
        rent_index=np.array([_collared(setting, *collar) for collar in menu.collars]),
        cpi_index=np.array([cpi_index(rates) for rates in cpi_paths(setting)]),
        power_index=np.array([power_index(setting, rates) for rates in cpi_paths(setting)]),
        zcis=np.array([_zcis(setting, collar, tenor) for collar in menu.collars for tenor in menu.zcis_tenors_years]),
        rent_factor=np.array([let * let_share(months, *default) for default in setting.defaults]),
        shifts=np.array(setting.rate_shifts_bps) / 1e4,
        equity_discount=(1.0 + np.array(menu.equity_irr_rates))[:, None] ** -time,
        npv_discount=(1.0 + terms.discount_rate) ** -time,
        let=let,
        drawn=debt_drawn(setting.inputs),
        lock_levels=levels,
        lock_shares=shares,
        ard_levels=ard_levels,
        ard_shares=ard_shares,
        scenarios=np.array([(s.cpi_path, s.shift_path, s.default_path) for s in scenarios], dtype=np.int64),
        plain_count=setting.plain_count,
        grid_count=len(setting.scenarios),
        required=required_scenarios(setting),
    )


def required_scenarios(setting: Setting) -> NDArray[np.bool_]:
    """Which of the ratings' scenarios each criteria row must survive: (rows, scenarios), its own and those of worse."""
    rows, tests = setting.rules.rows_for(setting.inputs.country), setting.rating_scenarios
    asked = [[notch_of(test.rating) >= row.notch for test in tests] for row in rows]
    return np.array(asked, dtype=np.bool_).reshape(len(rows), len(tests))


def _steps(steps: Sequence[tuple[float, float]]) -> tuple[Floats, Floats]:
    return np.array([level for level, _ in steps]), np.array([share for _, share in steps])


def _market_numbers(setting: Setting) -> MarketNumbers:
    """Fair and highest coupons by notch at every life where a curve or spread bends; empty without a market."""
    if setting.market is None:
        none = np.empty((0, 0))
        return MarketNumbers(np.empty(0), none, none, none, none)
    market = setting.market.market_for(setting.inputs.currency)
    return MarketNumbers(np.array(market.lives), *market.coupon_tables)


def cpi_paths(setting: Setting) -> list[Floats]:
    """Annual CPI rises from the start of operations: the base path, then each stress of the grid and of ratings."""
    rises, base = setting.letting.months // 12 - 1, setting.terms.base_cpi_rate
    return [np.full(rises, base if rate is None else rate) for rate in setting.cpi_rates]


def _collared(setting: Setting, kind: float, floor_rate: float, cap_rate: float) -> list[Floats]:
    """Rent index of each CPI path under one collar."""
    return [rent_index(setting, int(kind), floor_rate, cap_rate, rates) for rates in cpi_paths(setting)]


def rent_index(setting: Setting, kind: int, floor_rate: float, cap_rate: float, cpi_rates: Floats) -> Floats:
    """Rent index by operating year, as it is paid between reviews; NaN floor or cap means none."""
    levels = _yearly_index(setting, kind, floor_rate, cap_rate, cpi_rates)
    return at_reviews(levels, setting.inputs.lease.review_years)


def _yearly_index(setting: Setting, kind: int, floor_rate: float, cap_rate: float, cpi_rates: Floats) -> Floats:
    lease = setting.inputs.lease
    if INDEXATIONS[kind] == "none":
        return np.ones(cpi_rates.size + 1)
    if INDEXATIONS[kind] == "fixed":
        return fixed_index(lease.fixed_indexation_rate, cpi_rates.size + 1)
    read = lagged_rates(cpi_rates, setting.terms.base_cpi_rate, lease.indexation_lag_months)
    floor = None if np.isnan(floor_rate) else floor_rate
    cap = None if np.isnan(cap_rate) else cap_rate
    return collared_index(read, lease.indexation_spread_rate, floor, cap)


def power_index(setting: Setting, cpi_rates: Floats) -> Floats:
    """Electricity price index by operating year: its own yearly rise, else CPI."""
    rate = setting.inputs.revenue.electricity_escalation_rate
    return cpi_index(cpi_rates) if rate is None else fixed_index(rate, cpi_rates.size + 1)


def inflation_leg(setting: Setting, kind: int, floor_rate: float, cap_rate: float, cpi_rates: Floats) -> Floats:
    """What the inflation swap pays on, by operating year: CPI with the rent's own lag, floor and cap, without its spread.

    A rent that does not follow CPI carries no swap; the leg then stands at CPI. It moves every year, however seldom the
    rent is reviewed.
    """
    if INDEXATIONS[kind] != "cpi":
        return cpi_index(cpi_rates)
    spread = setting.inputs.lease.indexation_spread_rate
    levels = _yearly_index(setting, kind, floor_rate, cap_rate, cpi_rates)
    return np.concatenate(([1.0], np.cumprod(levels[1:] / levels[:-1] - spread)))


def _zcis(setting: Setting, collar: tuple[float, float, float], tenor_years: float) -> list[Floats]:
    """Swap settlement a month per unit of hedged year-1 NOI, on each CPI path under one collar."""
    rate, years = setting.terms.zcis_rate(tenor_years), int(tenor_years)
    kind, floor, cap = collar
    legs = [inflation_leg(setting, int(kind), floor, cap, rates) for rates in cpi_paths(setting)]
    return [within_lease(setting, zcis_unit_settlements(leg, rate, years)) for leg in legs]


def within_lease(setting: Setting, settlements: Floats) -> Floats:
    """Settlements by month to the end of the lease: the swap stands on its rent, and ends with it."""
    settlements[setting.letting.lease_months :] = 0.0
    return settlements


def let_share(months: int, default_ratio: float, relet_months: int, relet_ratio: float, from_month: int = 1) -> Floats:
    """Share of rent paid by month: the defaulted part stops in a month, then is re-let at another rent."""
    share, first = np.ones(months), from_month - 1
    share[first : first + relet_months] = 1.0 - default_ratio
    share[first + relet_months :] = 1.0 - default_ratio * (1.0 - relet_ratio)
    return share
