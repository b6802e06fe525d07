"""Which driver matters most (tornado), and two of them together (heat map)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.deal.structure import price
from engine.deal.terms import Deal
from engine.stress.drivers import DRIVERS
from engine.stress.run import StressOutcome, outcome
from engine.stress.scenarios import BASE


@dataclass(frozen=True, slots=True)
class Swing:
    """How far one driver is moved either way; `benign` pushes it the other way, 0 where only harm is possible."""

    driver: str
    adverse: float
    benign: float = 0.0


# Usual bands of a lender's sensitivity table; assumptions, changed by giving others.
DEFAULT_SWINGS: tuple[Swing, ...] = (
    Swing("cpi", 0.01, 0.01),
    Swing("rates", 100.0, 100.0),
    Swing("long_rates", 100.0, 100.0),
    Swing("vacancy", 0.10),
    Swing("default", 0.10),
    Swing("opex", 0.10, 0.10),
    Swing("capex", 0.10, 0.10),
    Swing("delay", 6.0),
    Swing("pue", 0.005, 0.005),
)


@dataclass(frozen=True, slots=True)
class TornadoBar:
    """One driver's two ends, and the base between them."""

    driver: str
    label: str
    unit: str
    adverse_amount: float
    benign_amount: float
    adverse: StressOutcome
    benign: StressOutcome

    @property
    def dscr_swing(self) -> float:
        """Width of the bar in minimum DSCR; 0 where an end has none."""
        low, high = self.adverse.dscr_minimum, self.benign.dscr_minimum
        return 0.0 if low is None or high is None else abs(high - low)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Outcomes by row (second driver) and column (first driver)."""

    across: str
    down: str
    across_amounts: tuple[float, ...]
    down_amounts: tuple[float, ...]
    cells: tuple[tuple[StressOutcome, ...], ...]


def tornado(deal: Deal, swings: Sequence[Swing] = DEFAULT_SWINGS) -> tuple[TornadoBar, ...]:
    """Bars by swing of the minimum DSCR, widest first; empty where the levers allow no structure."""
    structure = price(deal)
    if not structure.runs:
        return ()
    base = outcome(structure, BASE)
    bars = []
    for swing in swings:
        driver = DRIVERS[swing.driver]
        ends = [outcome(structure, driver.push(deal, BASE, amount), base) for amount in (swing.adverse, -swing.benign)]
        bars.append(TornadoBar(driver.code, driver.label, driver.unit, swing.adverse, swing.benign, ends[0], ends[1]))
    return tuple(sorted(bars, key=lambda bar: -bar.dscr_swing))


def heat_map(
    deal: Deal, across: str, across_amounts: Sequence[float], down: str, down_amounts: Sequence[float]
) -> HeatMap | None:
    """Two drivers pushed together, each by each of its amounts; None where the levers allow no structure."""
    structure = price(deal)
    if not structure.runs:
        return None
    base = outcome(structure, BASE)
    first, second = DRIVERS[across], DRIVERS[down]
    cells = tuple(
        tuple(outcome(structure, second.push(deal, first.push(deal, BASE, x), y), base) for x in across_amounts)
        for y in down_amounts
    )
    return HeatMap(across, down, tuple(across_amounts), tuple(down_amounts), cells)
