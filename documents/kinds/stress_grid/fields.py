"""What the stress grid shows, as plain data: each scenario, where ratings go, what moves the structure most."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from documents.facts import PackFacts
from documents.facts.stress import DEFAULT, flags_told, loss_lines, losses_of, rating_left, worst_first
from documents.kinds.kind import Fields, Part
from engine.deal.detail import StressRow
from engine.deal.setting import Scenario
from engine.permutations import COLUMNS
from engine.ratings.scale import notch_of
from engine.stress import DRIVERS, Breach, HeatMap, ReverseRow, TornadoBar, heat_map, tornado
from engine.stress.run import StressOutcome

HEADLINES = (
    "senior_amount", "mezz_amount", "dscr_minimum", "dscr_average", "llcr", "plcr", "icr", "agency_ltv_ratio",
    "day_one_value", "sponsor_irr_rate", "wacc_rate", "worst_stressed_dscr", "notches_lost", "stability_ratio",
)  # fmt: skip
# Two drivers pushed together: rates across in basis points, tenant default down as a share of rent.
ACROSS, ACROSS_AMOUNTS = "rates", (0.0, 50.0, 100.0, 150.0, 200.0, 250.0, 300.0)
DOWN, DOWN_AMOUNTS = "default", (0.0, 0.025, 0.05, 0.075, 0.10, 0.15, 0.20)
BREACHES = {Breach.ALREADY: "already broken", Breach.NOT_WITHIN_RANGE: "not within range"}


def fields(facts: PackFacts, part: Part) -> Fields:
    """The workbook's figures; one has a single part."""
    deal, row = facts.deal, facts.detail.row
    return {
        "title": facts.title,
        "currency": facts.currency,
        "marks": _marks(facts),
        "headlines": [[COLUMNS[name].label, str(COLUMNS[name].unit), row[name]] for name in HEADLINES],
        "rating": facts.tranches[0].rating,
        "floor_dscr": facts.deal.resolved.terms.stressed_floor,
        "passed": facts.report.stress.passed,
        "worst": {"dscr": row["worst_stressed_dscr"], "scenario": facts.report.stress.worst_scenario},
        "losses": loss_lines(losses_of(facts.detail.stress)),
        "worst_first": [row.scenario.number for row in worst_first(facts.detail.stress)],
        "scenarios": [_scenario(each) for each in facts.detail.stress],
        "grid": _grid(facts.detail.stress),
        "migration": _migration(facts.detail.stress),
        "tornado": [_bar(bar, row["dscr_minimum"]) for bar in tornado(deal)],
        "pair": _pair(heat_map(deal, ACROSS, ACROSS_AMOUNTS, DOWN, DOWN_AMOUNTS)),
        "reverse": _reverse(facts.reverse_stress),
        "about": [list(line) for line in facts.about],
    }


def _marks(facts: PackFacts) -> Fields:
    marks = facts.marks
    return {
        "organisation": marks.organisation,
        "words": f"{marks.version_words}. {marks.confidentiality}. {facts.lineage}",
    }


def _scenario(row: StressRow) -> Fields:
    return {
        "number": row.scenario.number,
        "label": row.scenario.label,
        "cpi_rate": row.scenario.cpi_rate,
        "rate_shift_bps": row.scenario.rate_shift_bps,
        "default_ratio": row.scenario.default_ratio,
        "base_dscr": row.base_dscr,
        "stressed_dscr": row.stressed_dscr,
        "dscr_degradation_ratio": row.dscr_degradation_ratio,
        "breach_month": row.breach_month or None,
        "recovery_months": row.recovery_months if row.breach_month else None,
        "rating": rating_left(row),
        "notches_moved": row.notches_moved,
        "flags": flags_told(row.flags),
        "balloon_shortfall_amount": row.balloon_shortfall_amount,
        "equity_distribution_amount": row.equity_distribution_amount,
    }


def _grid(rows: Iterable[StressRow]) -> Fields:
    """Stressed DSCR with rate shocks across and CPI with tenant default down."""
    found = {(_down(row.scenario), row.scenario.rate_shift_bps): row.stressed_dscr for row in rows}
    down, across = list(dict.fromkeys(line for line, _ in found)), list(dict.fromkeys(shift for _, shift in found))
    return {"across_bps": across, "rows": [[line, [found[line, shift] for shift in across]] for line in down]}


def _down(scenario: Scenario) -> str:
    cpi = "base CPI" if scenario.cpi_rate is None else f"CPI {scenario.cpi_rate * 100:g}%"
    return f"{cpi}, default {scenario.default_ratio * 100:g}%"


def _migration(rows: tuple[StressRow, ...]) -> Fields:
    """Scenarios by group down and the rating they leave across, best first."""
    ratings = sorted({row.rating for row in rows if not row.defaulted}, key=notch_of)
    ratings += [DEFAULT] if any(row.defaulted for row in rows) else []
    groups: dict[str, list[StressRow]] = {"All scenarios": list(rows)}
    for row in rows:
        cell = row.scenario
        groups.setdefault(
            "CPI as in the base case" if cell.cpi_rate is None else f"CPI {cell.cpi_rate * 100:g}%", []
        ).append(row)
    for row in rows:
        shift = row.scenario.rate_shift_bps
        groups.setdefault(f"Rates {shift:+g} bps" if shift else "Rates as in the base case", []).append(row)
    for row in rows:
        groups.setdefault(f"Tenant default {row.scenario.default_ratio * 100:g}%", []).append(row)
    return {
        "ratings": ratings,
        "rows": [
            [name, [sum(rating_left(row) == r for row in group) for r in ratings]] for name, group in groups.items()
        ],
    }


def _bar(bar: TornadoBar, base: Any) -> Fields:
    return {
        "label": bar.label,
        "unit": bar.unit,
        "adverse_amount": bar.adverse_amount,
        "benign_amount": bar.benign_amount,
        "adverse_dscr": bar.adverse.dscr_minimum,
        "base_dscr": base,
        "benign_dscr": bar.benign.dscr_minimum,
        "adverse_rating": bar.adverse.rating,
        "adverse_irr_rate": bar.adverse.equity_irr_rate,
        "benign_irr_rate": bar.benign.equity_irr_rate,
    }


def _pair(found: HeatMap | None) -> Fields:
    cells: tuple[tuple[StressOutcome, ...], ...] = found.cells if found else ()
    return {
        "across": DRIVERS[ACROSS].label,
        "across_bps": list(ACROSS_AMOUNTS),
        "down": DRIVERS[DOWN].label,
        "rows": [
            [amount, [cell.dscr_minimum for cell in line], [cell.rating for cell in line]]
            for amount, line in zip(DOWN_AMOUNTS, cells, strict=False)
        ],
    }


def _reverse(rows: Iterable[ReverseRow]) -> list[Fields]:
    """A line for each driver: how far it goes until each target breaks, in words where it never does."""
    lines: dict[str, Fields] = {}
    for row in rows:
        driver = DRIVERS[row.driver]
        line = lines.setdefault(row.driver, {"driver": driver.label, "unit": driver.unit, "targets": {}})
        line["targets"][row.label] = BREACHES.get(row.breach, row.amount)
    return list(lines.values())
