"""What the stress grid costs those who lent, worst first: loss before cover, since cover to maturity does not see a balloon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.deal.detail import StressRow

LOCK_UP, RESERVE, DEFERRED, HEDGE = "LOCK_UP", "DSRA_DRAW", "MEZZ_DEFERRED", "HEDGE_SHORTFALL"
# What a rating becomes where senior notes are not paid in full when due.
DEFAULT = "D"
_FLAGS = {
    LOCK_UP: "cash trapped",
    RESERVE: "debt service reserve drawn",
    "SENIOR_SHORTFALL": "senior not paid in full",
    DEFERRED: "mezzanine interest deferred",
    "MEZZ_PRINCIPAL_UNPAID": "mezzanine principal not paid",
    "BALLOON_SHORTFALL": "balloon not refinanced in full",
    HEDGE: "hedge payments missed",
    "COUPON_ABOVE_MARKET": "coupon above the market",
}


def flags_told(flags: Iterable[str]) -> str:
    """The flags in words, e.g. "cash trapped, debt service reserve drawn"; empty where none is raised."""
    return ", ".join(_FLAGS[flag] for flag in flags)


def rating_left(row: StressRow) -> str:
    """The rating that a scenario leaves; a default is no rating."""
    return DEFAULT if row.defaulted else row.rating


@dataclass(frozen=True, slots=True)
class StressLosses:
    """In how many scenarios what is missed, out of `scenario_count`."""

    scenario_count: int
    default_count: int
    balloon_count: int
    downgrade_count: int
    reserve_count: int
    deferral_count: int
    hedge_count: int
    lock_up_count: int


def losses_of(rows: Sequence[StressRow]) -> StressLosses:
    """The counts of a grid; a default is a senior note not paid in full when due, balloon included."""
    return StressLosses(
        scenario_count=len(rows),
        default_count=sum(row.defaulted for row in rows),
        balloon_count=sum(row.balloon_shortfall_amount > 0.0 for row in rows),
        downgrade_count=sum(row.notches_moved > 0 for row in rows),
        reserve_count=_flagged(rows, RESERVE),
        deferral_count=_flagged(rows, DEFERRED),
        hedge_count=_flagged(rows, HEDGE),
        lock_up_count=_flagged(rows, LOCK_UP),
    )


def loss_lines(losses: StressLosses) -> list[str]:
    """What is missed in how many scenarios, gravest first; what never happens is told only of the gravest two."""
    told = (
        ("senior notes not paid in full when due", losses.default_count, True),
        ("balloon not refinanced in full", losses.balloon_count, False),
        ("hedge payments missed", losses.hedge_count, False),
        ("rating lost by a notch or more", losses.downgrade_count, True),
        ("debt service reserve drawn", losses.reserve_count, False),
        ("mezzanine interest deferred", losses.deferral_count, False),
        ("cash trapped", losses.lock_up_count, False),
    )
    return [f"{words} in {count} of {losses.scenario_count}" for words, count, always in told if count or always]


def worst_first(rows: Iterable[StressRow]) -> list[StressRow]:
    """Defaults first, then by what of the balloon is not refinanced, then by notches lost and cover."""
    return sorted(rows, key=_gravity)


def _gravity(row: StressRow) -> tuple[bool, float, int, float, int]:
    cover = float("inf") if row.stressed_dscr is None else row.stressed_dscr
    return (not row.defaulted, -row.balloon_shortfall_amount, -row.notches_moved, cover, row.scenario.number)


def _flagged(rows: Iterable[StressRow], flag: str) -> int:
    return sum(flag in row.flags for row in rows)
