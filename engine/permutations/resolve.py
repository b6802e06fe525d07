"""A case resolved to numbers: the arrays and scalars a walk reads, nothing left to look up.

Terms (what paper says) -> Resolved (this module) -> Result (`walk`, `detail`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.basics.index_paths import collared_index, cpi_index, fixed_index, lagged_rates
from engine.errors import InputProblems, Problem
from engine.hedges.swaps import zcis_unit_settlements
from engine.permutations.axes import AXES, INDEXATIONS, WRAPS, Layer
from engine.permutations.levers import LeverSet
from engine.project.derive import ASSET_MANAGEMENT_FEE_RATE, HOURS_A_YEAR, derive
from engine.project.inputs import LeaseType, ProjectInputs, RentBasis
from engine.ratings.checks import packed_rows
from engine.ratings.criteria import CriteriaRow, RuleSet
from engine.ratings.scale import notch_of
from engine.terms import BalloonMode, StructuringTerms

Floats = NDArray[np.float64]
AXIS_ORDER: tuple[str, ...] = tuple(AXES)


@dataclass(frozen=True)
class Scenario:
    """One cell of the stress grid; number 0 is the base case."""

    number: int
    cpi_rate: float | None
    rate_shift_bps: float
    default_ratio: float
    cpi_path: int
    shift_path: int
    default_path: int

    @property
    def label(self) -> str:
        """The scenario in words, e.g. "CPI 1.8%, rates +100 bps, default 5%"."""
        parts = []
        if self.cpi_rate is not None:
            parts.append(f"CPI {self.cpi_rate * 100:g}%")
        if self.rate_shift_bps:
            parts.append(f"rates {self.rate_shift_bps:+g} bps")
        if self.default_ratio:
            parts.append(f"default {self.default_ratio * 100:g}%")
        return ", ".join(parts) or "Base case"


@dataclass(frozen=True)
class Case:
    """A project, its terms, the rules and the levers: all that decides a run's numbers."""

    inputs: ProjectInputs
    terms: StructuringTerms
    rules: RuleSet
    levers: LeverSet

    @cached_property
    def scenarios(self) -> tuple[Scenario, ...]:
        """Every combination of the CPI, rate and default stresses, base case first."""
        found: list[Scenario] = []
        for p, cpi in enumerate((None, *self.terms.stress_cpi_rates)):
            for r, shift in enumerate((0.0, *self.terms.stress_rate_shifts_bps)):
                for d, default in enumerate((0.0, *self.terms.stress_default_ratios)):
                    found.append(Scenario(len(found), cpi, shift, default, p, r, d))
        return tuple(found)

    @cached_property
    def resolved(self) -> Resolved:
        """The case as arrays."""
        return resolve(self)


class AxisTable(NamedTuple):
    """Mixed radix of the space: position = index // stride % length, value = values[axis, position].

    Closed axes have length 1; NaN stands for "the project's own". Layer sizes say how many permutations share a
    cash flow, a senior structure, a debt structure and a hedged cash flow.
    """

    strides: NDArray[np.int64]
    lengths: NDArray[np.int64]
    values: Floats
    below_cash: int
    below_senior: int
    below_mezz: int
    below_flow: int


class ProjectNumbers(NamedTuple):
    """The project and its costs as scalars; amounts in project currency, months as counts."""

    months: int
    construction_months: int
    gross_facility_mw: float
    pue: float
    rent_per_kw_month: float
    monthly_rent_amount: float
    occupancy_ratio: float
    opex_ratio: float
    electricity_price_per_mwh: float
    hours_a_year: float
    asset_management_rate: float
    appraisal_amount: float
    internal_cost_amount: float
    market_cost_amount: float
    senior_covered_months: int
    senior_capitalised: bool
    mezz_covered_months: int
    mezz_capitalised: bool
    wrapped: bool
    wrap_premium_rate: float


class TermNumbers(NamedTuple):
    """Terms and general rules as scalars; rates a year."""

    capitalisation_rate: float
    agency_haircut_ratio: float
    discount_rate: float
    fee_rate: float
    fee_fixed_amount: float
    hedged_ratio: float
    trs_financing_rate: float
    trs_haircut_ratio: float
    sweeps: bool
    refinance_spread_rate: float
    step_up_rate: float
    window_months: int
    minimum_notch: int
    near_miss_ratio: float
    unfixed_ratio: float
    lease_tail_months: int
    coverage_floor_ratio: float
    tenant_cap_notch: int
    ltv_on_market_cost: bool
    stressed_floor: float
    bank_notch: int
    bank_tenor_years: float
    bank_advance_ratio: float
    bank_currency_fits: bool
    bank_class_confirmed: bool


class Paths(NamedTuple):
    """Index, stress and discount paths shared by all permutations.

    rent_index (collars, cpi paths, years), zcis (tenors, cpi paths, months), rent_factor (defaults, months),
    shifts (rate shocks), equity_discount (targets, months + 1 from close), npv_discount (months + 1).
    """

    rent_index: Floats
    zcis: Floats
    rent_factor: Floats
    shifts: Floats
    equity_discount: Floats
    npv_discount: Floats
    lock_levels: Floats
    lock_shares: Floats


class Resolved(NamedTuple):
    """Everything a walk reads."""

    axes: AxisTable
    project: ProjectNumbers
    terms: TermNumbers
    paths: Paths
    criteria: Floats


def resolve(case: Case) -> Resolved:
    """The case as arrays; raises InputProblems if the rule set does not know the jurisdiction."""
    axes = _axis_table(case)
    return Resolved(
        axes=axes,
        project=_project_numbers(case),
        terms=_term_numbers(case),
        paths=_paths(case, axes),
        criteria=packed_rows(case.rules.rows_for(case.inputs.country)),
    )


def _axis_values(case: Case) -> list[list[float]]:
    """Encoded values of every axis in catalogue order; a closed axis holds its one default."""
    lease, opened = case.inputs.lease, dict(case.levers.axes)
    own = {
        "indexation": float(INDEXATIONS.index(lease.indexation)),
        "cpi_floor_rate": _or_nan(lease.cpi_floor_rate),
        "cpi_cap_rate": _or_nan(lease.cpi_cap_rate),
        "wrap": float(WRAPS.index("senior" if case.inputs.credit.insurance_wrap else "none")),
    }
    rows = []
    for code, spec in AXES.items():
        if code in opened:
            rows.append([_encoded(spec.code, value) for value in opened[code]])
        elif spec.default is not None:
            rows.append([spec.encode(spec.default)])
        else:
            rows.append([own.get(code, np.nan)])
    return rows


def _encoded(code: str, value: float | str) -> float:
    return AXES[code].encode(value)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _axis_table(case: Case) -> AxisTable:
    rows = _axis_values(case)
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    strides = np.ones(len(rows), dtype=np.int64)
    for k in range(len(rows) - 2, -1, -1):
        strides[k] = strides[k + 1] * lengths[k + 1]
    values = np.full((len(rows), int(lengths.max())), np.nan)
    for k, row in enumerate(rows):
        values[k, : len(row)] = row
    below = {layer: int(np.prod([n for n, spec in zip(lengths, AXES.values(), strict=True) if _deeper(spec.layer, layer)]))
             for layer in Layer}  # fmt: skip
    return AxisTable(
        strides, lengths, values, below[Layer.CASH], below[Layer.SENIOR], below[Layer.MEZZ], below[Layer.FLOW]
    )


def _deeper(layer: Layer, than: Layer) -> bool:
    order = list(Layer)
    return order.index(layer) > order.index(than)


def _project_numbers(case: Case) -> ProjectNumbers:
    inputs, derived = case.inputs, derive(case.inputs, case.terms)
    per_kw = inputs.revenue.rent_basis is RentBasis.PER_KW_MONTH
    gross_lease = inputs.revenue.lease_type is LeaseType.GROSS
    built = inputs.construction
    return ProjectNumbers(
        months=derived.lease_months,
        construction_months=built.months,
        gross_facility_mw=inputs.power.gross_facility_mw,
        pue=inputs.power.pue,
        rent_per_kw_month=inputs.revenue.rent_amount if per_kw else np.nan,
        monthly_rent_amount=derived.monthly_rent_amount,
        occupancy_ratio=inputs.revenue.occupancy_ratio,
        opex_ratio=inputs.revenue.opex_ratio,
        electricity_price_per_mwh=inputs.revenue.electricity_price_per_mwh if gross_lease else 0.0,
        hours_a_year=float(HOURS_A_YEAR),
        asset_management_rate=ASSET_MANAGEMENT_FEE_RATE,
        appraisal_amount=_or_nan(inputs.valuation.appraisal_amount),
        internal_cost_amount=derived.internal_cost_amount,
        market_cost_amount=derived.market_cost_amount,
        senior_covered_months=built.covered_months("senior"),
        senior_capitalised=built.is_capitalised("senior"),
        mezz_covered_months=built.covered_months("mezz"),
        mezz_capitalised=built.is_capitalised("mezz"),
        wrapped=inputs.credit.insurance_wrap,
        wrap_premium_rate=inputs.credit.insurance_premium_bps / 1e4,
    )


def _term_numbers(case: Case) -> TermNumbers:
    terms, rules, inputs = case.terms, case.rules, case.inputs
    minimum_notch = notch_of(terms.minimum_rating)
    bank = rules.bank_for(inputs.country)
    return TermNumbers(
        capitalisation_rate=terms.capitalisation_rate,
        agency_haircut_ratio=terms.agency_haircut_ratio,
        discount_rate=terms.discount_rate,
        fee_rate=terms.structuring_fee_rate,
        fee_fixed_amount=terms.structuring_fee_fixed_amount,
        hedged_ratio=terms.zcis_hedged_ratio,
        trs_financing_rate=terms.trs_financing_rate + terms.trs_spread_bps / 1e4,
        trs_haircut_ratio=terms.trs_haircut_ratio,
        sweeps=terms.balloon_mode == BalloonMode.SWEEP,
        refinance_spread_rate=terms.refinance_spread_bps / 1e4,
        step_up_rate=terms.step_up_bps / 1e4,
        window_months=terms.lock_up_window_months,
        minimum_notch=minimum_notch,
        near_miss_ratio=terms.near_miss_ratio,
        unfixed_ratio=terms.unfixed_ratio,
        lease_tail_months=12 * rules.lease_tail_years,
        coverage_floor_ratio=rules.capex_coverage_min_ratio,
        tenant_cap_notch=rules.tenant_cap_notch(inputs.credit.tenant_rating),
        ltv_on_market_cost=rules.ltv_basis == "market_cost",
        stressed_floor=_lowest_accepted(case, minimum_notch).stressed_dscr,
        bank_notch=notch_of(bank.minimum_rating) if bank else 0,
        bank_tenor_years=bank.max_tenor_years if bank else 0.0,
        bank_advance_ratio=bank.max_advance_ratio if bank else 0.0,
        bank_currency_fits=bank is not None and bank.currency == inputs.currency,
        bank_class_confirmed=bank is not None and bank.class_confirmed,
    )


def _lowest_accepted(case: Case, minimum_notch: int) -> CriteriaRow:
    """Criteria of the lowest rating that the run's minimum accepts; raises InputProblems if no rating does."""
    rows = [row for row in case.rules.rows_for(case.inputs.country) if row.notch <= minimum_notch]
    if not rows:
        message = f"Minimum rating: rule set {case.rules.version} has no criteria for {case.terms.minimum_rating} or better in {case.inputs.country}."
        raise InputProblems([Problem("no_criteria", "minimum_rating", message)])
    return rows[-1]


def _paths(case: Case, axes: AxisTable) -> Paths:
    terms, months = case.terms, 12 * case.inputs.lease.term_years
    steps = sorted(terms.lock_up_steps, reverse=True)
    horizon = case.inputs.construction.months + months
    targets = axes.values[AXIS_ORDER.index("equity_irr_rate")]
    time = np.arange(horizon + 1) / 12.0
    return Paths(
        rent_index=_rent_index(case, axes),
        zcis=_zcis(case, axes),
        rent_factor=_rent_factor(terms, months),
        shifts=np.array((0.0, *terms.stress_rate_shifts_bps)) / 1e4,
        equity_discount=(1.0 + targets[~np.isnan(targets)])[:, None] ** -time,
        npv_discount=(1.0 + terms.discount_rate) ** -time,
        lock_levels=np.array([level for level, _ in steps]),
        lock_shares=np.array([share for _, share in steps]),
    )


def cpi_paths(case: Case) -> list[Floats]:
    """Annual CPI rises from the start of operations: the base path, then each CPI stress."""
    rises = case.inputs.lease.term_years - 1
    return [np.full(rises, rate) for rate in (case.terms.base_cpi_rate, *case.terms.stress_cpi_rates)]


def _rent_index(case: Case, axes: AxisTable) -> Floats:
    """Rent index (indexation x floor x cap, cpi path, year) in the order of the axes' positions."""
    kinds, floors, caps = (_open_values(axes, code) for code in ("indexation", "cpi_floor_rate", "cpi_cap_rate"))
    tables = [
        [rent_index(case, INDEXATIONS[int(kind)], floor, cap, rates) for rates in cpi_paths(case)]
        for kind in kinds
        for floor in floors
        for cap in caps
    ]
    return np.array(tables)


def _open_values(axes: AxisTable, code: str) -> Floats:
    k = AXIS_ORDER.index(code)
    return axes.values[k, : axes.lengths[k]]


def rent_index(case: Case, kind: str, floor_rate: float, cap_rate: float, cpi_rates: Floats) -> Floats:
    """Rent index by operating year; NaN floor or cap means none."""
    lease = case.inputs.lease
    if kind == "none":
        return np.ones(cpi_rates.size + 1)
    if kind == "fixed":
        return fixed_index(lease.fixed_indexation_rate, cpi_rates.size + 1)
    read = lagged_rates(cpi_rates, case.terms.base_cpi_rate, lease.indexation_lag_months)
    floor = None if np.isnan(floor_rate) else floor_rate
    cap = None if np.isnan(cap_rate) else cap_rate
    return collared_index(read, lease.indexation_spread_rate, floor, cap)


def _zcis(case: Case, axes: AxisTable) -> Floats:
    """Swap settlement a month per unit of hedged year-1 NOI (tenor, cpi path, month)."""
    tenors = _open_values(axes, "zcis_tenor_years")
    return np.array(
        [
            [
                zcis_unit_settlements(cpi_index(rates), case.terms.zcis_rate(tenor), int(tenor))
                for rates in cpi_paths(case)
            ]
            for tenor in tenors
        ]
    )


def _rent_factor(terms: StructuringTerms, months: int) -> Floats:
    """Share of rent paid (default stress, month): the defaulted part stops, then is re-let at a lower rent."""
    rows = []
    for default in (0.0, *terms.stress_default_ratios):
        row = np.full(months, 1.0 - default * (1.0 - terms.stress_relet_ratio))
        row[: min(terms.stress_relet_months, months)] = 1.0 - default
        rows.append(row)
    return np.array(rows)
