"""One financing in full: levers, sources and uses, every month, every check, every stress, every explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.deal.axes import Lever
from engine.deal.columns import FLAGS
from engine.deal.explain import Explanation, explain
from engine.deal.judgement import (
    T_MEZZ_FAIR,
    T_MINIMUM,
    T_SENIOR_FAIR,
    facts_of,
    fill_all_debt,
    fill_rating_tests,
    refinance_cover,
    refinanced_at_maturity,
    total_advance_limit,
    total_advance_ratio,
)
from engine.deal.layers import SeniorLayer, lock_steps
from engine.deal.numbers import MezzLevers
from engine.deal.reasons import (
    CATALOGUE,
    COUPON_OFF,
    MEZZ_DSCR_HIGH,
    NAKED_SWAP,
    NO_CAPACITY,
    TENOR_EXCEEDS,
    UNCOVERED,
    gate_b_reason,
)
from engine.deal.row import Value
from engine.deal.setting import Scenario
from engine.deal.structure import StressedRun, Structure, judge_path, run_scenario
from engine.debt.kinds import AMORTISATIONS
from engine.measures.cover import (
    ARD_PLCR,
    BREACH_MONTH,
    DSCR_AVERAGE,
    DSCR_MINIMUM,
    ICR,
    LLCR,
    RECOVERY_MONTHS,
)
from engine.ratings.agencies import AgencyReading, agency_readings
from engine.ratings.checks import (
    AMORTISED,
    ARD_YEARS,
    BALLOON_SHARE,
    BALLOON_TO_VALUE,
    CRITERION_COUNT,
    JUDGED_ROW,
    MEZZ_COUPON,
    PLCR_AT_ARD,
    RATING,
    REFINANCED,
    REPAID,
    SENIOR_COUPON,
    STRESS,
    TENANT_CAP,
    TOLERANCE,
    TOTAL_ADVANCE,
    TOTAL_DSCR,
    Facts,
    fill_headrooms,
)
from engine.ratings.criteria import CriteriaRow
from engine.ratings.scale import notch_of, notches_moved, rating_label
from engine.waterfall.terms import (
    COLUMNS,
    DSCR,
    DSRA_DRAW,
    EQUITY,
    FLAG_BITS,
    HEDGE,
    MEZZ_BALANCE,
    MEZZ_DEFERRED_BALANCE,
    SENIOR_UNPAID,
    TRAILING_DSCR,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """One amount of a table."""

    label: str
    amount: float


@dataclass(frozen=True, slots=True)
class Check:
    """One rule tested: value against limit; `headroom_ratio` is relative to the limit, None for yes-or-no rules."""

    code: str
    label: str
    unit: str
    value: Value
    limit: Value
    headroom_ratio: float | None
    passed: bool


@dataclass(frozen=True, slots=True)
class RatingChecks:
    """Every check of one rating's row."""

    rating: str
    passed: bool
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class FlagEvent:
    """A flag the base case raised: when, how often, and the value and threshold of its worst month."""

    flag: str
    first_month: int
    month_count: int
    value: float
    threshold: float
    unit: str


@dataclass(frozen=True, slots=True)
class StressRow:
    """A structure under one scenario (stress result contract 2.6); cover is None where no service is left to cover.

    `defaulted`: cash flow and reserve do not pay senior in full when due.
    """

    scenario: Scenario
    base_dscr: float
    stressed_dscr: float | None
    dscr_degradation_ratio: float | None
    breach_month: int
    recovery_months: int
    rating: str
    notches_moved: int
    flags: tuple[str, ...]
    balloon_shortfall_amount: float
    equity_distribution_amount: float
    defaulted: bool


@dataclass(frozen=True, slots=True)
class DealDetail:
    """All there is to say about one financing; tables are empty where no structure can run."""

    levers: dict[str, Lever]
    row: dict[str, Value]
    sources: tuple[Line, ...]
    uses: tuple[Line, ...]
    periods: dict[str, Floats]
    years: dict[str, Floats]
    dscr_path: tuple[float, ...]
    interest_cover_path: tuple[float, ...]
    gate_a_checks: tuple[Check, ...]
    ratings: tuple[RatingChecks, ...]
    judged_rating: str
    binding: Check | None
    stress_checks: tuple[Check, ...]
    repo_checks: tuple[Check, ...]
    repo_haircut_ratio: float | None
    repo_lendable_amount: float | None
    agency_readings: tuple[AgencyReading, ...]
    stress: tuple[StressRow, ...]
    rating_stress: tuple[StressRow, ...]
    flags: tuple[FlagEvent, ...]
    explanations: tuple[Explanation, ...]


def detail_of(structure: Structure, row: Mapping[str, Value]) -> DealDetail:
    """The financing in full, from its structure and its result columns."""
    ratings = rating_checks(structure)
    judged = ratings[int(structure.verdict[JUDGED_ROW])] if structure.runs else None
    proceeds = row["equity_proceeds_amount"]
    stress, rating_stress = _stress_rows(structure), _rating_stress(structure)
    haircut = _repo_haircut(structure)
    return DealDetail(
        levers=structure.deal.choice.to_dict(),
        row=dict(row),
        sources=_sources(structure),
        uses=_uses(structure),
        periods={name: structure.work.periods[:, k] for k, name in enumerate(COLUMNS)} if structure.runs else {},
        years=_by_year(structure),
        dscr_path=_cover_path(structure, interest_only=False),
        interest_cover_path=_cover_path(structure, interest_only=True),
        gate_a_checks=gate_a_checks(structure),
        ratings=ratings,
        judged_rating=judged.rating if judged else "",
        binding=_binding(judged),
        stress_checks=_stress_checks(structure, stress),
        rating_stress=rating_stress,
        repo_checks=_repo_checks(structure),
        repo_haircut_ratio=haircut,
        repo_lendable_amount=None if haircut is None else structure.senior.amount * (1.0 - haircut),
        agency_readings=_agency_readings(structure),
        stress=stress,
        flags=_flag_events(structure),
        explanations=explain(structure, proceeds if isinstance(proceeds, float) else None),
    )


def _sources(structure: Structure) -> tuple[Line, ...]:
    if structure.flow is None:
        return ()
    lines = [
        Line("Senior debt", structure.senior.proceeds_amount),
        Line("Mezzanine debt", structure.mezz.proceeds_amount),
    ]
    escrow, equity = structure.deal.resolved.project.escrow_income_amount, structure.stack.equity_amount
    lines += [Line("Escrow income", escrow)] if escrow > 0.0 else []
    return (*lines, Line("Cash equity", equity)) if equity > 0.0 else tuple(lines)


def _uses(structure: Structure) -> tuple[Line, ...]:
    senior, stack = structure.senior, structure.stack
    if structure.flow is None:
        return ()
    lines = [
        Line("Project cost, internal", structure.deal.resolved.project.internal_cost_amount),
        Line("Structuring fees", stack.fee_amount),
        Line("Initial DSRA", senior.dsra_amount),
        Line("Pre-funded interest", stack.prefunded_amount),
        Line("TRS margin", senior.margin_amount),
    ]
    return (*lines, Line("Cash released at close", -stack.equity_amount)) if stack.equity_amount < 0.0 else tuple(lines)


_STOCKS = frozenset(
    {
        "senior_balance",
        "mezz_balance",
        "dsra_balance",
        "trap_balance",
        "senior_unpaid",
        "mezz_deferred",
        "trailing_dscr",
    }
)


def _by_year(structure: Structure) -> dict[str, Floats]:
    """Periods by operating year: flows added up, balances at year end, DSCR of the year, flags of any month."""
    if structure.flow is None:
        return {}
    years = structure.work.periods.reshape(-1, 12, len(COLUMNS))
    table = {}
    for k, name in enumerate(COLUMNS):
        if name in _STOCKS:
            table[name] = years[:, -1, k]
        elif k == FLAG_BITS:
            table[name] = np.bitwise_or.reduce(years[:, :, k].astype(np.int64), axis=1).astype(np.float64)
        elif k == DSCR:
            table[name] = _annual_dscr(structure, years.shape[0])
        else:
            table[name] = years[:, :, k].sum(axis=1)
    return table


def _annual_dscr(structure: Structure, years: int) -> Floats:
    path = np.full(years, np.nan)
    covers = _cover_path(structure, interest_only=False)
    path[: len(covers)] = covers
    return path


def _cover_path(structure: Structure, *, interest_only: bool) -> tuple[float, ...]:
    """Cover by operating year to senior maturity: of all scheduled service, or of interest and wrap alone."""
    if structure.flow is None:
        return ()
    senior, work, hedge = structure.senior, structure.work, structure.hedge
    n = senior.maturity
    opening, closing = work.schedule[:n], work.schedule[1 : n + 1]
    service = opening * (senior.monthly_rate + senior.wrap_monthly_rate)
    if not interest_only:
        service = service + opening - closing
    cash = work.cash[0, 0, :n] + work.swap[:n] + opening * hedge.trs_carry
    yearly_cash, yearly_service = cash.reshape(-1, 12).sum(axis=1), service.reshape(-1, 12).sum(axis=1)
    return tuple(float(c / s) for c, s in zip(yearly_cash, yearly_service, strict=True) if s > 0.0)


def _floor(code: str, label: str, unit: str, value: float, limit: float) -> Check:
    headroom = value / limit - 1.0 if limit else 0.0
    return Check(code, label, unit, value, limit, headroom, headroom >= -TOLERANCE)


def _cap(code: str, label: str, unit: str, value: float, limit: float) -> Check:
    headroom = 1.0 - value / limit if limit else -1.0
    return Check(code, label, unit, value, limit, headroom, headroom >= -TOLERANCE)


def gate_a_checks(structure: Structure) -> tuple[Check, ...]:
    """What Gate A asks of the structure."""
    deal, senior = structure.deal, structure.senior
    terms, project = deal.resolved.terms, deal.resolved.project
    lease_years = (project.lease_months - terms.lease_tail_months) / 12.0
    checks = [_cap(*_named(TENOR_EXCEEDS), "years", senior.maturity / 12.0, lease_years)]
    if deal.levers.mezz.sized:
        checks += _order_checks(senior, deal.levers.mezz)
    checks.append(Check(*_named(NO_CAPACITY), "amount", senior.amount, 0.0, None, senior.amount > 0.0))
    tenor, indexed = deal.choice.zcis_tenor_years, deal.levers.flow.indexed
    if tenor:
        rent = "follows CPI" if indexed else "does not follow CPI"
        checks.append(Check(*_named(NAKED_SWAP), "name", rent, "follows CPI", None, indexed))
    coverage, _ = structure.gate_a
    if np.isfinite(coverage):
        checks.append(_floor(*_named(UNCOVERED), "share", coverage, deal.rules.capex_coverage_min_ratio))
    return tuple(checks)


def _named(reason: int) -> tuple[str, str]:
    """Code and label of the check behind a reason."""
    return CATALOGUE[reason].check, CATALOGUE[reason].label


def _order_checks(senior: SeniorLayer, mezz: MezzLevers) -> list[Check]:
    """Mezzanine stands behind senior: on thinner cover, at a higher coupon."""
    dscr, coupon = senior.dscr, senior.coupon_rate
    return [
        Check(*_named(MEZZ_DSCR_HIGH), "times", mezz.dscr, dscr, 1.0 - mezz.dscr / dscr,
              mezz.dscr < dscr * (1.0 - TOLERANCE)),
        Check(*_named(COUPON_OFF), "rate", mezz.coupon_rate, coupon, mezz.coupon_rate / coupon - 1.0,
              mezz.coupon_rate > coupon * (1.0 + TOLERANCE)),
    ]  # fmt: skip


def rating_checks(structure: Structure) -> tuple[RatingChecks, ...]:
    """Checks of every rating's row, best rating first; empty where no structure runs."""
    if structure.flow is None:
        return ()
    deal, work, bench = structure.deal, structure.work, structure.bench
    rows = deal.rules.rows_for(deal.inputs.country)
    fill_rating_tests(
        deal.resolved, structure.senior, structure.hedge, work.cash, work.schedule, work.targets,
        deal.levers.flow.dsra_months, bench,
    )  # fmt: skip
    stress, facts = bench.stress.copy(), _facts(structure)
    asked = deal.resolved.paths.required
    return tuple(
        _row_checks(structure, row, packed, facts, float(room), float(min(bench.lows[tests], default=np.inf)))
        for row, packed, room, tests in zip(rows, deal.resolved.criteria, stress, asked, strict=True)
    )


def _facts(structure: Structure) -> Facts:
    """What the criteria read of the senior structure in the base case."""
    work, base = structure.work, structure.work.cash[0, 0]
    resolved, senior = structure.deal.resolved, structure.senior
    judged = judge_path(structure, base, resolved.paths.zcis[structure.hedge.zcis_at, 0], 0.0, 0.0)
    refinanced = refinanced_at_maturity(resolved, senior, base, work.schedule, 0.0)
    return facts_of(
        resolved, structure.cash, senior, base, work.schedule, refinance_cover(senior, work.schedule, refinanced),
        judged.defaulted,
    )  # fmt: skip


def _row_checks(
    structure: Structure, row: CriteriaRow, packed: Floats, facts: Facts, stress: float, worst: float
) -> RatingChecks:
    """One rating's checks; those it does not ask of this structure are left out.

    `stress` is the headroom its scenarios leave, `worst` the lowest cover in them; infinite where it has none.
    """
    senior, cover = structure.senior, structure.cover
    headrooms = np.zeros(CRITERION_COUNT + 1)
    fill_headrooms(packed, cover, facts, stress, headrooms)
    fill_all_debt(
        structure.deal.resolved, structure.cash, senior, structure.mezz, structure.totals, headrooms,
        structure.verdict.copy(),
    )  # fmt: skip
    relief = row.wrap_dscr_relief if senior.wrapped else 0.0
    rules, credit, totals = structure.deal.rules, structure.deal.inputs.credit, structure.totals
    cap = rules.tenant_cap_notch(credit.tenant_rating)
    if senior.wrapped:
        cap = min(cap, notch_of(row.wrap_insurer_rating))
    total = float(total_advance_ratio(structure.cash, senior, structure.mezz))
    mezz_coupon = 12.0 * structure.mezz.monthly_rate
    numeric: list[tuple[int, str, float, float]] = [
        (1, "times", float(cover[DSCR_MINIMUM]), row.dscr_minimum - relief),
        (2, "times", float(cover[DSCR_AVERAGE]), row.dscr_average - relief),
        (3, "share", senior.ltv_ratio, row.max_advance_ratio),
        (4, "years", facts.tenor_years, row.max_tenor_years),
        (5, "times", float(cover[LLCR]), row.llcr),
        (6, "times", float(cover[ICR]), row.icr),
        (ARD_YEARS, "years", facts.tenor_years, row.max_ard_years),
        (BALLOON_SHARE, "share", facts.balloon_ratio, row.max_balloon_ratio),
        (AMORTISED, "share", facts.amortised_ratio, row.min_annual_amortisation_ratio),
        (PLCR_AT_ARD, "times", float(cover[ARD_PLCR]), row.ard_plcr),
        (BALLOON_TO_VALUE, "share", facts.balloon_value_ratio, row.max_advance_ratio),
        (REFINANCED, "times", facts.refinance_cover, 1.0),
        (STRESS, "times", worst, row.stressed_dscr),
        (TOTAL_ADVANCE, "share", total, float(total_advance_limit(structure.deal.resolved, totals))),
        (TOTAL_DSCR, "times", float(totals[T_MINIMUM]), rules.min_total_dscr),
        (SENIOR_COUPON, "rate", senior.coupon_rate, float(totals[T_SENIOR_FAIR])),
        (MEZZ_COUPON, "rate", mezz_coupon, float(totals[T_MEZZ_FAIR])),
    ]
    checks = [
        Check(
            *_criterion(n), unit, value if np.isfinite(value) else None, limit if np.isfinite(limit) else None,
            float(headrooms[n]), bool(headrooms[n] >= -TOLERANCE),
        )
        for n, unit, value, limit in numeric
        if np.isfinite(headrooms[n])
    ]  # fmt: skip
    allowed = ", ".join(a.replace("_", " ") for a in row.amortisations)
    kind = AMORTISATIONS[senior.kind]
    checks += [
        Check(*_criterion(7), "name", kind.replace("_", " "), allowed, None, bool(headrooms[7] >= 0.0)),
        Check(*_criterion(8), "name", "senior" if senior.wrapped else "none",
              "required" if row.wrap_required else "not required", None, bool(headrooms[8] >= 0.0)),
    ]  # fmt: skip
    if senior.sweeps:
        said = "repaid" if facts.repaid else "not repaid"
        checks.append(Check(*_criterion(REPAID), "name", said, "repaid", None, facts.repaid))
    own = all(check.passed for check in checks)
    checks.append(
        Check(
            *_criterion(TENANT_CAP),
            "name",
            credit.tenant_rating,
            f"caps at {rating_label(cap)}",
            None,
            cap <= row.notch,
        )
    )
    return RatingChecks(row.rating, own, tuple(checks))


def _criterion(number: int) -> tuple[str, str]:
    return _named(gate_b_reason(number))


def _binding(judged: RatingChecks | None) -> Check | None:
    """The failed check that is not a number if there is one, else the one with the least headroom."""
    if judged is None:
        return None
    failed = [c for c in judged.checks if c.headroom_ratio is None and not c.passed]
    if failed:
        return failed[0]
    return min((c for c in judged.checks if c.headroom_ratio is not None), key=lambda c: c.headroom_ratio or 0.0)


def _stress_rows(structure: Structure) -> tuple[StressRow, ...]:
    if structure.flow is None:
        return ()
    return tuple(_stress_row(structure, run_scenario(structure, s)) for s in structure.deal.grid)


def _rating_stress(structure: Structure) -> tuple[StressRow, ...]:
    """The scenarios that ratings must survive."""
    if structure.flow is None:
        return ()
    return tuple(_stress_row(structure, run_scenario(structure, s)) for s in structure.deal.rating_scenarios)


def _stress_row(structure: Structure, run: StressedRun) -> StressRow:
    cover = run.judged.cover
    base, stressed = float(structure.cover[DSCR_MINIMUM]), float(cover[DSCR_MINIMUM])
    return StressRow(
        scenario=run.scenario,
        base_dscr=base,
        stressed_dscr=stressed if np.isfinite(stressed) else None,
        dscr_degradation_ratio=1.0 - stressed / base if np.isfinite(stressed) else None,
        breach_month=int(cover[BREACH_MONTH]),
        recovery_months=int(cover[RECOVERY_MONTHS]),
        rating=rating_label(run.judged.notch),
        notches_moved=notches_moved(int(run.judged.notch), int(structure.verdict[RATING])),
        flags=flag_names(run.flags),
        balloon_shortfall_amount=run.balloon_shortfall_amount,
        equity_distribution_amount=float(run.periods[:, EQUITY].sum()),
        defaulted=run.judged.defaulted,
    )


def flag_names(bits: int) -> tuple[str, ...]:
    """Names of the flags in a sum of flags."""
    return tuple(name for bit, name in FLAGS.items() if bits & bit)


def _stress_checks(structure: Structure, rows: tuple[StressRow, ...]) -> tuple[Check, ...]:
    if not rows:
        return ()
    floor = structure.deal.resolved.terms.stressed_floor
    return tuple(_stress_check(row, floor) for row in rows)


def _stress_check(row: StressRow, floor: float) -> Check:
    """Cover held and senior paid in full when due, its balloon included."""
    code, label = f"scenario_{row.scenario.number}", row.scenario.label
    if row.stressed_dscr is None:
        return Check(code, label, "times", None, floor, None, not row.defaulted)
    found = _floor(code, label, "times", row.stressed_dscr, floor)
    return replace(found, passed=False, label=f"{label}: default") if row.defaulted else found


def _repo_checks(structure: Structure) -> tuple[Check, ...]:
    bank = structure.deal.rules.bank_for(structure.deal.inputs.country)
    if bank is None or structure.flow is None:
        return ()
    notch = int(structure.verdict[RATING])
    value = structure.cash.value_amount
    currency = structure.deal.inputs.currency.value
    return (
        Check("repo_rating", f"{bank.bank}: rating", "name", rating_label(notch), bank.minimum_rating, None,
              notch <= notch_of(bank.minimum_rating)),
        _cap("repo_tenor", f"{bank.bank}: tenor", "years", structure.senior.maturity / 12.0, bank.max_tenor_years),
        _cap("repo_advance", f"{bank.bank}: advance factor", "share", structure.senior.amount / value, bank.max_advance_ratio),
        Check("repo_currency", f"{bank.bank}: currency", "name", currency, bank.currency, None, currency == bank.currency),
        Check("repo_class", f"{bank.bank}: asset class named", "name", "yes" if bank.class_confirmed else "not confirmed",
              "yes", None, bank.class_confirmed),
    )  # fmt: skip


def _repo_haircut(structure: Structure) -> float | None:
    """The table's haircut for the senior notes' rating and tenor; None where they cannot be lent on."""
    checks = _repo_checks(structure)
    if not checks or not all(c.passed for c in checks if c.code != "repo_class"):
        return None
    return structure.deal.rules.repo_haircut(int(structure.verdict[RATING]), structure.senior.maturity / 12.0)


def _agency_readings(structure: Structure) -> tuple[AgencyReading, ...]:
    """The agencies' tables, which are for amortising debt: an interest-only note is read on its notional cover."""
    if structure.flow is None:
        return ()
    cover = structure.cover
    return agency_readings(structure.deal.rules.agency_bands, float(cover[DSCR_MINIMUM]), float(cover[DSCR_AVERAGE]))


def _flag_events(structure: Structure) -> tuple[FlagEvent, ...]:
    """Flags of the base case, each with the worst value it was raised on and what that was tested against."""
    if structure.flow is None:
        return ()
    periods = structure.work.periods
    bits = periods[:, FLAG_BITS].astype(np.int64)
    return tuple(
        _flag_event(structure, name, np.flatnonzero(bits & bit)) for bit, name in FLAGS.items() if (bits & bit).any()
    )


def _flag_event(structure: Structure, name: str, months: NDArray[np.int64]) -> FlagEvent:
    periods = structure.work.periods
    first, count = int(months[0]) + 1, int(months.size)
    if name == "LOCK_UP":
        level = float(lock_steps(structure.deal.resolved, structure.senior)[0][0])
        return FlagEvent(name, first, count, float(periods[months, TRAILING_DSCR].min()), level, "times")
    if name == "BALLOON_SHORTFALL":
        balloon = float(structure.work.schedule[structure.senior.maturity])
        return FlagEvent(name, first, count, structure.senior.refinance_limit, balloon, "amount")
    if name == "MEZZ_PRINCIPAL_UNPAID":
        behind = periods[months, MEZZ_BALANCE] - structure.work.mezz_schedule[months + 1]
        return FlagEvent(name, first, count, float(behind.max()), 0.0, "amount")
    column = {"DSRA_DRAW": DSRA_DRAW, "SENIOR_SHORTFALL": SENIOR_UNPAID, "MEZZ_DEFERRED": MEZZ_DEFERRED_BALANCE}
    at = column.get(name, HEDGE)
    return FlagEvent(name, first, count, float(np.abs(periods[months, at]).max()), 0.0, "amount")
