"""One financing under stress: a set of scenarios, what matters most, how far until it breaks, where ratings go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import PersonRequest, signed_in
from engine.basics.limits import keeps
from engine.deal import Deal, Setting
from engine.errors import InputProblems
from engine.stress import (
    DRIVERS,
    Breach,
    Driver,
    ReverseRow,
    StressOutcome,
    StressScenario,
    TornadoBar,
    heat_map,
    run_scenarios,
    standard_grid,
)
from financings.access import get_financing
from financings.evaluation import Evaluation
from financings.typed import code_words
from financings.views.shown import notches_text
from financings.words import unit_text
from lib import figures
from lib.errors import Invalid, NotFound
from ratings.scenario_access import get_scenario_set, visible_scenario_sets

STANDARD = "standard"
HEAT_POINTS = 7
# How far each driver goes on a heat map: a lender's table, not the driver's whole range.
HEAT_REACH = {
    "cpi": 0.03, "rates": 300.0, "long_rates": 300.0, "vacancy": 0.30, "default": 0.30, "opex": 0.60, "capex": 0.30,
    "delay": 12.0, "pue": 0.03,
}  # fmt: skip
DEFAULT_ACROSS, DEFAULT_DOWN = "vacancy", "rates"
# What each scenario is told by, beside its rating and flags.
OUTCOME_HEADS = (
    *("DSCR, lowest", "DSCR, average", "Breach, month", "Recovery, months", "Lock-up, months", "DSRA drawn"),
    *("Senior short", "Mezzanine short", "Balloon short", "Equity IRR", "Lendable"),
)
# Cover against 1.00x, from the best colour down.
HEAT_STEPS = (1.25, 1.10, 1.05, 1.00, 0.90)


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """One scenario as a line of the table."""

    name: str
    rating: str
    notches: str
    cells: tuple[tuple[str, bool], ...]
    flags: str


@dataclass(frozen=True, slots=True)
class HeatLine:
    """One line of the heat map: its head, and (text, rating, colour) of each cell."""

    label: str
    cells: tuple[tuple[str, str, int], ...]


@signed_in
@require_safe
def financing_stress(request: PersonRequest, code: UUID) -> HttpResponse:
    """The financing under the chosen set; everything is computed as it is asked for."""
    evaluation = Evaluation(get_financing(request.user, code))
    chosen = request.GET.get("set", STANDARD)
    across, down = _drivers(request)
    scenarios = _scenarios(request.user, evaluation.deal, chosen)
    try:
        context = _context(evaluation, scenarios, across, down)
    except InputProblems as error:
        raise Invalid(error.problems) from error
    context |= {
        "chosen": chosen,
        "sets": visible_scenario_sets(request.user),
        "drivers": DRIVERS.values(),
        "evaluation": evaluation,
    }
    return render(request, "financings/stress.html", context)


def _drivers(request: PersonRequest) -> tuple[Driver, Driver]:
    across = request.GET.get("across", DEFAULT_ACROSS)
    down = request.GET.get("down", DEFAULT_DOWN)
    if across not in DRIVERS or down not in DRIVERS:
        raise NotFound("There is no such driver.")
    return DRIVERS[across], DRIVERS[down]


def _scenarios(user: User, setting: Setting, chosen: str) -> tuple[StressScenario, ...]:
    if chosen == STANDARD:
        return standard_grid(setting)
    try:
        wanted = UUID(chosen)
    except ValueError as error:
        raise NotFound("There is no such set of scenarios.") from error
    return get_scenario_set(user, wanted).terms()


def _context(
    evaluation: Evaluation, scenarios: Sequence[StressScenario], across: Driver, down: Driver
) -> dict[str, Any]:
    financing, deal = evaluation.financing, evaluation.deal
    report = run_scenarios(deal, scenarios)
    bars, reverse = evaluation.worked.tornado, evaluation.worked.reverse_stress
    heads, lines = _heat(deal, across, down)
    outcome_heads, told = _told([_line(found) for found in (report.base, *report.outcomes)] if report.base else [])
    return {
        "section": "projects",
        "financing": financing,
        "project": financing.project,
        "currency": financing.currency,
        "outcome_heads": outcome_heads,
        "left_out": [head for head in OUTCOME_HEADS if head not in outcome_heads],
        "base": told[0] if told else None,
        "lines": told[1:],
        "breaches": sum(found.breach_month > 0 for found in report.outcomes),
        "reverse_heads": list(dict.fromkeys(row.label for row in reverse)),
        "reverse_rows": _reverse(reverse),
        "tornado": [_bar(bar) for bar in bars],
        "charts": _charts(report.base, bars),
        "across": across,
        "down": down,
        "heat_heads": heads,
        "heat_lines": lines,
    }


def _line(found: StressOutcome) -> OutcomeLine:
    cells = (
        (
            unit_text(found.dscr_minimum, "times"),
            found.dscr_minimum is not None and keeps(found.dscr_minimum, "<", 1.0),
        ),
        (unit_text(found.dscr_average, "times"), False),
        (str(found.breach_month) if found.breach_month else figures.DASH, found.breach_month > 0),
        (_recovery(found), found.recovery_months < 0),
        (str(found.lock_up_months) if found.lock_up_months else figures.DASH, False),
        (_money(found.dsra_drawn_amount), False),
        (_money(found.senior_shortfall_amount), found.senior_shortfall_amount > 1.0),
        (_money(found.mezz_shortfall_amount), False),
        (_money(found.balloon_shortfall_amount), found.balloon_shortfall_amount > 0.0),
        (unit_text(found.equity_irr_rate, "rate"), (found.equity_irr_rate or 0.0) < 0.0),
        (_money(found.lendable_amount or 0.0), False),
    )
    moved = notches_text(found.notches_moved)
    flags = ", ".join(code_words(flag) for flag in found.flags)
    name = found.scenario.name
    return OutcomeLine(name[:1].upper() + name[1:], found.rating, moved, cells, flags)


def _told(lines: Sequence[OutcomeLine]) -> tuple[list[str], list[OutcomeLine]]:
    """The heads and lines without the columns in which no line has anything, so that the rest fits the page."""
    kept = [at for at in range(len(OUTCOME_HEADS)) if any(line.cells[at][0] != figures.DASH for line in lines)]
    told = [replace(line, cells=tuple(line.cells[at] for at in kept)) for line in lines]
    return [OUTCOME_HEADS[at] for at in kept], told


def _recovery(found: StressOutcome) -> str:
    if not found.breach_month:
        return figures.DASH
    return "never" if found.recovery_months < 0 else str(found.recovery_months)


def _money(value: float) -> str:
    return figures.millions(value) if value > 1.0 else figures.DASH


def _reverse(rows: Sequence[ReverseRow]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Drivers down, targets across: (amount in words, note) each."""
    return [
        (driver.label, [_answer(driver, row) for row in rows if row.driver == driver.code])
        for driver in DRIVERS.values()
        if any(row.driver == driver.code for row in rows)
    ]


def _answer(driver: Driver, row: ReverseRow) -> tuple[str, str]:
    note = "" if row.monotone else "holds again further out"
    if row.breach is Breach.NOT_WITHIN_RANGE:
        return f"not within {amount_text(driver, driver.furthest)}", ""
    if row.breach is Breach.ALREADY:
        return "already", note
    return amount_text(driver, row.amount or 0.0), note


def amount_text(driver: Driver, amount: float) -> str:
    """How far a driver is pushed, in its unit."""
    if driver.unit == "rate":
        return f"{figures.amount(100.0 * amount, 2)} points"
    if driver.unit == "factor":
        return figures.amount(amount, 3)
    return figures.months(amount) if driver.unit == "months" else unit_text(amount, driver.unit)


def _bar(bar: TornadoBar) -> tuple[str, str, str, str, str]:
    driver = DRIVERS[bar.driver]
    return (
        bar.label,
        amount_text(driver, bar.adverse_amount),
        unit_text(bar.adverse.dscr_minimum, "times"),
        unit_text(bar.benign.dscr_minimum, "times"),
        f"{unit_text(bar.adverse.equity_irr_rate, 'rate')} to {unit_text(bar.benign.equity_irr_rate, 'rate')}",
    )


def _charts(base: StressOutcome | None, bars: Sequence[TornadoBar]) -> dict[str, Any]:
    """The tornado's ends for both measures, the widest bar first."""
    if base is None:
        return {}
    return {
        "base": {"dscr": base.dscr_minimum, "irr": base.equity_irr_rate},
        "bars": [
            {
                "label": f"{bar.label} {amount_text(DRIVERS[bar.driver], bar.adverse_amount)}",
                "dscr": [bar.adverse.dscr_minimum, bar.benign.dscr_minimum],
                "irr": [bar.adverse.equity_irr_rate, bar.benign.equity_irr_rate],
            }
            for bar in bars
        ],
    }


def _heat(deal: Deal, across: Driver, down: Driver) -> tuple[list[str], list[HeatLine]]:
    xs, ys = (heat_amounts(driver) for driver in (across, down))
    found = heat_map(deal, across.code, xs, down.code, ys)
    if found is None:
        return [], []
    lines = [
        HeatLine(amount_text(down, y), tuple(_heat_cell(outcome) for outcome in row))
        for y, row in zip(ys, found.cells, strict=True)
    ]
    return [amount_text(across, x) for x in xs], lines


def heat_amounts(driver: Driver) -> list[float]:
    """The amounts a heat map pushes a driver by, from nil."""
    steps = [HEAT_REACH[driver.code] * k / (HEAT_POINTS - 1) for k in range(HEAT_POINTS)]
    return [float(round(step)) for step in steps] if driver.whole else steps


def _heat_cell(found: StressOutcome) -> tuple[str, str, int]:
    low = found.dscr_minimum
    passed = [5 - at for at, limit in enumerate(HEAT_STEPS) if low is None or keeps(low, ">=", limit)]
    return unit_text(low, "times"), found.rating, max(passed, default=0)
