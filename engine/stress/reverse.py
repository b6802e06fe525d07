"""Reverse stress: how far one driver alone may go until cover is gone, cash is trapped, or a rating is lost.

Each driver is scanned over its range, then narrowed by halving between the last point that holds and the first that
breaks. Where a point beyond the break holds again the answer is marked: the first break is not the only one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.deal.setting import Setting
from engine.deal.structure import Structure, price
from engine.deal.terms import Deal
from engine.ratings.scale import NOT_RATED
from engine.stress.drivers import DRIVERS, Driver
from engine.stress.run import StressOutcome, outcome
from engine.stress.scenarios import BASE

SCANNED = 16
# A break is found to this share of the driver's range, whole drivers to the month.
TOLERANCE = 1e-6


class Breach(StrEnum):
    """Whether a driver reaches a target."""

    FOUND = "found"
    ALREADY = "already"
    NOT_WITHIN_RANGE = "not_within_range"


@dataclass(frozen=True, slots=True)
class Target:
    """Something that must hold."""

    code: str
    label: str
    broken: Callable[[StressOutcome], bool]


@dataclass(frozen=True, slots=True)
class ReverseRow:
    """How far a driver goes until a target breaks; `amount` is the smallest that breaks it, None if none does."""

    driver: str
    target: str
    label: str
    breach: Breach
    amount: float | None
    monotone: bool


def reverse_stress(deal: Deal, drivers: Iterable[str] = tuple(DRIVERS)) -> tuple[ReverseRow, ...]:
    """Every target of every driver on one financing; empty where the levers allow no structure."""
    structure = price(deal)
    if not structure.runs:
        return ()
    base = outcome(structure, BASE)
    wanted = targets(deal, base)
    return tuple(row for code in drivers for row in _solve(structure, DRIVERS[code], wanted))


def targets(setting: Setting, base: StressOutcome) -> tuple[Target, ...]:
    """Cover of 1.0, no lock-up, the sponsor's money back (where it pays any), and each rating from the base's down."""
    general = [
        Target("dscr", "Minimum DSCR below 1.00x", lambda o: o.dscr_minimum is not None and o.dscr_minimum < 1.0),
        Target("lock_up", "Lock-up", lambda o: o.lock_up_months > 0),
    ]
    if base.equity_irr_rate is not None:
        general.append(Target("equity", "Equity not repaid", lambda o: (o.equity_irr_rate or -1.0) < 0.0))
    notches = sorted({row.notch for row in setting.rules.rows_for(setting.inputs.country)} | {base.rating_notch})
    held = [notch for notch in notches if base.rating_notch <= notch < NOT_RATED]
    names = {row.notch: row.rating for row in setting.rules.rows_for(setting.inputs.country)} | {
        base.rating_notch: base.rating
    }
    return (*general, *(_rating_target(notch, names[notch]) for notch in held))


def _rating_target(notch: int, label: str) -> Target:
    return Target(f"rating_{label}", f"{label} lost", lambda o: o.rating_notch > notch)


def _solve(structure: Structure, driver: Driver, wanted: tuple[Target, ...]) -> list[ReverseRow]:
    seen: dict[float, StressOutcome] = {}

    def at(amount: float) -> StressOutcome:
        if amount not in seen:
            seen[amount] = outcome(structure, driver.push(structure.deal, BASE, amount))
        return seen[amount]

    scan = [_step(driver, driver.furthest * k / SCANNED) for k in range(SCANNED + 1)]
    return [_row(driver, target, scan, at) for target in wanted]


def _step(driver: Driver, amount: float) -> float:
    return float(round(amount)) if driver.whole else amount


def _row(driver: Driver, target: Target, scan: list[float], at: Callable[[float], StressOutcome]) -> ReverseRow:
    broken = [target.broken(at(amount)) for amount in scan]
    if broken[0]:
        return ReverseRow(driver.code, target.code, target.label, Breach.ALREADY, 0.0, all(broken))
    if not any(broken):
        return ReverseRow(driver.code, target.code, target.label, Breach.NOT_WITHIN_RANGE, None, True)
    first = broken.index(True)
    amount = _narrow(driver, target, scan[first - 1], scan[first], at)
    return ReverseRow(driver.code, target.code, target.label, Breach.FOUND, amount, all(broken[first:]))


def _narrow(driver: Driver, target: Target, holds: float, breaks: float, at: Callable[[float], StressOutcome]) -> float:
    """The smallest amount known to break it."""
    finest = 1.0 if driver.whole else TOLERANCE * driver.furthest
    while breaks - holds > finest * (1.0 + 1e-9):
        middle = _step(driver, (holds + breaks) / 2.0)
        if target.broken(at(middle)):
            breaks = middle
        else:
            holds = middle
    return breaks
