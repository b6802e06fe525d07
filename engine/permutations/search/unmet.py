"""Why a search found nothing: the limits that cannot be met, and how near to them a structure comes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.basics.limits import keeps
from engine.permutations.levers import HardFilter
from engine.permutations.search.bench import Bench
from engine.permutations.search.goal import Goal
from engine.permutations.search.moves import move_on


@dataclass(frozen=True, slots=True)
class Unmet:
    """A limit that cannot be met alone, or only without the others, and the nearest that is reached; None: no figure.

    Without a limit no structure passes the gates; `reason` is what stops the one that comes nearest.
    """

    limit: HardFilter | None
    alone: bool = True
    reached: float | None = None
    reason: int = 0


def find_unmet(bench: Bench, goal: Goal) -> tuple[Unmet, ...]:
    """The limits that no structure meets alone; else those in whose absence the others are met; else the gates."""
    gates = replace(goal, limits=())
    move_on(bench, gates)
    if bench.best(gates) is None:
        return (Unmet(None, reason=int(bench.nearest(gates, "reason"))),)
    alone = [Unmet(limit, True, _reached(bench, limit, ())) for limit in goal.limits]
    never = tuple(each for each in alone if not _is_met(each))
    return never or tuple(Unmet(limit, False, _reached(bench, limit, _but(goal, limit))) for limit in goal.limits)


def _but(goal: Goal, limit: HardFilter) -> tuple[HardFilter, ...]:
    return tuple(each for each in goal.limits if each != limit)


def _reached(bench: Bench, limit: HardFilter, others: tuple[HardFilter, ...]) -> float | None:
    """How near to a limit a structure comes that keeps the others; None where none keeps them."""
    sign = -1.0 if limit.operator == "<=" else 1.0
    aim = Goal(limit.column, sign, others, max(abs(limit.value), 1.0))
    move_on(bench, aim)
    best = bench.best(aim)
    return None if best is None else best.objective


def _is_met(unmet: Unmet) -> bool:
    limit = unmet.limit
    return limit is not None and unmet.reached is not None and bool(keeps(unmet.reached, limit.operator, limit.value))
