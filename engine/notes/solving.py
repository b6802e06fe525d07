"""The largest balance of one class at which what is asked of the deal still holds, found by running it at each balance tried.

What is asked need not hold at every smaller balance: a grid finds where it holds, halving finds the edge to the cent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.measures.returns import irr
from engine.notes.collateral import MONTHS_A_YEAR, PoolFlows
from engine.notes.papers import cash_of, papers_of
from engine.notes.purchases import first_unmade, flows_with
from engine.notes.terms import Behaviour, NoteStructure, Pool
from engine.waterfall.steps import StepsResult, run_deal
from engine.waterfall.terms import SHORTFALL

Floats = NDArray[np.float64]
GRID = 40
CENTS = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a structure comes to: equity, and by class what is never repaid and on how many dates interest is short.

    `equity_amount` is what the pool and the first reserve cost beyond the notes, all at par; its yield is a year's
    effective rate on what the last lines pay out, NaN where there is none.
    """

    structure: NoteStructure
    equity_amount: float
    equity_yield_rate: float
    loss_amounts: dict[str, float]
    short_dates: dict[str, int]


class Trial:
    """A deal under one behaviour of its pool, run at any balances: the pool's flows are worked out once."""

    def __init__(self, structure: NoteStructure, pool: Pool, behaviour: Behaviour) -> None:
        self.structure, self.pool, self.behaviour = structure, pool, behaviour
        self.pool_amount = pool.balance_amount
        self.flows: PoolFlows = flows_with(structure, pool, behaviour)

    def run(self, structure: NoteStructure) -> Outcome:
        """The outcome of a structure on this pool."""
        found = _run(structure, self.flows)
        until = first_unmade(structure, lambda name: found.of(f"{name}.paid"))
        if until is not None:
            found = _run(structure, flows_with(structure, self.pool, self.behaviour, until))
        equity = equity_amount(structure, self.pool_amount)
        return Outcome(
            structure,
            equity,
            equity_yield_rate(equity, found.of("equity_distribution"), structure.payment_frequency_months),
            {
                each.code: float(sum(found.of(f"{each.code}.{column}")[-1] for column in ("balance", "deferred")))
                for each in structure.classes
            },
            {
                each.code: int((found.of(f"{each.code}.flags").astype(np.int64) & SHORTFALL > 0).sum())
                for each in structure.classes
            },
        )


def _run(structure: NoteStructure, flows: PoolFlows) -> StepsResult:
    return run_deal(papers_of(structure, flows.table.shape[0]).terms, cash_of(structure, flows))


def equity_amount(structure: NoteStructure, pool_amount: float) -> float:
    """What is paid for the pool and put into the reserve at closing, beyond what the notes bring."""
    return pool_amount + structure.reserve.initial_amount - structure.notes_amount


def equity_yield_rate(amount: float, paid: Floats, frequency_months: int) -> float:
    """Effective yearly rate of what equity is paid by period on its amount at closing; NaN where it puts nothing in."""
    if amount <= 0.0:
        return float("nan")
    return irr(np.concatenate(([-amount], paid)), MONTHS_A_YEAR / frequency_months).rate


def resized(structure: NoteStructure, code: str, balance_amount: float, taken_from: str = "") -> NoteStructure:
    """The structure with one class of this balance; `taken_from` names a class that gives or takes the difference, else equity does."""
    moved = balance_amount - structure.balances[code]
    sizes = {code: balance_amount}
    if taken_from:
        sizes[taken_from] = round(structure.balances[taken_from] - moved, 2)
    classes = tuple(
        replace(each, balance_amount=sizes.get(each.code, each.balance_amount)) for each in structure.classes
    )
    return replace(structure, classes=classes)


def room_of(structure: NoteStructure, code: str, pool_amount: float, taken_from: str = "") -> float:
    """The largest balance a class may have: a cent is left of the class that gives, or the notes stand on the whole pool."""
    if taken_from:
        return structure.balances[code] + structure.balances[taken_from] - 1.0 / CENTS
    return pool_amount - (structure.notes_amount - structure.balances[code])


def largest(most_amount: float, holds: Callable[[float], bool]) -> tuple[float | None, tuple[float, ...]]:
    """The largest balance up to `most_amount` at which all holds, in whole cents, and the balances of the grid.

    None where it holds at no balance of the grid. Between the last balance of the grid that holds and the next, the edge
    is taken to be one.
    """
    top = int(most_amount * CENTS + 1e-6)
    grid = sorted({max(1, top * k // GRID) for k in range(1, GRID + 1)}) if top >= 1 else []
    balances = tuple(cents / CENTS for cents in grid)
    held = [k for k, balance in enumerate(balances) if holds(balance)]
    if not held:
        return None, balances
    low = grid[held[-1]]
    high = grid[held[-1] + 1] if held[-1] + 1 < len(grid) else low + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle / CENTS) else (low, middle)
    return low / CENTS, balances
