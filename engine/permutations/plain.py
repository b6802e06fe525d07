"""The twin of the walk: one permutation at a time, straight from the paper, nothing shared and nothing packed.

Written from the model book to be read; `engine.permutations.walk` gives the same numbers a thousand times faster.
NaN stands for "not computed".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from engine.basics.index_paths import by_month, collared_index, cpi_index, fixed_index, lagged_rates
from engine.deal.axes import AXES, Layer, Lever
from engine.deal.columns import RESULT_COLUMNS
from engine.deal.reasons import GATE_B_REASON, is_alive
from engine.deal.setting import Scenario
from engine.debt.kinds import AMORTISATIONS, INTEREST_ONLY
from engine.debt.plain import (
    DebtTerms,
    discounted,
    plain_balance,
    plain_refinancing,
    plain_schedule,
    plain_service,
)
from engine.hedges.swaps import trs_monthly_carry, zcis_unit_settlements
from engine.permutations.case import Case
from engine.project.derive import OperatingYear, derive, operating_year
from engine.project.inputs import ProjectInputs
from engine.ratings.criteria import CriteriaRow
from engine.ratings.scale import NOT_RATED, notch_of
from engine.terms import BalloonMode, StructuringTerms
from engine.waterfall.plain import Month, plain_reserve_targets, plain_waterfall
from engine.waterfall.terms import WaterfallPaths, WaterfallTerms

Floats = NDArray[np.float64]
Row = dict[str, float]

TENOR_EXCEEDS_LIMIT, MEZZ_DSCR_NOT_BELOW_SENIOR, COUPON_OUT_OF_MARKET, NO_DEBT_CAPACITY, INSUFFICIENT_CAPITAL = range(
    1, 6
)
TENANT_CAP = 9
# A limit met to nine digits is met.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Choice:
    """One permutation: the case, and every lever by name; None is the project's own."""

    case: Case
    index: int
    levers: dict[str, Lever]

    @property
    def inputs(self) -> ProjectInputs:
        return self.case.inputs

    @property
    def terms(self) -> StructuringTerms:
        return self.case.terms

    def number(self, code: str) -> float:
        return float(self.levers[code])

    def given(self, code: str) -> float | None:
        value = self.levers.get(code)
        return None if value is None else float(value)

    @property
    def lease_months(self) -> int:
        return 12 * self.inputs.lease.term_years

    @property
    def maturity(self) -> int:
        return 12 * int(self.number("senior_tenor_years"))

    @property
    def is_wrapped(self) -> bool:
        wrap = self.levers.get("wrap")
        return self.inputs.credit.insurance_wrap if wrap is None else wrap == "senior"

    @property
    def has_mezzanine(self) -> bool:
        return self.levers["mezzanine"] == "sized"

    @property
    def wrap_rate(self) -> float:
        """Premium a month on the senior balance."""
        return self.inputs.credit.insurance_premium_bps / 1e4 / 12.0 if self.is_wrapped else 0.0

    @property
    def sweeps(self) -> bool:
        return self.terms.balloon_mode == BalloonMode.SWEEP

    @property
    def refinance_spread(self) -> float:
        """Spread a month of a refinancing over the coupon it replaces."""
        return self.terms.refinance_spread_bps / 1e4 / 12.0

    def year_one(self, rent_factor: float = 1.0) -> OperatingYear:
        """The first operating year under the permutation's rent, opex and PUE."""
        return operating_year(
            self.inputs,
            rent_per_kw_month=self.given("rent_per_kw_month"),
            opex_ratio=self.given("opex_ratio"),
            pue=self.given("pue"),
            rent_factor=rent_factor,
        )

    @property
    def value_amount(self) -> float:
        """The appraisal, else year-1 NOI capitalised."""
        appraisal = self.inputs.valuation.appraisal_amount
        return max(self.year_one().noi_amount, 0.0) / self.terms.capitalisation_rate if appraisal is None else appraisal

    @property
    def agency_value_amount(self) -> float:
        return self.value_amount * (1.0 - self.terms.agency_haircut_ratio)


@dataclass(frozen=True)
class Cash:
    """Monthly income, costs (asset management fee included) and CFADS before hedges."""

    income: Floats
    costs: Floats

    @property
    def cfads(self) -> Floats:
        return self.income - self.costs


@dataclass(frozen=True)
class Tranche:
    """Senior or mezzanine debt: what it owes, when, and what it brings in at close. Rates are monthly."""

    terms: DebtTerms
    balance: float
    schedule: tuple[float, ...]
    coupon: float
    later_coupon: float
    proceeds: float
    prefunded: float
    covered_months: int
    is_capitalised: bool
    construction_months: int

    @property
    def maturity(self) -> int:
        return self.terms.maturity

    def service(self, premium: float = 0.0) -> list[float]:
        """Scheduled interest, premium and principal by month; what a sweep after maturity takes is not scheduled."""
        terms = self.terms
        rates = [self.coupon if m < terms.maturity else self.later_coupon for m in range(terms.last)]
        service = plain_service(self.schedule, [rate + premium for rate in rates])
        if terms.sweeps and terms.last > terms.maturity:
            service[-1] -= self.schedule[-2] - self.schedule[-1]
        return service


@dataclass(frozen=True)
class Cover:
    """Cover measures of one cash path."""

    dscr_minimum: float
    dscr_average: float
    llcr: float
    plcr: float
    icr: float
    breach_month: int
    recovery_months: int


@dataclass(frozen=True)
class Verdict:
    """What the rating criteria say of one cover."""

    notch: int
    passed: bool
    near_miss: bool
    first_failed: int
    binding: int
    headroom: float


@dataclass(frozen=True)
class Hedges:
    """The permutation's swaps."""

    zcis_tenor_years: int
    zcis_rate: float
    notional_amount: float
    trs_share: float
    trs_carry: float
    margin_amount: float

    def settlements(self, cpi: Floats) -> Floats:
        return self.notional_amount * zcis_unit_settlements(cpi, self.zcis_rate, self.zcis_tenor_years)


@dataclass(frozen=True)
class Evaluation:
    """One permutation, each figure worked out when it is first asked for."""

    choice: Choice

    @cached_property
    def cash(self) -> Cash:
        return _cash(self.choice, self.base)

    @property
    def base(self) -> Scenario:
        return self.choice.case.scenarios[0]

    @cached_property
    def senior(self) -> Tranche:
        return _senior(self.choice, self.cash.cfads)

    @cached_property
    def mezz(self) -> Tranche:
        return _mezz(self.choice, self.cash.cfads, self.senior)

    @cached_property
    def hedges(self) -> Hedges:
        return _hedges(self.choice, self.senior)

    @cached_property
    def cover(self) -> Cover:
        return self.cover_in(self.base)

    @cached_property
    def verdict(self) -> Verdict:
        return self.verdict_on(self.cover)

    def cover_in(self, scenario: Scenario) -> Cover:
        """Cover under a scenario: its CPI, rate shock and tenant default together."""
        terms = self.choice.terms
        cash = _cash(self.choice, scenario).cfads + self.hedges.settlements(_cpi(self.choice, scenario))
        shock = _shock(scenario)
        passed_on = terms.unfixed_ratio * shock
        carry = self.hedges.trs_carry + self.hedges.trs_share * (passed_on - shock)
        return _cover(cash, self.senior, carry, self.choice.wrap_rate + passed_on)

    def refinances_in(self, scenario: Scenario) -> bool:
        """True if the market carries the balloon in the scenario, or a sweep does not ask it to."""
        balloon = self.senior.schedule[self.senior.maturity]
        return self.choice.sweeps or self.refinancing_in(scenario) >= balloon * (1.0 - ROUNDING)

    def refinancing_in(self, scenario: Scenario) -> float:
        """What CFADS is left after maturity refinances, at the scenario's rates."""
        terms, choice = self.senior.terms, self.choice
        capacity = _cash(choice, scenario).cfads / choice.number("senior_dscr")
        shocked = replace(terms, refinance_rate=terms.refinance_rate + _shock(scenario))
        return plain_refinancing(shocked, capacity.tolist())

    def verdict_on(self, cover: Cover) -> Verdict:
        return _verdict(self.choice, cover, self.senior)

    @cached_property
    def fees_amount(self) -> float:
        terms = self.choice.terms
        raised = self.senior.proceeds + self.mezz.proceeds
        return terms.structuring_fee_fixed_amount + terms.structuring_fee_rate * raised

    @property
    def prefunded_amount(self) -> float:
        return self.senior.prefunded + self.mezz.prefunded

    @cached_property
    def coverage_ratio(self) -> float:
        """Debt proceeds net of fees and pre-funded interest over internal cost."""
        raised = self.senior.proceeds + self.mezz.proceeds
        return (raised - self.fees_amount - self.prefunded_amount) / self.costs[0]

    @cached_property
    def costs(self) -> tuple[float, float]:
        """Project cost at internal and at market prices."""
        derived = derive(self.choice.inputs, self.choice.terms)
        return derived.internal_cost_amount, derived.market_cost_amount

    @cached_property
    def stress_key(self) -> int:
        return _stress_key(self.choice.case, self.choice.index)

    @cached_property
    def reserve_targets(self) -> Floats:
        months, service = int(self.choice.number("dsra_months")), np.array(self.senior.service())
        return plain_reserve_targets(service, months, self.senior.maturity, self.choice.lease_months + 1)

    @cached_property
    def stress(self) -> tuple[Row, ...]:
        return tuple(self._stress_row(scenario) for scenario in self.choice.case.scenarios)

    def _stress_row(self, scenario: Scenario) -> Row:
        cover = self.cover_in(scenario)
        notch = self.verdict_on(cover).notch
        return {
            "stress_key": self.stress_key,
            "scenario": scenario.number,
            "base_dscr": self.cover.dscr_minimum,
            "stressed_dscr": _finite(cover.dscr_minimum),
            "dscr_degradation_ratio": _finite(1.0 - cover.dscr_minimum / self.cover.dscr_minimum),
            "breach_month": cover.breach_month,
            "recovery_months": cover.recovery_months,
            "rating_notch": notch,
            "notches_moved": notch - self.verdict.notch,
        }


def plain_permutation(case: Case, index: int) -> Row:
    """Results of one permutation by column name, before hard filters."""
    found = _evaluation(case, index)
    row: Row = dict.fromkeys((spec.name for spec in RESULT_COLUMNS), math.nan)
    row.update(gate=0, near_miss=0, reason=_gate_a(found))
    if row["reason"] in (0, INSUFFICIENT_CAPITAL):
        row.update(_sizes(found))
    if row["reason"] == 0:
        row.update(_gate_b(found))
    if is_alive(row["gate"], row["near_miss"]):
        row.update(_stress(found))
        row.update(_value_and_returns(found))
    return row


def plain_stress(case: Case, index: int) -> list[Row]:
    """Stress rows of one permutation, base case first; none unless it passed or nearly did."""
    result = plain_permutation(case, index)
    if is_alive(result["gate"], result["near_miss"]):
        return list(_evaluation(case, index).stress)
    return []


def plain_scenario(case: Case, index: int, scenario: Scenario) -> tuple[list[Month], int]:
    """Every month of one permutation under a scenario, and the flags raised; gates aside, there must be debt."""
    return _waterfall(_evaluation(case, index), scenario)


def _stress_key(case: Case, index: int) -> int:
    """Number of the permutation's cash flow, senior structure and pair of swaps, among all such combinations."""
    key = 0
    for code, spec in AXES.items():
        if spec.layer in (Layer.CASH, Layer.SENIOR) or code in ("zcis_tenor_years", "trs_share"):
            values = dict(case.levers.axes).get(code, ())
            position = values.index(case.levers.levers_at(index)[code]) if values else 0
            key = key * max(len(values), 1) + position
    return key


def _evaluation(case: Case, index: int) -> Evaluation:
    return Evaluation(Choice(case, index, case.levers.levers_at(index)))


# Cash


def _cpi_rate(choice: Choice, scenario: Scenario) -> float:
    return choice.terms.base_cpi_rate if scenario.cpi_rate is None else scenario.cpi_rate


def _cpi(choice: Choice, scenario: Scenario) -> Floats:
    """CPI by operating year, year 1 = 1."""
    return cpi_index(np.full(choice.inputs.lease.term_years - 1, _cpi_rate(choice, scenario)))


def _rent_index(choice: Choice, scenario: Scenario) -> Floats:
    """Rent index by operating year."""
    lease, terms = choice.inputs.lease, choice.terms
    kind = choice.levers.get("indexation", lease.indexation)
    if kind == "none":
        return np.ones(lease.term_years)
    if kind == "fixed":
        return fixed_index(lease.fixed_indexation_rate, lease.term_years)
    rises = np.full(lease.term_years - 1, _cpi_rate(choice, scenario))
    read = lagged_rates(rises, terms.base_cpi_rate, lease.indexation_lag_months)
    floor, cap = choice.given("cpi_floor_rate"), choice.given("cpi_cap_rate")
    floor = lease.cpi_floor_rate if floor is None else floor
    cap = lease.cpi_cap_rate if cap is None else cap
    return collared_index(read, lease.indexation_spread_rate, floor, cap)


def _cash(choice: Choice, scenario: Scenario) -> Cash:
    """Income and costs by month; a defaulted share of rent stops, then is re-let at a lower rent."""
    terms, lost = choice.terms, scenario.default_ratio
    vacant, relet = 1.0 - lost, 1.0 - lost * (1.0 - terms.stress_relet_ratio)
    paid = [vacant if m < terms.stress_relet_months else relet for m in range(choice.lease_months)]
    years = {factor: choice.year_one(factor) for factor in (vacant, relet)}
    level = by_month(_rent_index(choice, scenario)) / 12.0
    income = np.array([years[factor].gross_revenue_amount for factor in paid]) * level
    cfads = np.array([years[factor].cfads_amount for factor in paid]) * level
    return Cash(income, income - cfads)


# Debt


def _senior(choice: Choice, cfads: Floats) -> Tranche:
    coupon = choice.number("senior_coupon_rate") / 12.0
    all_in = coupon + choice.wrap_rate
    debt = DebtTerms(
        kind=AMORTISATIONS.index(str(choice.levers["senior_amortisation"])),
        period_rate=all_in,
        maturity=choice.maturity,
        last=choice.lease_months,
        refinance_rate=all_in + choice.refinance_spread,
        grace=int(choice.number("grace_months")),
        sweeps=choice.sweeps,
    )
    capacity = cfads / choice.number("senior_dscr")
    balance = plain_balance(debt, capacity.tolist())
    limit = _senior_limit(choice)
    if balance > limit:
        # Less debt carries proportionally less service, so the profile keeps its shape.
        capacity, balance = capacity * (limit / balance), limit
    after = choice.terms.step_up_bps / 1e4 / 12.0 if choice.sweeps else choice.refinance_spread
    return _tranche(choice, "senior", debt, balance, capacity, coupon, coupon + after)


def _senior_limit(choice: Choice) -> float:
    headroom = choice.given("over_raise_ratio")
    if headroom is None:
        return math.inf
    return (1.0 + headroom) * derive(choice.inputs, choice.terms).internal_cost_amount


def _mezz(choice: Choice, cfads: Floats, senior: Tranche) -> Tranche:
    """Debt on what CFADS over the total DSCR leaves after senior service."""
    coupon = choice.number("mezz_coupon_rate") / 12.0
    years = choice.given("mezz_tenor_years")
    later = coupon + choice.refinance_spread
    debt = DebtTerms(
        kind=AMORTISATIONS.index(str(choice.levers["mezz_amortisation"])),
        period_rate=coupon,
        maturity=choice.maturity if years is None else min(12 * int(years), choice.maturity),
        last=choice.lease_months,
        refinance_rate=later,
    )
    capacity = cfads / choice.number("mezz_dscr") - np.array(senior.service(choice.wrap_rate))
    balance = plain_balance(debt, capacity.tolist()) if choice.has_mezzanine else 0.0
    return _tranche(choice, "mezz", debt, balance, capacity, coupon, later)


def _tranche(
    choice: Choice, name: str, debt: DebtTerms, balance: float, capacity: Floats, coupon: float, later: float
) -> Tranche:
    built = choice.inputs.construction
    covered, capitalised = built.covered_months(name), built.is_capitalised(name)
    growth = (1.0 + debt.period_rate) ** covered
    return Tranche(
        terms=debt,
        balance=balance,
        schedule=tuple(plain_schedule(debt, balance, capacity.tolist())),
        coupon=coupon,
        later_coupon=later,
        proceeds=balance / growth if capitalised else balance,
        prefunded=0.0 if capitalised else covered * debt.period_rate * balance,
        covered_months=covered,
        is_capitalised=capitalised,
        construction_months=built.months,
    )


def _hedges(choice: Choice, senior: Tranche) -> Hedges:
    terms, tenor, share = choice.terms, int(choice.number("zcis_tenor_years")), choice.number("trs_share")
    carry = trs_monthly_carry(choice.number("senior_coupon_rate"), terms.trs_financing_rate, terms.trs_spread_bps)
    return Hedges(
        zcis_tenor_years=tenor,
        zcis_rate=terms.zcis_rate(tenor),
        notional_amount=terms.zcis_hedged_ratio * choice.year_one().noi_amount,
        trs_share=share,
        trs_carry=share * carry,
        margin_amount=share * senior.balance * terms.trs_haircut_ratio,
    )


# Gates


def _gate_a(found: Evaluation) -> int:
    """First reason to stop before any rating is tried; 0 is none."""
    choice, rules = found.choice, found.choice.case.rules
    if choice.maturity > choice.lease_months - 12 * rules.lease_tail_years:
        return TENOR_EXCEEDS_LIMIT
    if choice.has_mezzanine and choice.number("mezz_dscr") >= choice.number("senior_dscr"):
        return MEZZ_DSCR_NOT_BELOW_SENIOR
    if choice.has_mezzanine and choice.number("mezz_coupon_rate") <= choice.number("senior_coupon_rate"):
        return COUPON_OUT_OF_MARKET
    if found.senior.balance <= 0.0:
        return NO_DEBT_CAPACITY
    if found.coverage_ratio < rules.capex_coverage_min_ratio * (1.0 - ROUNDING):
        return INSUFFICIENT_CAPITAL
    return 0


def _sizes(found: Evaluation) -> Row:
    return {
        "senior_amount": found.senior.balance,
        "senior_proceeds_amount": found.senior.proceeds,
        "mezz_amount": found.mezz.balance,
        "mezz_proceeds_amount": found.mezz.proceeds,
        "coverage_ratio": found.coverage_ratio,
    }


def _gate_b(found: Evaluation) -> Row:
    choice, cover, verdict, debt = found.choice, found.cover, found.verdict, found.senior.balance
    return {
        "gate": 2 if verdict.passed else 1,
        "reason": 0 if verdict.passed else GATE_B_REASON + verdict.first_failed,
        "near_miss": int(verdict.near_miss),
        "agency_ltv_ratio": debt / choice.agency_value_amount,
        "appraisal_ltv_ratio": debt / choice.value_amount,
        "cost_ltv_ratio": debt / found.costs[1],
        "dscr_minimum": cover.dscr_minimum,
        "dscr_average": cover.dscr_average,
        "llcr": cover.llcr,
        "plcr": cover.plcr,
        "icr": cover.icr,
        "rating_notch": verdict.notch,
        "binding_criterion": verdict.binding,
        "binding_headroom_ratio": verdict.headroom,
        "repo_verdict": _repo_verdict(found),
    }


def _cover(cash: Floats, senior: Tranche, carry: float, added_rate: float) -> Cover:
    """Cover of scheduled service to maturity; `added_rate` is premium and rate shock on top of the coupon."""
    n = senior.maturity
    rate = senior.coupon + added_rate
    opening, closing = np.array(senior.schedule[:n]), np.array(senior.schedule[1 : n + 1])
    flow = cash[:n] + opening * carry
    interest = opening * rate
    service = interest + opening - closing
    by_year, interest_by_year, service_by_year = (a.reshape(-1, 12).sum(axis=1) for a in (flow, interest, service))
    owed = service_by_year > 0.0
    dscr = by_year[owed] / service_by_year[owed]
    to_maturity = discounted(flow.tolist(), rate)
    to_end = discounted(np.concatenate((flow, cash[n:])).tolist(), rate)
    charged = interest_by_year > 0.0
    breach, recovery = _breach(flow, service)
    return Cover(
        dscr_minimum=float(dscr.min(initial=np.inf)),
        dscr_average=float(dscr.mean()) if dscr.size else math.inf,
        llcr=to_maturity / senior.balance,
        plcr=to_end / senior.balance,
        icr=float((by_year[charged] / interest_by_year[charged]).min(initial=np.inf)),
        breach_month=breach,
        recovery_months=recovery,
    )


def _breach(flow: Floats, service: Floats) -> tuple[int, int]:
    """First month below 1.0x (0: none), and months until the next at or above (-1: not before maturity)."""
    short = flow < service * (1.0 - 1e-12)
    if not short.any():
        return 0, 0
    first = int(np.argmax(short))
    recovered = np.flatnonzero(~short[first:])
    return first + 1, int(recovered[0]) if recovered.size else -1


def _headrooms(choice: Choice, row: CriteriaRow, cover: Cover, senior: Tranche) -> dict[int, float]:
    """Headroom over each limit of one rating, as a share of the limit; a broken yes-or-no rule is -1."""
    relief = row.wrap_dscr_relief if choice.is_wrapped else 0.0
    on_cost = choice.case.rules.ltv_basis == "market_cost"
    basis = derive(choice.inputs, choice.terms).market_cost_amount if on_cost else choice.agency_value_amount
    return {
        1: cover.dscr_minimum / (row.dscr_minimum - relief) - 1.0,
        2: cover.dscr_average / (row.dscr_average - relief) - 1.0,
        3: 1.0 - senior.balance / basis / row.max_advance_ratio,
        4: 1.0 - senior.maturity / 12.0 / row.max_tenor_years,
        5: cover.llcr / row.llcr - 1.0,
        6: cover.icr / row.icr - 1.0,
        7: 0.0 if AMORTISATIONS[senior.terms.kind] in row.amortisations else -1.0,
        8: -1.0 if row.wrap_required and not choice.is_wrapped else 0.0,
    }


def _failures(headrooms: dict[int, float]) -> list[int]:
    return [criterion for criterion, headroom in headrooms.items() if headroom < -ROUNDING]


def _verdict(choice: Choice, cover: Cover, senior: Tranche) -> Verdict:
    rules, country = choice.case.rules, choice.inputs.country
    minimum = notch_of(choice.terms.minimum_rating)
    ladder = [(row, _headrooms(choice, row, cover, senior)) for row in rules.rows_for(country)]
    achieved = next(((row, room) for row, room in ladder if not _failures(room)), None)
    notch = NOT_RATED if achieved is None else _capped(choice, achieved[0])
    if notch <= minimum and achieved is not None:
        binding, headroom = _tightest(achieved[1])
        return Verdict(notch, True, False, 0, binding, headroom)
    if achieved is not None and achieved[0].notch <= minimum:
        return Verdict(notch, False, False, TENANT_CAP, TENANT_CAP, -1.0)
    return _missed(notch, [room for row, room in ladder if row.notch <= minimum], choice.terms.near_miss_ratio)


def _capped(choice: Choice, row: CriteriaRow) -> int:
    """The row's rating, no better than the tenant allows; a wrap lifts that to the insurer's."""
    cap = choice.case.rules.tenant_cap_notch(choice.inputs.credit.tenant_rating)
    if choice.is_wrapped:
        cap = min(cap, notch_of(row.wrap_insurer_rating))
    return max(row.notch, cap)


def _missed(notch: int, accepted: Sequence[dict[int, float]], near_miss_ratio: float) -> Verdict:
    """Verdict on the accepted rating it comes closest to: fewest failures, the lower rating among equals."""
    room = min(reversed(accepted), key=lambda r: len(_failures(r)))
    failures = _failures(room)
    binding, headroom = _tightest(room)
    near = len(failures) == 1 and headroom >= -near_miss_ratio - ROUNDING
    return Verdict(notch, False, near, failures[0], binding, headroom)


def _tightest(headrooms: dict[int, float]) -> tuple[int, float]:
    """The criterion with least headroom; a yes-or-no rule that holds does not bind. The first among equals."""
    measured = {c: h for c, h in headrooms.items() if c < 7 or h < 0.0}
    least = min(measured.values())
    criterion = next(c for c, h in measured.items() if h <= least + ROUNDING)
    return criterion, measured[criterion]


def _repo_verdict(found: Evaluation) -> int:
    """0 not eligible, 1 not confirmed, 2 eligible."""
    choice = found.choice
    bank = choice.case.rules.bank_for(choice.inputs.country)
    if bank is None:
        return 0
    fits = (
        found.verdict.notch <= notch_of(bank.minimum_rating)
        and choice.maturity / 12.0 <= bank.max_tenor_years
        and found.senior.balance / choice.value_amount <= bank.max_advance_ratio
        and bank.currency == choice.inputs.currency
    )
    return (2 if bank.class_confirmed else 1) if fits else 0


# Stress


def _stress(found: Evaluation) -> Row:
    """Worst of the whole grid, the base case included."""
    served = [row for row in found.stress if not math.isnan(row["stressed_dscr"])]
    worst = min(served, key=lambda row: row["stressed_dscr"])
    base = found.cover.dscr_minimum
    held = worst["stressed_dscr"] >= _stressed_floor(found.choice) * (1.0 - ROUNDING)
    return {
        "worst_stressed_dscr": worst["stressed_dscr"],
        "worst_scenario": worst["scenario"],
        "notches_lost": max(row["notches_moved"] for row in found.stress),
        "stress_passed": int(held and all(found.refinances_in(each) for each in found.choice.case.scenarios)),
        "stability_ratio": min(max(worst["stressed_dscr"] / base, 0.0), 1.0),
        "stress_key": found.stress_key,
    }


def _finite(value: float) -> float:
    """The value, or NaN where a shock leaves no service to cover."""
    return value if math.isfinite(value) else math.nan


def _stressed_floor(choice: Choice) -> float:
    """Stressed DSCR that the lowest rating the run accepts asks for."""
    minimum = notch_of(choice.terms.minimum_rating)
    accepted = [row for row in choice.case.rules.rows_for(choice.inputs.country) if row.notch <= minimum]
    return accepted[-1].stressed_dscr


# Returns


def _value_and_returns(found: Evaluation) -> Row:
    months, raised = _waterfall(found, found.base)
    equity_flows = np.array([0.0] * (found.senior.construction_months + 1) + _column(months, "equity_distribution"))
    equity_flows -= _contributions(found)
    reserve, margin = float(found.reserve_targets[0]), found.hedges.margin_amount
    uses = found.costs[0] + found.fees_amount + reserve + found.prefunded_amount + margin
    equity = uses - found.senior.proceeds - found.mezz.proceeds
    row = {
        "structuring_fee_amount": found.fees_amount,
        "dsra_initial_amount": reserve,
        "prefunded_interest_amount": found.prefunded_amount,
        "trs_margin_amount": margin,
        "sponsor_equity_amount": equity,
        "flags": raised,
        "instruments": _instruments(found),
    }
    row.update(_day_one(found, equity_flows, equity))
    row.update(_sponsor(found.choice, equity_flows, equity))
    row.update(_holders(found, months))
    return row


def _waterfall(found: Evaluation, scenario: Scenario) -> tuple[list[Month], int]:
    """Every month under a scenario, and the flags raised: the debt stays as sized, cash and rates move."""
    choice, targets, cash = found.choice, found.reserve_targets, _cash(found.choice, scenario)
    steps = np.array(choice.terms.lock_up_steps, dtype=np.float64).reshape(-1, 2)
    paths = WaterfallPaths(
        gross_income=cash.income,
        opex=cash.costs,
        swap=found.hedges.settlements(_cpi(choice, scenario)),
        senior_schedule=np.array(found.senior.schedule),
        mezz_schedule=np.array(found.mezz.schedule),
        lock_levels=steps[:, 0],
        lock_shares=steps[:, 1],
    )
    return plain_waterfall(paths, _waterfall_terms(found, scenario), targets)


def _waterfall_terms(found: Evaluation, scenario: Scenario) -> WaterfallTerms:
    """A rate shock reaches the unfixed share of each coupon, whatever is refinanced, and the swap."""
    choice, senior, mezz, hedges = found.choice, found.senior, found.mezz, found.hedges
    shock = _shock(scenario)
    passed_on = choice.terms.unfixed_ratio * shock
    return WaterfallTerms(
        months=choice.lease_months,
        senior_maturity=senior.maturity,
        senior_monthly_rate=senior.coupon + passed_on,
        senior_later_monthly_rate=senior.later_coupon + (passed_on if choice.sweeps else shock),
        wrap_monthly_rate=choice.wrap_rate,
        mezz_maturity=mezz.maturity,
        mezz_monthly_rate=mezz.coupon + passed_on,
        mezz_later_monthly_rate=mezz.later_coupon + shock,
        trs_carry=hedges.trs_carry + hedges.trs_share * (passed_on - shock),
        margin_amount=hedges.margin_amount,
        margin_loss_amount=hedges.trs_share * senior.balance * _duration_years(senior) * 12.0 * shock,
        dsra_months=int(choice.number("dsra_months")),
        dsra_initial_amount=float(found.reserve_targets[0]),
        window_months=choice.terms.lock_up_window_months,
        sweeps=choice.sweeps,
        refinance_capacity=found.refinancing_in(scenario),
    )


def _shock(scenario: Scenario) -> float:
    """The scenario's rate shift, a month."""
    return scenario.rate_shift_bps / 1e4 / 12.0


def _duration_years(senior: Tranche) -> float:
    """Fall of the notes' value for a rise of the yearly rate, over the value; a balloon is repaid at maturity."""
    n = senior.maturity
    paid = np.array(senior.service()[:n])
    paid[-1] = senior.schedule[n - 1] * (1.0 + senior.coupon)
    step = 1e-30
    # The derivative by a complex step has no rounding of its own.
    value = np.sum(paid * (1.0 + senior.coupon + 1j * step) ** -np.arange(1, n + 1))
    return float(-value.imag / step / value.real / 12.0)


def _column(months: Sequence[Month], name: str) -> list[float]:
    return [month[name] for month in months]


def _contributions(found: Evaluation) -> Floats:
    """Construction interest no tranche covers, by month from close; the sponsor pays it."""
    built, lease = found.senior.construction_months, found.choice.lease_months
    paid = np.zeros(1 + built + lease)
    for tranche in (found.senior, found.mezz):
        paid[1 + tranche.covered_months : 1 + built] += tranche.balance * tranche.terms.period_rate
    return paid


def _instruments(found: Evaluation) -> int:
    hedges = found.hedges
    used = (found.mezz.balance > 0.0, hedges.zcis_tenor_years > 0, hedges.trs_share > 0.0, found.choice.is_wrapped)
    return sum(used)


def _day_one(found: Evaluation, equity_flows: Floats, equity: float) -> Row:
    target = found.choice.number("equity_irr_rate")
    proceeds = discounted(equity_flows[1:].tolist(), (1.0 + target) ** (1.0 / 12.0) - 1.0)
    parts = (
        (found.senior.proceeds, _effective(found.senior.coupon)),
        (found.mezz.proceeds, _effective(found.mezz.coupon)),
        (max(proceeds, 0.0), target),
    )
    return {
        "equity_proceeds_amount": proceeds,
        "day_one_value": proceeds - equity,
        "wacc_rate": sum(amount * rate for amount, rate in parts) / sum(amount for amount, _ in parts),
    }


def _effective(monthly_rate: float) -> float:
    return float((1.0 + monthly_rate) ** 12) - 1.0


def _sponsor(choice: Choice, equity_flows: Floats, equity: float) -> Row:
    """Returns of a sponsor who pays the equity at close and holds to lease end."""
    monthly = (1.0 + choice.terms.discount_rate) ** (1.0 / 12.0) - 1.0
    row = {"sponsor_npv_amount": discounted(equity_flows[1:].tolist(), monthly) - equity}
    if equity <= 0.0:
        return row
    flows = equity_flows.copy()
    flows[0] = -equity
    built = choice.inputs.construction.months
    repaid = np.flatnonzero(np.cumsum(flows)[built + 1 :] >= 0.0)
    row["sponsor_irr_rate"] = _irr(flows)
    row["sponsor_payback_months"] = built + 1.0 + repaid[0] if repaid.size else math.nan
    row["sponsor_multiple"] = float(flows[built + 1 :].sum() / -flows[: built + 1].sum())
    return row


def _irr(flows: Floats) -> float:
    """Effective annual rate at which monthly flows are worth nothing; NaN if there is none."""
    months = np.arange(flows.size)

    def value(log_rate: float) -> float:
        return float(np.dot(flows, np.exp(-log_rate * months)))

    low, high = -0.5, 10.0
    if value(low) * value(high) >= 0.0:
        return math.nan
    log_rate = float(brentq(value, low, high, xtol=1e-16, rtol=1e-14))
    return math.expm1(12.0 * log_rate)


def _holders(found: Evaluation, months: Sequence[Month]) -> Row:
    """Average life and yield of each tranche in its holder's hands."""
    row = _holder(found.senior, months, "senior", _senior_held(found.senior, months))
    if found.mezz.balance > 0.0:
        row.update(_holder(found.mezz, months, "mezz", _mezz_held(found.mezz, months)))
    return row


def _senior_held(senior: Tranche, months: Sequence[Month]) -> int:
    """Month in which the holder is out: maturity, or lease end if a balloon is swept or something is still unpaid."""
    swept = senior.terms.sweeps and senior.terms.kind == INTEREST_ONLY
    late = months[senior.maturity - 1]["senior_unpaid"] > ROUNDING * senior.balance
    return senior.terms.last if swept or late else senior.maturity


def _mezz_held(mezz: Tranche, months: Sequence[Month]) -> int:
    at_maturity = months[mezz.maturity - 1]
    behind = at_maturity["mezz_balance"] - mezz.schedule[mezz.maturity]
    late = at_maturity["mezz_deferred"] + behind > ROUNDING * mezz.balance
    return mezz.terms.last if late else mezz.maturity


def _holder(tranche: Tranche, months: Sequence[Month], name: str, until: int) -> Row:
    return {
        f"{name}_wal_years": _average_life(tranche, months, name, until),
        f"{name}_yield_rate": _holder_yield(tranche, months, name, until),
    }


def _average_life(tranche: Tranche, months: Sequence[Month], name: str, until: int) -> float:
    """Years from close to each repayment, weighted by it; what stands at `until` is taken over then."""
    repaid = np.array(_column(months[:until], f"{name}_principal"))
    standing = months[until - 1][f"{name}_balance"]
    weighted = float(np.dot(repaid, np.arange(1.0, until + 1.0))) + standing * until
    return (tranche.construction_months + weighted / tranche.balance) / 12.0


def _holder_yield(tranche: Tranche, months: Sequence[Month], name: str, until: int) -> float:
    """Yield of paying the proceeds at close and being paid as the months say.

    A balloon refinanced at maturity redeems the holder; what stands at lease end is lost.
    """
    covered = tranche.covered_months if tranche.is_capitalised else 0
    building = [0.0] * covered + [tranche.balance * tranche.coupon] * (tranche.construction_months - covered)
    paid = [month[f"{name}_interest"] + month[f"{name}_principal"] for month in months[:until]]
    if until < tranche.terms.last:
        paid[-1] += months[until - 1][f"{name}_balance"]
    return _irr(np.array([-tranche.proceeds, *building, *paid]))
