"""How much of a pool each rating carries: the criteria of each financing's own rule set read on cumulative debt.

Source: model book section 12. A class and all senior to it are a share of the senior loan, so cover is what it was over
that share and an advance is what it was times it; what no share can mend (tenor, tenant, wrap) keeps a rating out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor
from typing import NamedTuple

from engine.deal import Structure
from engine.deal.detail import Check, RatingChecks, rating_checks

# By their number among the criteria: DSCR lowest and average, LLCR, ICR, project-life and refinancing cover, stress.
FALLS_WITH_DEBT = frozenset(f"criterion_{number}" for number in (1, 2, 5, 6, 13, 16, 17))
# Advance factor, and balloon to value.
GROWS_WITH_DEBT = frozenset(f"criterion_{number}" for number in (3, 14))
# Of all debt of the financing, or of its coupons against the market: no class of the notes moves them.
NOT_OF_CLASSES = frozenset(f"criterion_{number}" for number in (18, 19, 20, 21))
LEAST_SHARE = 0.05


class Sized(NamedTuple):
    """A class that the criteria carry: its rating and its balance."""

    rating: str
    balance_amount: float


def share_carried(row: RatingChecks) -> float:
    """The largest share of the senior debt at which every check of a rating's row passes; 0 where none does."""
    share = 1.0
    for check in row.checks:
        if check.code in NOT_OF_CLASSES:
            continue
        found = _share(check)
        if found is None:
            if not check.passed:
                return 0.0
        else:
            share = min(share, found)
    return max(0.0, share)


def _share(check: Check) -> float | None:
    """The share at which one check just passes; None for a check that no share moves."""
    value, limit = check.value, check.limit
    if check.code not in FALLS_WITH_DEBT | GROWS_WITH_DEBT or value is None or not limit:
        return None
    ratio = float(value) / float(limit)
    if check.code in FALLS_WITH_DEBT:
        return ratio
    return 1.0 / ratio if ratio else 1.0


def carried_by_rating(structure: Structure) -> dict[str, float]:
    """The amount that each rating carries of one financing's senior debt, best rating first."""
    return {row.rating: structure.senior.amount * share_carried(row) for row in rating_checks(structure)}


def sized_classes(structures: Sequence[Structure], most: int = 4) -> list[Sized]:
    """Classes over all financings, best rating first: each takes what its rating carries beyond the one before.

    A rating that adds less than a twentieth of the pool makes no class. What no rating carries is no note.
    """
    total = sum(structure.senior.amount for structure in structures)
    carried = [carried_by_rating(structure) for structure in structures]
    sums = {rating: sum(each.get(rating, 0.0) for each in carried) for rating in _ratings(carried)}
    found: list[Sized] = []
    issued = 0.0
    for rating, amount in sums.items():
        if amount - issued >= LEAST_SHARE * total and len(found) < most:
            found.append(Sized(rating, floor(100.0 * (amount - issued)) / 100.0))
            issued = amount
    return found


def _ratings(carried: Sequence[Mapping[str, float]]) -> list[str]:
    """Ratings that every financing's rules know, in their order."""
    first, *others = carried
    return [rating for rating in first if all(rating in each for each in others)]
