"""The twins the kernels are held to: the book's figures (`engine.book`), judged one permutation at a time from the paper.

Sizing, schedules and the waterfall are the book computed on whatever a test gives it. NaN stands for "not computed".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.book import Page, book, compute, sizes
from engine.book.algebra import internal_rate_of
from engine.book.debt import Tranche
from engine.book.results import FIGURES, held_until
from engine.book.structure import MEZZ, SENIOR
from engine.deal.axes import AXES, Layer
from engine.deal.reasons import GATE_B_REASON, is_alive
from engine.deal.setting import Scenario
from engine.debt.kinds import AMORTISATIONS
from engine.permutations import RESULT_COLUMNS, Case
from engine.ratings.criteria import CriteriaRow
from engine.ratings.scale import NOT_RATED, notch_of
from engine.waterfall.terms import (
    BALLOON,
    DEFERRED,
    DRAW,
    HEDGE_UNPAID,
    LOCK_UP,
    SHORTFALL,
    WaterfallPaths,
    WaterfallTerms,
)

Floats = NDArray[np.float64]
Row = dict[str, float]
Months = dict[str, Floats]
TENOR_EXCEEDS_LIMIT, MEZZ_DSCR_NOT_BELOW_SENIOR, COUPON_OUT_OF_MARKET, NO_DEBT_CAPACITY, INSUFFICIENT_CAPITAL = range(
    1, 6
)
TENANT_CAP = 9
# A limit met to nine digits is met.
ROUNDING = 1e-9
SIZES = ("senior_amount", "senior_proceeds_amount", "mezz_amount", "mezz_proceeds_amount", "coverage_ratio")
COVERS = (
    "agency_ltv_ratio",
    "appraisal_ltv_ratio",
    "cost_ltv_ratio",
    "dscr_minimum",
    "dscr_average",
    "llcr",
    "plcr",
    "icr",
)


# One tranche, and the waterfall, on anything


class DebtTerms(NamedTuple):
    """What sizing reads: rates are for one period, periods count from the start of operations."""

    kind: int
    period_rate: float
    maturity: int
    last: int
    refinance_rate: float
    grace: int = 0
    sweeps: bool = False


def loan(terms: DebtTerms, capacity: Sequence[float], **given: Any) -> Page:
    """The book of one tranche on a capacity by period."""
    known = {
        "senior_amortisation": AMORTISATIONS[terms.kind], "senior_rate": terms.period_rate, "senior_all_in": terms.period_rate,
        "senior_later_rate": terms.refinance_rate, "senior_refinance_rate": terms.refinance_rate,
        "senior_maturity": float(terms.maturity), "lease_months": float(terms.last), "grace_months": float(terms.grace),
        "sweeps": terms.sweeps, "over_raise_ratio": None, "months.senior_capacity": np.array([math.nan, *capacity]),
    }  # fmt: skip
    return Page(book(4), known | given, sizes(terms.last))


def plain_balance(terms: DebtTerms, capacity: Sequence[float]) -> float:
    """Largest balance the capacity carries; zero if it carries none."""
    return float(loan(terms, capacity)["senior_balance"])


def plain_refinancing(terms: DebtTerms, capacity: Sequence[float]) -> float:
    """What a new annuity on the capacity after maturity would pay for."""
    return float(loan(terms, capacity)["senior_refinanced"])


def plain_schedule(terms: DebtTerms, balance: float, capacity: Sequence[float]) -> Floats:
    """Scheduled balances at 0..last; the capacity is that of the balance."""
    return loan(terms, capacity, senior_balance=balance, senior_shrunk=1.0).column("months.senior_schedule")


def plain_service(terms: DebtTerms, schedule: Floats) -> Floats:
    """Interest and principal by period, of a schedule."""
    given = {"months.senior_schedule": schedule, "sweeps": False}
    return loan(terms, [], **given).column("months.senior_service")[1:]


def unit_straight_line(terms: DebtTerms) -> list[float]:
    """Service of one unit of debt in each repaying period."""
    return [1.0 / carried for carried in loan(terms, [1.0] * terms.last).column("months.senior_straight")[1:].tolist()]


def discounted(payments: Sequence[float], period_rate: float) -> float:
    """Present value of payments at the end of periods 1, 2, ..."""
    return float(np.dot(payments, (1.0 + period_rate) ** -np.arange(1.0, len(payments) + 1.0)))


def plain_reserve_targets(service: Floats, months: int, maturity: int, size: int) -> Floats:
    """Reserve target at the end of months 0..size-1."""
    given = {"dsra_months": float(months), "senior_maturity": float(maturity)}
    columns = {"months.senior_service": np.concatenate(([math.nan], service))}
    return Page(book(4), given | columns, sizes(len(service))).column("months.dsra_target")[:size]


def plain_waterfall(paths: WaterfallPaths, terms: WaterfallTerms, targets: Floats) -> tuple[Months, int]:
    """Every month's flows, balances and flags by the kernel's columns, and all flags raised."""
    steps = max(4, len(paths.lock_levels))
    given: dict[str, Any] = {
        "lease_months": float(terms.months), "senior_maturity": float(terms.senior_maturity),
        "senior_rate": terms.senior_monthly_rate, "senior_later_rate": terms.senior_later_monthly_rate, "wrap_rate": terms.wrap_monthly_rate,
        "mezz_maturity": float(terms.mezz_maturity), "mezz_rate": terms.mezz_monthly_rate, "mezz_later_rate": terms.mezz_later_monthly_rate,
        "trs_carry": terms.trs_carry, "trs_share": 0.0, "passed_on": 0.0, "shock": 0.0, "trs_margin": terms.margin_amount,
        "trs_loss": terms.margin_loss_amount, "lock_up_window_months": float(terms.window_months), "sweeps": terms.sweeps,
        "scenario_refinanced": terms.refinance_capacity, "senior_balance": float(paths.senior_schedule[0]),
        "mezz_balance": float(paths.mezz_schedule[0]), "months.senior_schedule": paths.senior_schedule,
        "months.mezz_schedule": paths.mezz_schedule,
        "months.dsra_target": np.array([terms.dsra_initial_amount, *targets[1:]]),
    }  # fmt: skip
    by_month = {
        "income": paths.gross_income,
        "costs": paths.opex,
        "cfads": paths.gross_income - paths.opex,
        "swap": paths.swap,
    }
    given |= {f"months.{name}": np.concatenate(([math.nan], values)) for name, values in by_month.items()}
    for n in range(steps):
        used = n < len(paths.lock_levels)
        given[f"lock_up_level_{n + 1}"] = float(paths.lock_levels[n]) if used else 0.0
        given[f"lock_up_share_{n + 1}"] = float(paths.lock_shares[n]) if used else 0.0
    return months_of(Page(book(steps), given, sizes(terms.months)))


def months_of(page: Page) -> tuple[Months, int]:
    """The book's months by the kernel's columns, and all flags raised."""

    def at(*names: str) -> Floats:
        found: Floats = np.sum([page.column(f"months.{name}")[1:] for name in names], axis=0)
        return found

    same = ("opex", "wrap_premium", "dsra_top_up", "mezz_interest", "mezz_principal", "cash_trapped", "trap_released",
            "dsra_released", "senior_balance", "mezz_balance", "dsra_balance", "trap_balance", "dscr", "trailing_dscr",
            "senior_unpaid", "mezz_deferred")  # fmt: skip
    found = {name: at(name) for name in same} | {
        "gross_income": at("income"),
        "hedge_net": at("hedge_received") - at("hedge_paid"),
        "senior_interest": at("interest_paid", "interest_drawn"),
        "senior_principal": at("principal_paid", "principal_drawn", "swept"),
        "dsra_draw": at("interest_drawn", "principal_drawn"),
        "margin_returned": at("margin_returned") - at("margin_call"),
        "equity_distribution": at("equity"),
        "cost_unpaid": at("costs") - at("opex"),
    }
    found["flags"] = _flags(page, found).astype(np.float64)
    return found, int(np.bitwise_or.reduce(found["flags"].astype(np.int64)))


def _flags(page: Page, months: Months) -> NDArray[np.int64]:
    month, rounding = page.column("months.month")[1:], page["rounding"]
    unrefinanced = (month == page["senior_maturity"]) & (page["refinanced_share"] < 1.0)
    unswept = (month == page["lease_months"]) & page["sweeps"] & (months["senior_balance"] > rounding)
    raised = {
        LOCK_UP: page.column("months.trapped_share")[1:] > 0.0,
        DRAW: months["dsra_draw"] > rounding,
        SHORTFALL: months["senior_unpaid"] > rounding,
        DEFERRED: months["mezz_deferred"] > rounding,
        BALLOON: unrefinanced | unswept,
        HEDGE_UNPAID: page.column("months.arrears")[1:] > rounding,
    }
    found: NDArray[np.int64] = np.sum([flag * is_raised.astype(np.int64) for flag, is_raised in raised.items()], axis=0)
    return found


# One permutation, judged


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
class Permutation:
    """One permutation of a case: its page of the book, and what the rules say of it."""

    case: Case
    index: int

    @cached_property
    def levers(self) -> dict[str, Any]:
        return dict(self.case.levers.levers_at(self.index))

    @cached_property
    def page(self) -> Page:
        return compute(self.case.inputs, self.case.terms, self.levers)

    @cached_property
    def verdict(self) -> Verdict:
        return self.verdict_in(self.page)

    @property
    def tenor_years(self) -> float:
        return float(self.levers["senior_tenor_years"])

    @property
    def is_wrapped(self) -> bool:
        own = "senior" if self.case.inputs.credit.insurance_wrap else "none"
        return (self.levers.get("wrap") or own) == "senior"

    @property
    def has_mezzanine(self) -> bool:
        return bool(self.levers["mezzanine"] == "sized")

    @cached_property
    def pages(self) -> dict[int, Page]:
        return {}

    def page_in(self, scenario: Scenario) -> Page:
        """The page under a scenario: its CPI, rate shock and tenant default together."""
        if scenario.number not in self.pages:
            self.pages[scenario.number] = self._page_under(scenario)
        return self.pages[scenario.number]

    def _page_under(self, scenario: Scenario) -> Page:
        return self.page.under({
            "scenario_cpi_rate": scenario.cpi_rate, "scenario_shift_bps": scenario.rate_shift_bps,
            "scenario_default_ratio": scenario.default_ratio,
        })  # fmt: skip

    def verdict_in(self, page: Page) -> Verdict:
        rules, terms = self.case.rules, self.case.terms
        minimum = notch_of(terms.minimum_rating)
        ladder = [(row, self._headrooms(row, page)) for row in rules.rows_for(self.case.inputs.country)]
        achieved = next(((row, room) for row, room in ladder if not _failures(room)), None)
        notch = NOT_RATED if achieved is None else self._capped(achieved[0])
        if notch <= minimum and achieved is not None:
            binding, headroom = _tightest(achieved[1])
            return Verdict(notch, True, False, 0, binding, headroom)
        if achieved is not None and achieved[0].notch <= minimum:
            return Verdict(notch, False, False, TENANT_CAP, TENANT_CAP, -1.0)
        return _missed(notch, [room for row, room in ladder if row.notch <= minimum], terms.near_miss_ratio)

    def _headrooms(self, row: CriteriaRow, page: Page) -> dict[int, float]:
        """Headroom over each limit of one rating, as a share of the limit; a broken yes-or-no rule is -1."""
        relief = row.wrap_dscr_relief if self.is_wrapped else 0.0
        basis = page["market_cost" if self.case.rules.ltv_basis == "market_cost" else "agency_value"]
        return {
            1: page["dscr_minimum"] / (row.dscr_minimum - relief) - 1.0,
            2: page["dscr_average"] / (row.dscr_average - relief) - 1.0,
            3: 1.0 - page["senior_balance"] / basis / row.max_advance_ratio,
            4: 1.0 - self.tenor_years / row.max_tenor_years,
            5: page["llcr"] / row.llcr - 1.0,
            6: page["icr_minimum"] / row.icr - 1.0,
            7: 0.0 if self.levers["senior_amortisation"] in row.amortisations else -1.0,
            8: -1.0 if row.wrap_required and not self.is_wrapped else 0.0,
        }

    def _capped(self, row: CriteriaRow) -> int:
        """The row's rating, no better than the tenant allows; a wrap lifts that to the insurer's."""
        cap = self.case.rules.tenant_cap_notch(self.case.inputs.credit.tenant_rating)
        if self.is_wrapped:
            cap = min(cap, notch_of(row.wrap_insurer_rating))
        return max(row.notch, cap)

    @cached_property
    def stress(self) -> tuple[Row, ...]:
        return tuple(self._stress_row(scenario) for scenario in self.case.scenarios)

    def _stress_row(self, scenario: Scenario) -> Row:
        page = self.page_in(scenario)
        base, stressed = self.page["dscr_minimum"], page["dscr_minimum"]
        notch = self.verdict_in(page).notch
        breach, recovery = _breach(page)
        return {
            "stress_key": _stress_key(self.case, self.index),
            "scenario": scenario.number,
            "base_dscr": base,
            "stressed_dscr": _finite(stressed),
            "dscr_degradation_ratio": _finite(1.0 - stressed / base),
            "breach_month": breach,
            "recovery_months": recovery,
            "rating_notch": notch,
            "notches_moved": notch - self.verdict.notch,
        }

    def refinances_in(self, scenario: Scenario) -> bool:
        """True if the market carries the balloon in the scenario, or a sweep does not ask it to."""
        page = self.page_in(scenario)
        return bool(page["sweeps"] or page["scenario_refinanced"] >= page["balloon"] * (1.0 - ROUNDING))


def plain_permutation(case: Case, index: int) -> Row:
    """Results of one permutation by column name, before hard filters."""
    found = Permutation(case, index)
    row: Row = dict.fromkeys((spec.name for spec in RESULT_COLUMNS), math.nan)
    row.update(gate=0, near_miss=0, reason=_gate_a(found))
    if row["reason"] in (0, INSUFFICIENT_CAPITAL):
        row.update({name: found.page[FIGURES[name]] for name in SIZES})
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
        return list(Permutation(case, index).stress)
    return []


def plain_scenario(case: Case, index: int, scenario: Scenario) -> tuple[Months, int]:
    """Every month of one permutation under a scenario, and the flags raised; gates aside, there must be debt."""
    return months_of(Permutation(case, index).page_in(scenario))


def _stress_key(case: Case, index: int) -> int:
    """Number of the permutation's cash flow, senior structure and pair of swaps, among all such combinations."""
    key = 0
    for code, spec in AXES.items():
        if spec.layer in (Layer.CASH, Layer.SENIOR) or code in ("zcis_tenor_years", "trs_share"):
            values = dict(case.levers.axes).get(code, ())
            position = values.index(case.levers.levers_at(index)[code]) if values else 0
            key = key * max(len(values), 1) + position
    return key


def _gate_a(found: Permutation) -> int:
    """First reason to stop before any rating is tried; 0 is none."""
    levers, rules = found.levers, found.case.rules
    if 12 * found.tenor_years > 12 * found.case.inputs.lease.term_years - 12 * rules.lease_tail_years:
        return TENOR_EXCEEDS_LIMIT
    if found.has_mezzanine and levers["mezz_dscr"] >= levers["senior_dscr"]:
        return MEZZ_DSCR_NOT_BELOW_SENIOR
    if found.has_mezzanine and levers["mezz_coupon_rate"] <= levers["senior_coupon_rate"]:
        return COUPON_OUT_OF_MARKET
    if found.page["senior_balance"] <= 0.0:
        return NO_DEBT_CAPACITY
    if found.page["coverage"] < rules.capex_coverage_min_ratio * (1.0 - ROUNDING):
        return INSUFFICIENT_CAPITAL
    return 0


def _gate_b(found: Permutation) -> Row:
    verdict = found.verdict
    return {name: found.page[FIGURES[name]] for name in COVERS} | {
        "gate": 2 if verdict.passed else 1,
        "reason": 0 if verdict.passed else GATE_B_REASON + verdict.first_failed,
        "near_miss": int(verdict.near_miss),
        "rating_notch": verdict.notch,
        "binding_criterion": verdict.binding,
        "binding_headroom_ratio": verdict.headroom,
        "repo_verdict": _repo_verdict(found),
    }


def _breach(page: Page) -> tuple[int, int]:
    """First month below 1.0x (0: none), and months until the next at or above (-1: not before maturity)."""
    until = int(page["senior_maturity"]) + 1
    cash, service = (page.column(f"months.cover_{name}")[1:until] for name in ("cash", "service"))
    short = cash < service * (1.0 - 1e-12)
    if not short.any():
        return 0, 0
    first = int(np.argmax(short))
    recovered = np.flatnonzero(~short[first:])
    return first + 1, int(recovered[0]) if recovered.size else -1


def _failures(headrooms: dict[int, float]) -> list[int]:
    return [criterion for criterion, headroom in headrooms.items() if headroom < -ROUNDING]


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


def _repo_verdict(found: Permutation) -> int:
    """0 not eligible, 1 not confirmed, 2 eligible."""
    inputs = found.case.inputs
    bank = found.case.rules.bank_for(inputs.country)
    if bank is None:
        return 0
    fits = (
        found.verdict.notch <= notch_of(bank.minimum_rating)
        and found.tenor_years <= bank.max_tenor_years
        and found.page["appraisal_ltv"] <= bank.max_advance_ratio
        and bank.currency == inputs.currency
    )
    return (2 if bank.class_confirmed else 1) if fits else 0


def _stress(found: Permutation) -> Row:
    """Worst of the whole grid, the base case included."""
    case = found.case
    worst = min(
        (row for row in found.stress if not math.isnan(row["stressed_dscr"])), key=lambda row: row["stressed_dscr"]
    )
    minimum = notch_of(case.terms.minimum_rating)
    accepted = [row for row in case.rules.rows_for(case.inputs.country) if row.notch <= minimum]
    held = worst["stressed_dscr"] >= accepted[-1].stressed_dscr * (1.0 - ROUNDING)
    return {
        "worst_stressed_dscr": worst["stressed_dscr"],
        "worst_scenario": worst["scenario"],
        "notches_lost": max(row["notches_moved"] for row in found.stress),
        "stress_passed": int(held and all(found.refinances_in(each) for each in case.scenarios)),
        "stability_ratio": min(max(worst["stressed_dscr"] / found.page["dscr_minimum"], 0.0), 1.0),
        "stress_key": _stress_key(case, found.index),
    }


def _finite(value: float) -> float:
    """The value, or NaN where a shock leaves no service to cover."""
    return value if math.isfinite(value) else math.nan


def _value_and_returns(found: Permutation) -> Row:
    page, levers = found.page, found.levers
    months, raised = months_of(page)
    used = (page["mezz_balance"] > 0.0, levers["zcis_tenor_years"] > 0, levers["trs_share"] > 0.0, found.is_wrapped)
    row: Row = {name: page[figure] for name, figure in FIGURES.items()}
    row.update(flags=raised, instruments=sum(used), senior_yield_rate=_holder_yield(page, months, SENIOR))
    if page["mezz_balance"] > 0.0:
        row["mezz_yield_rate"] = _holder_yield(page, months, MEZZ)
    return row


def _holder_yield(page: Page, months: Months, tranche: Tranche) -> float:
    """Yield of paying the proceeds at close and being paid as the months say.

    A balloon refinanced at maturity redeems the holder; what stands at lease end is lost.
    """
    name, until = tranche.code, int(page.value_of(held_until(tranche)))
    balance, built = page[f"{name}_balance"], int(page["project_months"])
    covered = int(page[f"{name}_covered"]) if page[f"{name}_cover"] == "capitalised" else 0
    drawn, proceeds = page.column("building.drawn")[1 : built + 1], page[f"{name}_proceeds"]
    building = page[f"{name}_rate"] * (balance - proceeds * (1.0 - drawn))
    building[:covered] = 0.0
    draws = -proceeds * np.diff(np.concatenate(([0.0], drawn, [1.0])))
    paid = (months[f"{name}_interest"] + months[f"{name}_principal"])[:until]
    if until < page["lease_months"]:
        paid[-1] += months[f"{name}_balance"][until - 1]
    return math.expm1(12.0 * math.log1p(internal_rate_of(np.array([draws[0], *(building + draws[1:]), *paid]))))
