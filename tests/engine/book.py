"""One permutation priced straight from the model book, without the engine's calculation code.

It reads the same inputs, terms, rules, market and levers and shares no formula with the engine: sizing by closed forms
over arrays, caps by the excess at nought and at the sized balance, schedules by plain recursion, the waterfall by the
benchmarks' NumPy version, rates by scan and bisection. Slow, and meant to be read beside the book.
`price` gives every result column of one permutation (NaN: not computed) and its stress rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import numpy_waterfall
from benchmarks.deals import Deals
from engine.deal.axes import AXES, Layer
from engine.market import Seniority
from engine.measures.returns import irr_plain
from engine.permutations import RESULT_COLUMNS, Case

Floats = NDArray[np.float64]
Table = dict[int, float]
SCALE = (
    "AAA", "AA+", "AA", "AA-", "A+", "A", "A-", "BBB+", "BBB", "BBB-", "BB+", "BB", "BB-", "B+", "B", "B-",
    "CCC+", "CCC", "CCC-", "CC", "C", "D",
)  # fmt: skip
DEFAULTED, NOT_RATED = 22, 23
SLACK = 1e-9
# A share of a tranche below this is rounding.
DUST = 1e-9
BY_DSCR, BY_REFINANCING, BY_COST, BY_GEARING, BY_TOTAL_ADVANCE, BY_GAP = range(1, 7)
# Criteria by number; those of yes or no bind only where they fail.
YES_OR_NO = {7, 8, 9, 15}
TENANT_CAP, TOTAL_ADVANCE, TOTAL_DSCR, COUPON, MEZZ_COUPON = 9, 18, 19, 20, 21
NOTIONAL_YEARS, ABOVE_MARKET = 25, 128


def notch(label: str) -> int:
    """1 for AAA; 23 where there is no rating."""
    return SCALE.index(label) + 1 if label in SCALE else NOT_RATED


def annuity_factor(rate: float, periods: int) -> float:
    """Discount factors added up one by one."""
    return float(((1 + rate) ** -np.arange(1.0, periods + 1)).sum())


def level_payment(amount: float, rate: float, periods: int) -> float:
    """What repays an amount in equal sums."""
    return amount / annuity_factor(rate, periods)


# Section 5: sizing and schedules.


def borne(capacity: Floats, rate: float) -> float:
    """The balance whose interest each of these periods can pay."""
    return float(capacity.min()) / rate if capacity.size and rate > 0 else math.inf


class Leases(NamedTuple):
    """Months at whose end the lease ends, the void after it, and the new lease; without one they are all the same."""

    first: int
    void: int
    second: int


def carried_alone(capacity: Floats, rate: float, periods: int, leases: Leases) -> float:
    """What a new annuity on the capacity from maturity to the lease's end pays for."""
    tail = capacity[periods : leases.first]
    return max(0.0, float(tail.min()) * annuity_factor(rate, tail.size)) if tail.size else 0.0


def refinanced(capacity: Floats, rate: float, periods: int, leases: Leases) -> float:
    """An annuity in each lease, the second at its worth at maturity less what the void costs; no growth in the first."""
    alone, left = carried_alone(capacity, rate, periods, leases), capacity[periods : leases.first]
    if leases.second == leases.void or not left.size:
        return alone
    empty, again = capacity[leases.first : leases.void], capacity[leases.void : leases.second]
    flows = np.concatenate([np.zeros(left.size), np.minimum(empty, 0.0), np.full(again.size, again.min())])
    late = float((flows * (1 + rate) ** -np.arange(1.0, flows.size + 1)).sum())
    return max(alone, min(alone + late, borne(left, rate)))


def size(
    kind: str, capacity: Floats, rate: float, periods: int, grace: int, refinance_rate: float, leases: Leases,
    balloon: float = 0.0
) -> float:  # fmt: skip
    """The largest balance the capacity carries."""
    grace = min(grace, periods - 1)
    paying, n = capacity[grace:periods], periods - grace
    limits = [borne(capacity[:grace], rate)]
    if kind in ("annuity", "cash_sweep"):
        limits.append(float(paying.min()) * annuity_factor(rate, n))
    elif kind == "partial":
        limits.append(level_debt(float(paying.min()), rate, n, balloon))
        if balloon > 0:
            limits.append(refinanced(capacity, refinance_rate, periods, leases) / balloon)
    elif kind == "straight_line":
        limits.append(float((paying / (1 / n + rate * (1 - np.arange(n) / n))).min()))
    elif kind == "sculpted":
        values = paying * (1 + rate) ** -np.arange(1.0, n + 1)
        limits.append(float(values.sum()))
        if rate > 0:
            limits.append(
                float((np.cumsum(values) - values + paying / rate * (1 + rate) ** -np.arange(float(n))).min())
            )
    else:
        limits += [borne(capacity[:periods], rate), refinanced(capacity, refinance_rate, periods, leases)]
    return max(0.0, min(limits))


def schedule(
    kind: str, amount: float, capacity: Floats, rate: float, periods: int, grace: int, after: float | None,
    months: int, balloon: float = 0.0
) -> Floats:  # fmt: skip
    """Scheduled balances by month; `after` is the rate a balloon amortises at to the lease's end, None if swept."""
    out = np.zeros(capacity.size + 1)
    out[0] = amount
    grace = min(grace, periods - 1)
    for m in range(1, months + 1):
        opening = out[m - 1]
        if kind == "interest_only" and m <= periods:
            out[m] = opening if m < months else 0.0
        elif kind == "interest_only" or (kind == "partial" and m > periods):
            left = out[periods]
            level = 0.0 if after is None else level_payment(left, after, months - periods)
            principal = 0.0 if after is None else level - opening * after
            out[m] = opening - principal if m < months else 0.0
        elif m <= grace:
            out[m] = opening
        elif m < periods:
            # A sinking fund on what is not left standing, and interest on all of it.
            sunk = level_payment(1.0, rate, periods - grace) - rate
            principal = {
                "annuity": level_payment(amount, rate, periods - grace) - opening * rate,
                "cash_sweep": level_payment(amount, rate, periods - grace) - opening * rate,
                "partial": amount * (rate + (1 - balloon) * sunk) - opening * rate,
                "straight_line": amount / (periods - grace),
                "sculpted": capacity[m - 1] - opening * rate,
            }[kind]
            out[m] = opening - min(max(principal, 0.0), opening)
        elif kind == "partial" and m == periods < months:
            out[m] = balloon * amount
    return out


def into_the_second(loan: Loan, alone: float, leases: Leases) -> Loan:
    """A balloon beyond what the lease carries alone: that part is repaid in the lease, the rest grows until the second."""
    balloon, rate = loan.balloon, loan.refinance_rate
    if loan.swept or leases.second == leases.void or balloon <= alone * (1 + SLACK):
        return loan
    out, rest = loan.schedule.copy(), balloon - alone
    for m in range(loan.maturity + 1, leases.second + 1):
        kept = alone * annuity_factor(rate, leases.first - m) / annuity_factor(rate, leases.first - loan.maturity)
        paid = 1.0
        if m > leases.void:
            paid = annuity_factor(rate, leases.second - m) / annuity_factor(rate, leases.second - leases.void)
        grown = rest * (1 + rate) ** (min(m, leases.void) - loan.maturity)
        out[m] = (kept if m < leases.first else 0.0) + grown * paid
    return loan._replace(schedule=out)


def level_debt(payment: float, rate: float, periods: int, balloon: float) -> float:
    """What a level payment repays but for a balloon: interest on all, a sinking fund for the rest."""
    unit = rate + (1 - balloon) * (level_payment(1.0, rate, periods) - rate)
    return payment / unit if unit > 0 else math.inf


def reserve_targets(service: Floats, months: int, maturity: int) -> Floats:
    """The next months of service, none from maturity."""
    due = np.where(np.arange(service.size) < maturity, service, 0.0)
    return np.array([due[m : m + months].sum() if m < maturity else 0.0 for m in range(service.size + 1)])


class Loan(NamedTuple):
    """A sized tranche: rates a month, balances 0..months; `capitalised_months` and `prefunded_months` before operations."""

    kind: str
    amount: float
    schedule: Floats
    coupon: float
    premium: float
    later: float
    maturity: int
    swept: bool
    refinance_rate: float
    capitalised_months: int
    prefunded_months: int
    drawn: Floats
    lease_months: int
    sized_by: int = 0

    @property
    def rate(self) -> float:
        return self.coupon + self.premium

    @property
    def proceeds(self) -> float:
        """What is drawn in all: each draw grows by the capitalised months it sees."""
        seen = np.maximum(self.capitalised_months - np.arange(self.drawn.size), 0)
        return self.amount / float((np.diff(self.drawn, prepend=0.0) * (1 + self.rate) ** seen).sum())

    @property
    def prefunded(self) -> float:
        return self.rate * self.amount * float(self.drawn[: self.prefunded_months].sum())

    @property
    def uncovered(self) -> Floats:
        """Interest of each month of construction that the tranche does not cover, 0 at close."""
        owed = self.rate * (self.amount - self.proceeds * (1 - self.drawn))
        owed[: max(self.capitalised_months, self.prefunded_months)] = 0.0
        return np.concatenate([[0.0], owed])

    @property
    def balloon(self) -> float:
        return float(self.schedule[self.maturity])

    @property
    def notional(self) -> float:
        """The level payment an interest-only tranche is read on: over 25 years or the lease."""
        periods = min(12 * NOTIONAL_YEARS, self.lease_months)
        return level_payment(self.amount, self.refinance_rate, periods) if self.kind == "interest_only" else 0.0

    @property
    def repaid_years(self) -> float:
        """Years until an amortising schedule comes to nothing."""
        if self.kind == "interest_only":
            return self.maturity / 12
        owed = np.flatnonzero(self.schedule[: self.maturity] > DUST * self.schedule[0])
        return max(int(owed[-1]) + 1, 1) / 12

    def of(self, amount: float) -> Loan:
        """The tranche at another balance."""
        share = amount / self.amount if self.amount > 0 else 0.0
        return self._replace(amount=amount, schedule=self.schedule * share)

    def service(self) -> Floats:
        """Scheduled interest, premium and principal by month; the last pound of a sweep is not scheduled."""
        months = np.arange(self.schedule.size - 1)
        rates = np.where(months < self.maturity, self.coupon, self.later) + self.premium
        due = self.schedule[:-1] * rates - np.diff(self.schedule)
        if self.swept and self.maturity < self.lease_months:
            due[self.lease_months - 1] -= self.schedule[self.lease_months - 1]
        return due


class Scenario(NamedTuple):
    """A cell of the grid or a test of a rating; no CPI is the base path."""

    cpi: float | None
    shift: float
    default: float
    relet_months: int
    relet_ratio: float


@dataclass
class Priced:
    """Result columns, and stress rows by scenario."""

    columns: dict[str, float]
    stress: list[dict[str, float]] = field(default_factory=list)


class Verdict(NamedTuple):
    """What the criteria say: headroom by criterion of the judged row, and what decides."""

    rating: int
    table: Table
    passed: bool
    near: bool
    first_failed: int
    binding: int
    headroom: float


@dataclass
class Book:
    """One permutation: the case and its levers; a closed axis is absent where the project decides."""

    case: Case
    levers: dict[str, Any]

    def __post_init__(self) -> None:
        inputs, terms = self.case.inputs, self.case.terms
        self.inputs, self.terms, self.rules = inputs, terms, self.case.rules
        self.leases, self.built = self._leases(), self.gap() + inputs.construction.months
        self.lease_months = self.leases.first
        # Cash is kept by whole years.
        self.months = 12 * math.ceil(self.leases.second / 12)
        pue = float(self.levers.get("pue", inputs.power.pue))
        self.it_mw = inputs.power.gross_facility_mw / pue
        self.opex_share = self.levers.get("opex_ratio", inputs.revenue.opex_ratio)
        self.power_a_month = 0.0
        if inputs.revenue.lease_type == "gross":
            drawn_mw = self.it_mw * pue * inputs.power.utilisation_ratio
            self.power_a_month = drawn_mw * 8760 * inputs.revenue.electricity_price_per_mwh / 12
        self.reserve_a_month = self.it_mw * 1000 * inputs.revenue.replacement_reserve_per_kw_amount / 12
        self.let_rent = self._rent() * inputs.revenue.occupancy_ratio
        self.noi = 12 * (self.let_rent * (1 - self.opex_share) - self.power_a_month)
        appraisal, cut = inputs.valuation.appraisal_amount, self.rules.value_haircut_ratio
        self.value = appraisal if appraisal is not None else max(self.noi, 0.0) / terms.capitalisation_rate
        self.agency_value = self.value * (1 - (terms.agency_haircut_ratio if cut is None else cut))
        shared = inputs.land.total_amount + inputs.fees.total_amount
        self.cost = inputs.capex_internal.total_amount + shared
        self.market_cost = inputs.capex_market.total_amount + shared
        wrapped = self.levers.get("wrap", "senior" if inputs.credit.insurance_wrap else "none")
        self.wrapped = wrapped == "senior"
        self.wrap_rate = inputs.credit.insurance_premium_bps / 1e4 / 12 if self.wrapped else 0.0
        self.coupon = float(self.levers["senior_coupon_rate"])
        self.dscr = float(self.levers["senior_dscr"])
        self.maturity = 12 * int(self.levers["senior_tenor_years"])
        self.sweeps = terms.balloon_mode == "sweep"
        self.spread = terms.refinance_spread_bps / 1e4 / 12
        self.minimum = notch(terms.minimum_rating)
        self.rows = sorted(
            (r for r in self.rules.criteria if r.jurisdiction == inputs.country), key=lambda r: notch(r.rating)
        )
        self.base = Scenario(None, 0.0, 0.0, terms.stress_relet_months, terms.stress_relet_ratio)
        self.cash: dict[Scenario, Floats] = {}
        self.settled: dict[float | None, Floats] = {}

    def _leases(self) -> Leases:
        """When the lease ends, and what is expected after it if the rules count that."""
        lease, first = self.inputs.lease, 12 * self.inputs.lease.term_years
        if lease.relet_ratio is None or not self.rules.relet_allowed:
            return Leases(first, first, first)
        void = first + (lease.relet_void_months or 0)
        return Leases(first, void, void + 12 * (lease.relet_years or 0))

    def _rent(self) -> float:
        revenue = self.inputs.revenue
        if "rent_per_kw_month" in self.levers:
            return float(self.levers["rent_per_kw_month"]) * self.it_mw * 1000
        return revenue.rent_amount * (1.0 if revenue.rent_basis == "monthly_total" else self.it_mw * 1000)

    # Sections 1 and 3: index and cash.

    @property
    def indexation(self) -> str:
        return str(self.levers.get("indexation", self.inputs.lease.indexation))

    def rises(self, cpi: float) -> list[float]:
        """The lease's rise into each operating year under a level CPI; before operations the base CPI ruled."""
        lease = self.inputs.lease
        floor = self.levers.get("cpi_floor_rate", lease.cpi_floor_rate)
        cap = self.levers.get("cpi_cap_rate", lease.cpi_cap_rate)
        found = []
        for year in range(1, self.months // 12):
            # The year's rise is read `lag` months back, partly or wholly before operations.
            seen = min(max(12 * year - lease.indexation_lag_months, 0), 12)
            rise = (seen * cpi + (12 - seen) * self.terms.base_cpi_rate) / 12 + lease.indexation_spread_rate
            rise = rise if floor is None else max(rise, floor)
            found.append(rise if cap is None else min(rise, cap))
        return found

    def index(self, cpi: float) -> list[float]:
        """Rent index by operating year."""
        lease = self.inputs.lease
        fixed = {"none": 0.0, "fixed": lease.fixed_indexation_rate}
        levels = [1.0]
        for rise in self.rises(cpi):
            levels.append(levels[-1] * (1 + fixed.get(self.indexation, rise)))
        return [levels[year // lease.review_years * lease.review_years] for year in range(self.months // 12)]

    def operations(self, scenario: Scenario) -> tuple[Floats, Floats]:
        """Income and all costs (power, opex, management fee, replacement reserve) by month."""
        cpi = self.terms.base_cpi_rate if scenario.cpi is None else scenario.cpi
        level, years = np.repeat(self.index(cpi), 12), np.arange(self.months) // 12
        prices, rise = (1 + cpi) ** years, self.inputs.revenue.electricity_escalation_rate
        power = self.power_a_month * (prices if rise is None else (1 + rise) ** years)
        relet = np.where(np.arange(self.months) < scenario.relet_months, 0.0, scenario.relet_ratio)
        paid = self.let_rent * (1 - scenario.default + scenario.default * relet) * self.let
        power, prices = power * self.open, prices * self.open
        noi = paid * level - self.opex_share * paid * prices - power
        fee = self.inputs.revenue.asset_management_fee_rate * np.maximum(noi, 0.0)
        return paid * level, paid * level - noi + fee + self.reserve_a_month * prices

    @property
    def let(self) -> Floats:
        """Share of the indexed rent that is paid: all, none in the void, what the rules believe of the new lease."""
        out = np.zeros(self.months)
        out[: self.leases.first] = 1.0
        expected = self.inputs.lease.relet_ratio or 0.0
        out[self.leases.void : self.leases.second] = min(expected, self.rules.max_relet_ratio)
        return out

    @property
    def open(self) -> Floats:
        """1 until the new lease ends, let or not; nothing is spent after it."""
        return np.where(np.arange(self.months) < self.leases.second, 1.0, 0.0)

    def cfads(self, scenario: Scenario) -> Floats:
        """The cash that sizing, cover and ratings read: the underwritten share of it."""
        key = scenario._replace(shift=0.0)
        if key not in self.cash:
            income, costs = self.operations(scenario)
            self.cash[key] = (income - costs) * self.rules.underwritten_cash_ratio
        return self.cash[key]

    def swap_receipts(self, scenario: Scenario) -> Floats:
        """Inflation strip by month: leg k settles over the twelve months after anniversary k.

        What is paid follows the rent's own reading of CPI (lag, floor, cap), less the lease's spread over it.
        """
        cpi = self.terms.base_cpi_rate if scenario.cpi is None else scenario.cpi
        tenor, floating = int(self.levers["zcis_tenor_years"]), 1.0
        out = np.zeros(self.months)
        for k, rise in enumerate(self.rises(cpi)[: self.inputs.lease.term_years - 1], start=1):
            floating *= 1 + rise - self.inputs.lease.indexation_spread_rate
            if k <= tenor:
                gain = (1 + self._swap_rate(tenor)) ** k - floating
                out[12 * k : 12 * k + 12] = self.terms.zcis_hedged_ratio * self.noi * gain / 12
        return out

    def _swap_rate(self, tenor: int) -> float:
        breakeven = {5: self.terms.zcis_breakeven_5y_rate, 10: self.terms.zcis_breakeven_10y_rate}[tenor]
        return breakeven - self.terms.zcis_dealer_spread_bps / 1e4

    # Section 2: construction.

    def gap(self) -> int:
        """Months between close and construction, which start on the same day of the month in these tests."""
        start, close = self.case.inputs.construction.start_date, self.case.inputs.construction.close_date
        if start is None or close is None:
            return 0
        (y, m, _), (year, month, _) = ((int(part) for part in day.split("-")) for day in (start, close))
        return 12 * (y - year) + m - month

    def paid_capex(self, month: int) -> float:
        """Share of capex paid by the start of a month of construction."""
        x = max(month - self.gap(), 0) / self.inputs.construction.months
        return {"at_close": 1.0, "straight_line": x, "s_curve": x * x * (3 - 2 * x)}[
            self.inputs.construction.draw_profile
        ]

    def drawn(self, month: int) -> float:
        """Share of debt drawn by the start of a month: all of it as notes, with the costs as a loan."""
        if self.inputs.construction.debt_form == "notes":
            return 1.0
        return 1 - self.inputs.capex_internal.total_amount / self.cost * (1 - self.paid_capex(month))

    def escrow_income(self) -> float:
        """Simple interest on capex that waits; none on loans."""
        if self.inputs.construction.debt_form == "loan":
            return 0.0
        waiting = sum(1 - self.paid_capex(m) for m in range(1, self.built + 1))
        return waiting * self.inputs.capex_internal.total_amount * self.inputs.construction.escrow_rate / 12

    def _before_operations(self, name: str) -> tuple[int, int, Floats]:
        """Months in which interest is added to the balance, months paid for from proceeds, and what is drawn by each."""
        build = self.inputs.construction
        covered = build.covered_months(name)
        drawn = np.array([self.drawn(m) for m in range(1, self.built + 1)])
        return (covered, 0, drawn) if build.is_capitalised(name) else (0, covered, drawn)

    def carried_senior(self, base: Floats) -> Loan:
        """Senior debt as its cover carries it, before any cap."""
        rate = self.coupon / 12 + self.wrap_rate
        kind, grace = self.levers["senior_amortisation"], int(self.levers["grace_months"])
        capacity = base / self.dscr
        share, leases = self.terms.balloon_ratio, self.leases
        amount = size(kind, capacity, rate, self.maturity, grace, rate + self.spread, leases, share)
        by, left = BY_DSCR, self.left_standing(kind)
        if left and left * amount >= refinanced(capacity, rate + self.spread, self.maturity, leases) * (1 - SLACK):
            by = BY_REFINANCING
        swept = self.sweeps and left > 0
        after = None if swept else rate + self.spread
        balances = schedule(kind, amount, capacity, rate, self.maturity, grace, after, leases.first, share)
        later = self.coupon / 12 + (self.terms.step_up_bps / 1e4 / 12 if self.sweeps else self.spread)
        return Loan(kind, amount, balances, self.coupon / 12, self.wrap_rate, later, self.maturity, swept,
                    rate + self.spread, *self._before_operations("senior"), leases.first, by if amount > 0 else 0)  # fmt: skip

    def left_standing(self, kind: str) -> float:
        """Share of a loan that stands at maturity."""
        return {"interest_only": 1.0, "partial": self.terms.balloon_ratio}.get(kind, 0.0)

    @property
    def early(self) -> float:
        """Share of the residual that repays senior ahead of its schedule."""
        return float(self.terms.sweep_ratio) if self.levers["senior_amortisation"] == "cash_sweep" else 0.0

    def carried_mezzanine(self, base: Floats, senior: Loan) -> Loan:
        """Mezzanine on what senior service leaves of its own coverage, before any cap."""
        rate = self.levers["mezz_coupon_rate"] / 12
        left = self.left_standing(senior.kind)
        follows, share = left > 0, self.terms.balloon_ratio
        kind = senior.kind if follows else self.levers["mezz_amortisation"]
        own = senior.maturity if follows else 12 * int(self.levers.get("mezz_tenor_years", 99))
        maturity, swept = min(own, senior.maturity), follows and self.sweeps
        later = rate + (self.terms.step_up_bps / 1e4 / 12 if swept else self.spread)
        total = base / self.levers["mezz_dscr"]
        amount, by = 0.0, 0
        if self.levers["mezzanine"] == "sized":
            amount, by = size(kind, total - senior.service(), rate, maturity, 0, later, self.leases, share), BY_DSCR
            if follows:
                # Both balloons together must be refinanced at the total cover.
                room = refinanced(total, senior.refinance_rate, maturity, self.leases) - left * senior.amount
                spare = (total - senior.service())[:maturity]
                level = level_debt(float(spare.min()), rate, maturity, left)
                amount = max(0.0, min(borne(spare, rate) if left == 1 else level, room / left))
                by = BY_REFINANCING if left * amount >= room * (1 - SLACK) else BY_DSCR
        after = None if swept else later
        balances = schedule(kind, amount, total - senior.service(), rate, maturity, 0, after, self.lease_months, share)
        return Loan(kind, amount, balances, rate, 0.0, later, maturity, swept, later,
                    *self._before_operations("mezz"), self.lease_months, by if amount > 0 else 0)  # fmt: skip

    def uses(self, senior: Loan, mezz: Loan | None = None) -> dict[str, float]:
        """All that is paid for at close."""
        raised = senior.proceeds + (mezz.proceeds if mezz else 0.0)
        return {
            "cost": self.cost,
            "fees": self.terms.structuring_fee_fixed_amount + self.terms.structuring_fee_rate * raised,
            "reserve": float(self.targets(senior)[0]),
            "prefunded": senior.prefunded + (mezz.prefunded if mezz else 0.0),
            "margin": self.levers["trs_share"] * senior.amount * self.terms.trs_haircut_ratio,
            "escrow": -self.escrow_income(),
        }

    def targets(self, senior: Loan) -> Floats:
        """The reserve: the next months of senior interest, premium and principal."""
        return reserve_targets(senior.service(), int(self.levers["dsra_months"]), self.maturity)

    @property
    def headroom(self) -> float | None:
        """Debt above the uses that an over-raise allows."""
        return self.levers.get("over_raise_ratio")

    def _over_gearing(self, senior: Loan, mezz: Loan | None) -> float:
        """Debt at close beyond its share of the gearing basis."""
        share = self.rules.max_gearing_ratio if self.headroom is None else 1 + self.headroom
        basis = sum(self.uses(senior, mezz).values()) if self.rules.gearing_basis == "uses" else self.market_cost
        return senior.proceeds + (mezz.proceeds if mezz else 0.0) - share * basis

    def _over_advance(self, amount: float) -> float:
        return amount - self.rules.max_total_advance_ratio * max(self.agency_value, 0.0)

    def senior(self, base: Floats) -> Loan:
        """Senior debt within cost, gearing and total advance."""
        found = held(self.carried_senior(base), [
            (BY_COST, lambda loan: loan.proceeds - (1 + (self.headroom or 0.0)) * self.cost),
            (BY_GEARING, lambda loan: self._over_gearing(loan, None)),
            (BY_TOTAL_ADVANCE, lambda loan: self._over_advance(loan.amount)),
        ])  # fmt: skip
        alone = carried_alone(base / self.dscr, found.refinance_rate, found.maturity, self.leases)
        return into_the_second(found, alone, self.leases)

    def mezzanine(self, base: Floats, senior: Loan) -> Loan:
        """Mezzanine within gearing, its share of the gap and the total advance."""
        gap = self.rules.max_mezz_share_of_gap * max(self.cost - senior.proceeds, 0.0)
        share = (BY_GAP, lambda loan: loan.proceeds - gap)
        found = held(self.carried_mezzanine(base, senior), [
            (BY_GEARING, lambda loan: self._over_gearing(senior, loan)),
            *([share] if self.rules.max_mezz_share_of_gap < 1 else []),
            (BY_TOTAL_ADVANCE, lambda loan: self._over_advance(senior.amount + loan.amount)),
        ])  # fmt: skip
        if found.amount <= DUST * senior.amount:
            return found.of(0.0)
        total, left = base / self.levers["mezz_dscr"], self.left_standing(senior.kind)
        if left > 0:
            alone = carried_alone(total, senior.refinance_rate, found.maturity, self.leases) - left * senior.amount
        else:
            alone = carried_alone(total - senior.service(), found.refinance_rate, found.maturity, self.leases)
        return into_the_second(found, max(alone, 0.0), self.leases)

    # Section 8, Gate A.

    def lever_reason(self) -> int:
        if self.maturity > self.lease_months - 12 * self.rules.lease_tail_years:
            return 1
        if self.levers["mezzanine"] == "none":
            return 0
        if self.levers["mezz_dscr"] >= self.dscr * (1 - SLACK):
            return 2
        return 3 if self.levers["mezz_coupon_rate"] <= self.coupon * (1 + SLACK) else 0

    def residual(self, base: Floats, senior: Loan, mezz: Loan) -> Floats:
        """Base CFADS, all of it, less what both tranches are scheduled, or from an ARD are swept."""
        whole = base / self.rules.underwritten_cash_ratio
        left = whole - senior.service() - mezz.service()
        if self.early:
            owed, gone = senior.amount, 0.0
            for m in range(senior.maturity):
                due = max(owed - max(float(senior.schedule[m + 1]) - gone, 0.0), 0.0)
                rest = whole[m] - owed * senior.rate - due - mezz.service()[m]
                paid = min(self.early * max(rest, 0.0), owed - due)
                owed, gone, left[m] = owed - due - paid, gone + paid, rest - paid
        if senior.swept:
            # Ranked: interest of both, then both balances; unpaid interest joins the month's at its own rate.
            rates = (senior.later + senior.premium, mezz.later)
            balances, unpaid = [senior.balloon, float(mezz.schedule[senior.maturity])], [0.0, 0.0]
            for m in range(senior.maturity, self.months):
                dues = [b * r + u * (1 + r) for b, u, r in zip(balances, unpaid, rates, strict=True)]
                ranked = [*dues, *balances]
                cash = max(whole[m], 0.0)
                paid = [min(each, max(cash - sum(ranked[:k]), 0.0)) for k, each in enumerate(ranked)]
                unpaid = [due - took for due, took in zip(dues, paid[:2], strict=True)]
                balances = [b - took for b, took in zip(balances, paid[2:], strict=True)]
                left[m] = whole[m] - sum(paid)
        return left

    def coverage(self, base: Floats, senior: Loan, mezz: Loan) -> float:
        """Debt and the value of equity at its target over all uses."""
        years = (self.built + 1 + np.arange(self.months)) / 12
        worth = self.residual(base, senior, mezz) * (1 + self.levers["equity_irr_rate"]) ** -years
        # Nobody lets again at a loss.
        value = float(worth[: self.lease_months].sum()) + max(float(worth[self.lease_months :].sum()), 0.0)
        return (senior.proceeds + mezz.proceeds + value) / sum(self.uses(senior, mezz).values())

    # Sections 8 and 10: cover and rating.

    def yearly(self, cash: Floats, service: Floats, notional: float, months: int) -> Floats:
        """Cover by year of the months in which something is due; interest-only: no better than the notional one."""
        due = service[:months] > 0
        flows, owed, level = (
            np.where(due, each, 0.0).reshape(-1, 12).sum(1)
            for each in (cash[:months], service[:months], np.full(months, notional))
        )
        ratio = flows[owed > 0] / owed[owed > 0]
        return np.asarray(np.minimum(ratio, flows[owed > 0] / level[owed > 0]) if notional > 0 else ratio)

    def cover(self, cash: Floats, loan: Loan, carry: float, extra: float) -> dict[str, float]:
        """Coverage of scheduled senior service to maturity by hedged cash, the coupon `extra` a month higher."""
        n, rate = loan.maturity, loan.rate + extra
        opening = loan.schedule[:-1]
        flow = cash + np.where(np.arange(self.months) < n, opening * carry, 0.0)
        interest = opening * rate
        service = (interest - np.diff(loan.schedule))[:n]
        due = service > 0
        years = self.yearly(flow, service, loan.notional, n)
        notional = [math.inf]
        if loan.notional > 0:
            by_year = np.where(due, flow[:n], 0.0).reshape(-1, 12).sum(1), due.reshape(-1, 12).sum(1) * loan.notional
            notional += [f / p for f, p in zip(*by_year, strict=True) if p > 0]
        discount = (1 + rate) ** -np.arange(1.0, self.months + 1)
        short = np.flatnonzero(flow[:n] < service * (1 - 1e-12))
        breach = int(short[0]) + 1 if short.size else 0
        healed = [m for m in range(breach, n) if flow[m] >= service[m] * (1 - 1e-12)] if breach else []
        interest_years = np.where(due, interest[:n], 0.0).reshape(-1, 12).sum(1)
        cash_years = np.where(due, flow[:n], 0.0).reshape(-1, 12).sum(1)
        after = float((cash * discount)[n:].sum()) * (1 + rate) ** n
        return {
            "minimum": float(years.min()) if years.size else math.inf,
            "average": float(years.mean()) if years.size else math.inf,
            "notional": min(notional),
            "llcr": float((flow * discount)[:n].sum()) / loan.amount,
            "plcr": float((flow * discount).sum()) / loan.amount,
            "icr": min((c / i for c, i in zip(cash_years, interest_years, strict=True) if i > 0), default=math.inf),
            "ard_plcr": after / loan.balloon if loan.balloon > 0 else math.inf,
            "breach": breach,
            "recovery": 0 if not breach else (healed[0] + 1 - breach if healed else -1),
        }

    @property
    def trs_carry(self) -> float:
        """What the TRS adds a month per unit of senior balance."""
        financing = self.terms.trs_financing_rate + self.terms.trs_spread_bps / 1e4
        return float(self.levers["trs_share"]) * (self.coupon - financing) / 12

    def cover_in(self, scenario: Scenario, senior: Loan) -> dict[str, float]:
        """Cover of the senior notes in a scenario."""
        shift = scenario.shift / 12
        felt = self.terms.unfixed_ratio * shift
        cash = self.cfads(scenario) + self._settled(scenario)
        return self.cover(cash, senior, self.trs_carry + self.levers["trs_share"] * (felt - shift), felt)

    def _settled(self, scenario: Scenario) -> Floats:
        if scenario.cpi not in self.settled:
            carries = self.levers["zcis_tenor_years"]
            self.settled[scenario.cpi] = self.swap_receipts(scenario) if carries else np.zeros(self.months)
        return self.settled[scenario.cpi]

    def refinancing(self, scenario: Scenario, senior: Loan) -> float:
        """What the balloon is refinanced for in a scenario."""
        return refinanced(
            self.cfads(scenario) / self.dscr, senior.refinance_rate + scenario.shift / 12, senior.maturity, self.leases
        )

    @cached_property
    def defaults(self) -> dict[Scenario, bool]:
        """Where cash flow and reserve do not pay senior in full when due: every scenario a deal, senior alone.

        A balloon must be refinanced whole, an ARD note be repaid by legal final; no trapped cash and no margin helps.
        """
        senior, scenarios = self.tranches[0], [*self.grid, *self.tests]
        count, one = len(scenarios), np.ones(len(scenarios))
        shifts = np.array([each.shift for each in scenarios]) / 12
        felt, targets = self.terms.unfixed_ratio * shifts, self.targets(senior)
        limits = np.array([self.refinancing(each, senior) for each in scenarios])
        nothing = np.zeros((self.months, count))
        deal = Deals(
            gross_income=np.array([np.maximum(self.cfads(each), 0.0) for each in scenarios]).T,
            opex=nothing,
            swap=np.array([self._settled(each) for each in scenarios]).T,
            senior_schedule=senior.schedule[:, None] * one,
            mezz_schedule=np.zeros((self.months + 1, count)),
            targets=targets[:, None] * one,
            senior_maturity=np.full(count, senior.maturity),
            senior_rate=senior.coupon + felt,
            senior_later_rate=senior.later + (felt if self.sweeps else shifts),
            wrap_rate=senior.premium * one,
            mezz_maturity=np.full(count, senior.maturity),
            mezz_rate=0 * one,
            mezz_later_rate=0 * one,
            trs_carry=self.trs_carry + self.levers["trs_share"] * (felt - shifts),
            margin_amount=0 * one,
            margin_loss_amount=0 * one,
            dsra_months=np.full(count, int(self.levers["dsra_months"])),
            dsra_initial_amount=targets[0] * one,
            refinance_capacity=limits,
            sweeps=np.full(count, self.sweeps),
            mezz_sweeps=np.zeros(count, dtype=np.bool_),
            lock_levels=np.empty(0),
            lock_shares=np.empty(0),
            window_months=1,
        )
        found = numpy_waterfall.run(deal)
        final = self.lease_months - 12 * self.rules.lease_tail_years if senior.swept else senior.maturity
        failed = (found["senior_unpaid"][:final] > DUST * senior.amount).any(0)
        if senior.swept:
            failed |= found["senior_balance"][final - 1] > DUST * senior.amount
        elif senior.balloon > 0 and not self.sweeps:
            failed |= limits < senior.balloon * (1 - SLACK)
        return dict(zip(scenarios, np.asarray(failed).tolist(), strict=True))

    def facts(self, scenario: Scenario, senior: Loan, *, defaulted: bool) -> dict[str, float]:
        """What the criteria read beside cover; infinite where a criterion does not concern the structure."""
        basis = self.market_cost if self.rules.ltv_basis == "market_cost" else self.agency_value
        balloon, to_value, again = senior.balloon, 0.0, math.inf
        if balloon > 0:
            base = self.cfads(self.base)
            year = np.minimum(senior.maturity + np.arange(12), self.lease_months - 1)
            first, after = float(base[:12].sum()), float(base[year].sum())
            to_value = balloon / (self.agency_value * after / first) if first > 0 else math.inf
            again = math.inf if self.sweeps else self.refinancing(scenario, senior) / balloon
        return {
            "ltv": senior.amount / basis,
            "years": senior.repaid_years,
            "balloon": balloon / senior.amount,
            "amortised": (1 - balloon / senior.amount) / senior.repaid_years,
            "to_value": to_value,
            "refinanced": again,
            "repaid": float(not (senior.swept and defaulted)),
        }

    def headrooms(self, row: Any, cover: dict[str, float], facts: dict[str, float], kind: str, stress: float) -> Table:
        """Relative headroom of one rating's criteria; infinite where there is nothing to read."""
        relief, waits = (row.wrap_dscr_relief if self.wrapped else 0.0), kind == "interest_only"
        found = {
            1: above(cover["minimum"], row.dscr_minimum - relief),
            2: above(cover["average"], row.dscr_average - relief),
            3: below(facts["ltv"], row.max_advance_ratio),
            4: below(facts["years"], row.max_tenor_years),
            5: above(cover["llcr"], row.llcr),
            6: above(cover["icr"], row.icr),
            7: 0.0 if kind in row.amortisations else -1.0,
            8: 0.0 if self.wrapped or not row.wrap_required else -1.0,
            10: below(facts["years"], row.max_ard_years),
            11: below(facts["balloon"], row.max_balloon_ratio),
            12: above(facts["amortised"], row.min_annual_amortisation_ratio),
            13: above(cover["ard_plcr"], row.ard_plcr),
            14: below(facts["to_value"], row.max_advance_ratio),
            15: facts["repaid"] - 1.0,
            16: above(facts["refinanced"], 1.0),
            17: stress,
        }
        unread = {5} if waits else {10, 13, 14}
        if not waits and facts["balloon"] > 0:
            unread = {5, 10}
        return {number: room for number, room in found.items() if number not in unread}

    def judge(
        self, cover: dict[str, float], facts: dict[str, float], kind: str, stress: Sequence[float] | None = None
    ) -> Verdict:
        """The best rating whose criteria all hold, capped by the tenant's; else the acceptable row missed by least."""
        rooms = [math.inf] * len(self.rows) if stress is None else stress
        ladder = [
            (row, self.headrooms(row, cover, facts, kind, room)) for row, room in zip(self.rows, rooms, strict=True)
        ]
        achieved = next(((row, table) for row, table in ladder if not failures(table)), None)
        rating = NOT_RATED
        if achieved is not None:
            tenant = notch(self.inputs.credit.tenant_rating)
            cap = NOT_RATED if tenant == NOT_RATED else max(1, tenant - self.rules.tenant_cap_notches)
            if self.wrapped:
                cap = min(cap, notch(achieved[0].wrap_insurer_rating))
            rating = max(notch(achieved[0].rating), cap)
            if notch(achieved[0].rating) <= self.minimum:
                capped = {TENANT_CAP: 0.0 if rating <= self.minimum else -1.0}
                return self.verdict(rating, {**achieved[1], **capped})
        accepted = [table for row, table in ladder if notch(row.rating) <= self.minimum]
        fewest = min(len(failures(table)) for table in accepted)
        return self.verdict(rating, [table for table in accepted if len(failures(table)) == fewest][-1])

    def verdict(self, rating: int, table: Table) -> Verdict:
        """What a table of headrooms says; one narrow failure alone is a near miss."""
        failed = failures(table)
        measured = {
            n: room for n, room in sorted(table.items()) if room < math.inf and (n not in YES_OR_NO or room < 0)
        }
        least = min(measured.values())
        binding = next(n for n, room in measured.items() if room <= least + SLACK)
        near = len(failed) == 1 and least >= -self.terms.near_miss_ratio - SLACK
        return Verdict(rating, table, not failed, near, min(failed, default=0), binding, measured[binding])

    def stress_rooms(self, senior: Loan) -> list[float]:
        """Headroom that the scenarios of each rating leave it: its own and those of every worse one."""
        lows = [self.cover_in(each, senior)["minimum"] for each in self.tests]
        found = []
        for row in self.rows:
            rooms = [
                -1.0 if self.defaults[scenario] else above(low, row.stressed_dscr)
                for test, scenario, low in zip(self.rules.rating_stresses, self.tests, lows, strict=True)
                if notch(test.rating) >= notch(row.rating)
            ]
            found.append(min(rooms, default=math.inf))
        return found

    @cached_property
    def tests(self) -> list[Scenario]:
        """The scenarios that ratings must survive."""
        return [
            Scenario(t.cpi_rate, t.rate_shift_bps / 1e4, t.default_ratio, t.relet_months, t.relet_ratio)
            for t in self.rules.rating_stresses
        ]

    def judge_senior(self, cover: dict[str, float], senior: Loan) -> Verdict:
        """The senior notes judged; the ratings' scenarios only where all else passes or nearly does."""
        facts = self.facts(self.base, senior, defaulted=self.defaults[self.base])
        found = self.judge(cover, facts, senior.kind)
        if not found.passed and not found.near:
            return found
        return self.judge(cover, facts, senior.kind, self.stress_rooms(senior))

    # All debt together.

    def total_cover(self, base: Floats, senior: Loan, mezz: Loan) -> Floats:
        """Yearly cover of all service to senior maturity, after swaps."""
        opening = senior.schedule[:-1]
        cash = base + self._settled(self.base) + opening * self.trs_carry
        notional = senior.notional + mezz.notional if senior.notional > 0 else 0.0
        return self.yearly(cash, senior.service() + mezz.service(), notional, senior.maturity)

    def mezz_rating(self, total: Floats, senior: Loan, mezz: Loan, rating: int) -> int:
        """By the same rows on all debt; never better than the senior's."""
        basis = self.market_cost if self.rules.ltv_basis == "market_cost" else self.agency_value
        for row in self.rows:
            rooms = (above(total.min(), row.dscr_minimum), above(total.mean(), row.dscr_average),
                     below((senior.amount + mezz.amount) / basis, row.max_advance_ratio),
                     below((senior.amount + mezz.amount) / self.agency_value, row.max_total_advance_ratio))  # fmt: skip
            if min(rooms) >= -SLACK:
                return max(notch(row.rating), rating)
        return NOT_RATED

    def advance_limit(self, mezz_rating: int) -> float:
        """By the mezzanine's rating, its own row's or the next worse; the general limit is the loosest."""
        own = [row.max_total_advance_ratio for row in self.rows if notch(row.rating) >= mezz_rating]
        return min([*own[:1], self.rules.max_total_advance_ratio])

    def coupons(self, loan: Loan, rating: int, name: str) -> tuple[float, float]:
        """(fair, highest) coupon of a tranche at its rating and life; NaN where nothing is quoted."""
        if self.case.market is None or rating == NOT_RATED or loan.amount <= 0:
            return math.nan, math.nan
        market = self.case.market.market_for(self.inputs.currency)
        life = (self.built + loan.schedule[: loan.maturity].sum() / loan.amount) / 12
        read = market.fair_coupon_rate, market.coupon_cap_rate
        fair, cap = (each(rating, life, Seniority(name)) for each in read)
        return (math.nan if fair is None else fair), (math.nan if cap is None else cap)

    def _clears(self, coupon: float, fair: float) -> float:
        if self.case.market is None:
            return math.inf
        return -1.0 if math.isnan(fair) else above(coupon, fair)

    # Section 10: the grid.

    @cached_property
    def grid(self) -> list[Scenario]:
        """Every combination of CPI path, rate shock and tenant default, base first; a swap's CPI last."""
        terms = self.terms
        swap = terms.swap_stress_cpi_rates if self.levers["zcis_tenor_years"] else ()
        return [
            self.base._replace(cpi=cpi, shift=shift / 1e4, default=default)
            for cpi in (None, *terms.stress_cpi_rates, *swap)
            for shift in (0.0, *terms.stress_rate_shifts_bps)
            for default in (0.0, *terms.stress_default_ratios)
        ]

    def stress_rows(self, senior: Loan, base: dict[str, float], rating: int, key: int) -> list[dict[str, float]]:
        """One row a cell of the grid."""
        rows = []
        for number, scenario in enumerate(self.grid):
            cover, bad = self.cover_in(scenario, senior), self.defaults[scenario]
            facts = self.facts(scenario, senior, defaulted=bad)
            found = DEFAULTED if bad else self.judge(cover, facts, senior.kind).rating
            rows.append({
                "stress_key": key, "scenario": number, "base_dscr": base["minimum"],
                "stressed_dscr": finite(cover["minimum"]),
                "dscr_degradation_ratio": finite(1 - cover["minimum"] / base["minimum"]),
                "breach_month": cover["breach"], "recovery_months": cover["recovery"], "rating_notch": found,
                "notches_moved": found - rating, "defaulted": float(bad),
            })  # fmt: skip
        return rows

    # Sections 7 and 9: waterfall and value.

    @property
    def trap(self) -> tuple[tuple[tuple[float, float], ...], int]:
        """Steps and window of the cash trap: an ARD note has its own."""
        if self.levers["senior_amortisation"] == "interest_only":
            return self.terms.ard_trap_steps, self.terms.ard_trap_window_months
        return self.terms.lock_up_steps, self.terms.lock_up_window_months

    def price_loss(self, senior: Loan, shift: float) -> float:
        """What the swapped notes lose when rates rise: modified duration at the coupon x shift, the balloon repaid."""
        n = senior.maturity
        paid = senior.schedule[:n] * senior.coupon - np.diff(senior.schedule[: n + 1])
        paid[-1] += senior.balloon
        worth = paid * (1 + senior.coupon) ** -np.arange(1.0, n + 1)
        years = float((worth * np.arange(1, n + 1)).sum() / worth.sum()) / 12
        return float(self.levers["trs_share"]) * senior.amount * years / (1 + senior.coupon) * shift

    def waterfall(self, senior: Loan, mezz: Loan, scenario: Scenario | None = None) -> dict[str, Floats]:
        """The base case or a scenario month by month, one deal wide."""
        scenario = scenario or self.base
        income, costs = self.operations(scenario)
        shift = scenario.shift / 12
        felt = self.terms.unfixed_ratio * shift
        steps, window = self.trap
        uses, targets = self.uses(senior, mezz), self.targets(senior)
        one = np.array
        deal = Deals(
            gross_income=income[:, None],
            opex=costs[:, None],
            swap=self._settled(scenario)[:, None],
            senior_schedule=senior.schedule[:, None],
            mezz_schedule=mezz.schedule[:, None],
            targets=targets[:, None],
            senior_maturity=one([self.maturity]),
            senior_rate=one([senior.coupon + felt]),
            senior_later_rate=one([senior.later + (felt if self.sweeps else shift)]),
            wrap_rate=one([senior.premium]),
            mezz_maturity=one([mezz.maturity]),
            mezz_rate=one([mezz.rate + felt]),
            mezz_later_rate=one([mezz.later + (felt if mezz.swept else shift)]),
            trs_carry=one([self.trs_carry + self.levers["trs_share"] * (felt - shift)]),
            margin_amount=one([uses["margin"]]),
            margin_loss_amount=one([self.price_loss(senior, scenario.shift)]),
            dsra_months=one([int(self.levers["dsra_months"])]),
            dsra_initial_amount=targets[:1],
            refinance_capacity=one([self.refinancing(scenario, senior)]),
            sweeps=one([self.sweeps]),
            mezz_sweeps=one([mezz.swept]),
            lock_levels=one([level for level, _ in steps]),
            lock_shares=one([share for _, share in steps]),
            window_months=window,
            sweep_ratio=self.early,
        )
        return {name: column[:, 0] for name, column in numpy_waterfall.run(deal).items()}

    def flags(self, periods: dict[str, Floats], scenario: Scenario | None = None) -> int:
        """Every flag a run of months raises, by its place."""
        senior, mezz = self.tranches
        dust = 1e-12 * max(1.0, senior.amount)
        lowest = max((level for level, _ in self.trap[0]), default=-math.inf)
        short = not self.sweeps and self.refinancing(scenario or self.base, senior) < senior.balloon - dust
        unswept = self.sweeps and periods["senior_balance"][-1] > dust
        raised = (
            (periods["trailing_dscr"][:-1] < lowest * (1 - SLACK)).any(),
            (periods["dsra_draw"] > dust).any(),
            (periods["senior_unpaid"] > dust).any(),
            (periods["mezz_deferred"] > dust).any(),
            short or unswept,
            (periods["hedge_unpaid"] > dust).any(),
            (periods["mezz_balance"] - mezz.schedule[1:] > dust).any(),
        )
        return sum(2**k for k, is_raised in enumerate(raised) if is_raised)

    def holders(self, periods: dict[str, Floats], senior: Loan, mezz: Loan) -> dict[str, float]:
        """Average life from close and effective yield of each tranche, by the holder's own flows.

        What is refinanced or redeemed at maturity ends the holding; swept or late notes are held to lease end.
        """
        last = senior.maturity - 1
        late = periods["senior_unpaid"][last] > DUST * senior.amount
        out = self._holder("senior", periods, senior, self.months if senior.swept or late else senior.maturity)
        if mezz.amount > 0:
            last = mezz.maturity - 1
            behind = periods["mezz_balance"][last] - mezz.schedule[mezz.maturity] + periods["mezz_deferred"][last]
            late = behind > DUST * mezz.amount
            out |= self._holder("mezz", periods, mezz, self.months if mezz.swept or late else mezz.maturity)
        return out

    def _holder(self, name: str, periods: dict[str, Floats], loan: Loan, until: int) -> dict[str, float]:
        balance = periods[f"{name}_balance"]
        received = np.zeros(self.built + until + 1)
        received[: self.built] = -loan.proceeds * np.diff(loan.drawn, prepend=0.0)
        owed = loan.coupon * (loan.amount - loan.proceeds * (1 - loan.drawn))
        received[loan.capitalised_months + 1 : self.built + 1] += owed[loan.capitalised_months :]
        received[self.built + 1 :] = (periods[f"{name}_interest"] + periods[f"{name}_principal"])[:until]
        received[-1] += balance[until - 1] if until < self.months else 0.0
        standing = np.concatenate([[loan.amount], balance[: until - 1]])
        return {
            f"{name}_yield_rate": irr_plain(received, 12),
            f"{name}_wal_years": (self.built + standing.sum() / loan.amount) / 12,
        }

    def equity(self, senior: Loan, mezz: Loan) -> float:
        """The sponsor's cash: uses that debt leaves, nil where it leaves a rounding."""
        uses = sum(self.uses(senior, mezz).values())
        left = uses - senior.proceeds - mezz.proceeds
        return 0.0 if abs(left) <= DUST * uses else left

    def value_and_returns(self, periods: dict[str, Floats], senior: Loan, mezz: Loan) -> dict[str, float]:
        """Equity price, day-one value, the sponsor's own return."""
        uses = self.uses(senior, mezz)
        raised = senior.proceeds + mezz.proceeds
        equity = self.equity(senior, mezz)
        contributions = senior.uncovered + mezz.uncovered
        flows = np.concatenate([-contributions, periods["equity_distribution"]])
        years = np.arange(flows.size) / 12
        target = self.levers["equity_irr_rate"]
        proceeds = float((flows * (1 + target) ** -years).sum())
        effective = [(1 + each.coupon) ** 12 - 1 for each in (senior, mezz)]
        paid_in = max(proceeds, 0.0)
        found = {
            "structuring_fee_amount": uses["fees"],
            "dsra_initial_amount": uses["reserve"],
            "prefunded_interest_amount": uses["prefunded"],
            "trs_margin_amount": uses["margin"],
            "sponsor_equity_amount": equity,
            "equity_proceeds_amount": proceeds,
            "day_one_value": raised + proceeds - sum(uses.values()),
            "wacc_rate": (senior.proceeds * effective[0] + mezz.proceeds * effective[1] + paid_in * target)
            / (raised + paid_in),
            "instruments": float(mezz.amount > 0) + float(self.levers["zcis_tenor_years"] > 0)
            + float(self.levers["trs_share"] > 0) + float(self.wrapped),
        }  # fmt: skip
        flows[0] -= equity
        found["sponsor_npv_amount"] = float((flows * (1 + self.terms.discount_rate) ** -years).sum())
        if equity > 0:
            found["sponsor_irr_rate"] = irr_plain(flows, 12)
            running = np.cumsum(flows)
            back = [t for t in range(self.built + 1, flows.size) if running[t] >= 0]
            found["sponsor_payback_months"] = back[0] if back else math.nan
            found["sponsor_multiple"] = flows[self.built + 1 :].sum() / -flows[: self.built + 1].sum()
        return found

    # Section 2: tax.

    def tax(self, periods: dict[str, Floats]) -> Floats:
        """Tax by operating year: losses are kept in a purse that later profits empty first."""
        rules, purse, due = self.inputs.tax, 0.0, []
        income, costs = (each.reshape(-1, 12).sum(1) for each in self.operations(self.base))
        paid = periods["senior_interest"] + periods["mezz_interest"] + periods["wrap_premium"] - periods["hedge_net"]
        for year, interest in enumerate(paid.reshape(-1, 12).sum(1).tolist()):
            earned = float(income[year] - costs[year])
            relief = self.inputs.capex_internal.total_amount * rules.allowance_ratio / rules.allowance_years
            profit = earned - min(interest, max(earned, 0.0) * rules.interest_cap_ratio)
            purse += profit - (relief if year < rules.allowance_years else 0.0)
            due.append(max(purse, 0.0) * (rules.rate or 0.0))
            purse = min(purse, 0.0)
        return np.array(due)

    def after_tax(self, periods: dict[str, Floats], senior: Loan, mezz: Loan, rating: int) -> dict[str, float]:
        """Cover, rating and return with each year's tax paid at its end."""
        if not self.inputs.tax.rate:
            return {}
        due, n = self.tax(periods), senior.maturity
        opening = senior.schedule[:n]
        cash = (self.cfads(self.base) + self._settled(self.base))[:n] + opening * self.trs_carry
        service = opening * senior.rate - np.diff(senior.schedule[: n + 1])
        owed = service.reshape(-1, 12).sum(1)
        left = cash.reshape(-1, 12).sum(1) - due[: n // 12]
        ratios = left[owed > 0] / owed[owed > 0]
        if senior.notional > 0:
            ratios = np.minimum(ratios, left[owed > 0] / (12 * senior.notional))
        relieved = [
            (row, row.dscr_minimum - cut, row.dscr_average - cut)
            for row in self.rows
            for cut in [row.wrap_dscr_relief if self.wrapped else 0.0]
        ]
        held = [row for row, low, mean in relieved
                if ratios.min() >= low * (1 - SLACK) and ratios.mean() >= mean * (1 - SLACK)]  # fmt: skip
        found = {
            "after_tax_dscr_minimum": float(ratios.min()), "after_tax_dscr_average": float(ratios.mean()),
            "after_tax_rating_notch": float(max(notch(held[0].rating), rating) if held else NOT_RATED),
        }  # fmt: skip
        equity = self.equity(senior, mezz)
        if equity > 0:
            flows = np.concatenate([-senior.uncovered - mezz.uncovered, periods["equity_distribution"]])
            flows[0] -= equity
            flows[self.built + 12 :: 12] -= due
            found["after_tax_irr_rate"] = irr_plain(flows, 12)
        return found

    def repo_verdict(self, rating: int, senior: Loan) -> float:
        """0 not eligible, 1 not confirmed, 2 eligible."""
        bank = next((b for b in self.rules.central_banks if b.jurisdiction == self.inputs.country), None)
        takes = (
            bank is not None
            and rating <= notch(bank.minimum_rating)
            and self.maturity <= 12 * bank.max_tenor_years
            and senior.amount <= bank.max_advance_ratio * self.value
            and bank.currency == self.inputs.currency
        )
        return (2.0 if bank.class_confirmed else 1.0) if bank is not None and takes else 0.0

    def size_columns(self, senior: Loan, mezz: Loan) -> dict[str, float]:
        """What is raised, what it pays for."""
        uses, equity, debt = (
            sum(self.uses(senior, mezz).values()),
            self.equity(senior, mezz),
            senior.amount + mezz.amount,
        )
        return {
            "senior_amount": senior.amount, "senior_proceeds_amount": senior.proceeds, "mezz_amount": mezz.amount,
            "mezz_proceeds_amount": mezz.proceeds, "sized_by": senior.sized_by, "mezz_sized_by": mezz.sized_by,
            "uses_amount": uses, "equity_ratio": equity / uses, "cash_released_amount": max(-equity, 0.0),
            "loan_to_cost_ratio": debt / self.cost, "market_loan_to_cost_ratio": debt / self.market_cost,
        }  # fmt: skip

    @cached_property
    def tranches(self) -> tuple[Loan, Loan]:
        """Senior and mezzanine within their caps."""
        base = self.cfads(self.base)
        senior = self.senior(base)
        return senior, self.mezzanine(base, senior)

    def price(self, key: int = 0) -> Priced:
        """Every result column; `key` joins them to the stress rows."""
        found = Priced(dict.fromkeys((spec.name for spec in RESULT_COLUMNS), math.nan))
        columns, base = found.columns, self.cfads(self.base)
        columns |= {"gate": 0.0, "near_miss": 0.0, "reason": self.lever_reason()}
        if columns["reason"]:
            return found
        senior, mezz = self.tranches
        if senior.amount <= 0:
            columns["reason"] = 4
        elif self.levers["zcis_tenor_years"] and self.indexation != "cpi":
            columns["reason"] = 6
        if columns["reason"]:
            return found
        columns |= self.size_columns(senior, mezz) | {"coverage_ratio": self.coverage(base, senior, mezz)}
        if columns["coverage_ratio"] < self.rules.capex_coverage_min_ratio * (1 - SLACK):
            columns["reason"] = 5
            return found

        cover, debt = self.cover_in(self.base, senior), senior.amount + mezz.amount
        notes, total = self.judge_senior(cover, senior), self.total_cover(base, senior, mezz)
        mezz_rating = self.mezz_rating(total, senior, mezz, notes.rating) if mezz.amount > 0 else NOT_RATED
        fair, cap = self.coupons(senior, notes.rating, "senior")
        mezz_fair, mezz_cap = self.coupons(mezz, mezz_rating, "mezzanine")
        asked = {
            TOTAL_ADVANCE: below(debt / self.agency_value, self.advance_limit(mezz_rating)),
            TOTAL_DSCR: above(total.min(), self.rules.min_total_dscr),
        }
        if notes.rating <= self.minimum:
            asked[COUPON] = self._clears(self.coupon, fair)
            if mezz.amount > 0:
                asked[MEZZ_COUPON] = self._clears(12 * mezz.coupon, mezz_fair)
        verdict = self.verdict(notes.rating, notes.table | asked)
        columns |= {
            "gate": 2.0 if verdict.passed else 1.0,
            "reason": 0.0 if verdict.passed else verdict.first_failed + (10 if verdict.first_failed < 10 else 30),
            "near_miss": float(verdict.near),
            "agency_ltv_ratio": senior.amount / self.agency_value,
            "appraisal_ltv_ratio": senior.amount / self.value,
            "cost_ltv_ratio": senior.amount / self.market_cost,
            "total_agency_ltv_ratio": debt / self.agency_value,
            "total_appraisal_ltv_ratio": debt / self.value,
            "total_dscr_minimum": float(total.min()),
            "total_dscr_average": float(total.mean()),
            "debt_yield_ratio": self.noi / debt,
            "dscr_minimum": cover["minimum"],
            "dscr_average": cover["average"],
            "notional_dscr_minimum": cover["notional"] if senior.notional > 0 else math.nan,
            "refinance_cover_ratio": self.refinancing(self.base, senior) / senior.balloon
            if senior.balloon > 0
            else math.nan,
            "llcr": cover["llcr"],
            "plcr": cover["plcr"],
            "icr": cover["icr"],
            "rating_notch": notes.rating,
            "mezz_rating_notch": mezz_rating if mezz.amount > 0 else math.nan,
            "senior_fair_coupon_rate": fair,
            "mezz_fair_coupon_rate": mezz_fair,
            "senior_coupon_margin_bps": (self.coupon - fair) * 1e4,
            "binding_criterion": verdict.binding,
            "binding_headroom_ratio": verdict.headroom,
            "repo_verdict": self.repo_verdict(notes.rating, senior),
        }
        if not verdict.passed and not verdict.near:
            return found

        found.stress = self.stress_rows(senior, cover, notes.rating, key)
        served = [row for row in found.stress if not math.isnan(row["stressed_dscr"])]
        worst = min(served, key=lambda row: row["stressed_dscr"])
        accepted = [row for row in self.rows if notch(row.rating) <= self.minimum][-1]
        defaults = sum(row["defaulted"] for row in found.stress)
        holds = worst["stressed_dscr"] >= accepted.stressed_dscr * (1 - SLACK)
        columns |= {
            "worst_stressed_dscr": worst["stressed_dscr"],
            "worst_scenario": worst["scenario"],
            "stress_defaults": defaults,
            "notches_lost": max(0.0, *(row["notches_moved"] for row in found.stress)),
            "stress_passed": float(holds and defaults == 0),
            "stability_ratio": min(max(worst["stressed_dscr"] / cover["minimum"], 0.0), 1.0),
            "stress_key": key,
        }
        periods = self.waterfall(senior, mezz)
        dear = self.coupon > cap * (1 + SLACK) or 12 * mezz.coupon > mezz_cap * (1 + SLACK)
        columns |= self.value_and_returns(periods, senior, mezz) | self.holders(periods, senior, mezz)
        columns |= self.after_tax(periods, senior, mezz, notes.rating)
        columns["flags"] = self.flags(periods) + (ABOVE_MARKET if dear else 0)
        return found


def held(loan: Loan, caps: Sequence[tuple[int, Callable[[Loan], float]]]) -> Loan:
    """The tranche held to its caps in order: each excess is a straight line in the balance."""
    for by, excess in caps:
        over, nought = excess(loan), excess(loan.of(0.0))
        if loan.amount > 0 and over > 0:
            room = max(0.0, -nought)
            loan = loan.of(loan.amount * room / (over - nought))._replace(sized_by=by)
    return loan


def above(value: float, floor: float) -> float:
    """Headroom over a floor; there is none to read where it is nil."""
    return value / floor - 1.0 if floor > 0 else math.inf


def below(value: float, cap: float) -> float:
    """Headroom under a cap; one of nil allows nothing."""
    return 1.0 - value / cap if cap > 0 else (0.0 if value <= 0 else -1.0)


def failures(table: Table) -> list[int]:
    """Criteria that do not hold."""
    return [number for number, room in table.items() if room < -SLACK]


def finite(value: float) -> float:
    """The value, or NaN where a shock leaves no service to cover."""
    return value if math.isfinite(value) else math.nan


def stress_key(case: Case, index: int) -> int:
    """Number of the permutation's cash flow, senior structure, swaps and reserve among all such combinations."""
    key, levers, opened = 0, case.levers.levers_at(index), dict(case.levers.axes)
    for code, spec in AXES.items():
        if spec.layer in (Layer.CASH, Layer.SENIOR) or code in ("zcis_tenor_years", "trs_share", "dsra_months"):
            values = opened.get(code, ())
            key = key * max(len(values), 1) + (values.index(levers[code]) if values else 0)
    return key


def book_of(case: Case, index: int) -> Book:
    """The book of the permutation at `index`."""
    return Book(case, dict(case.levers.levers_at(index)))


def price(case: Case, index: int) -> Priced:
    """The permutation at `index` of the case's space, by the book."""
    return book_of(case, index).price(stress_key(case, index))
