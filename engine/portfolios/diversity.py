"""Moody's diversity score: units of issuers by industry, each industry's units looked up, scores added.

Table: anchors 1, 3, 6, 10 and 20 units score 1, 2, 3, 4 and 5 (sourced to 10, beyond recalled), a row every 0.1 between
(lower edge 0.05 below it), a straight line from anchor to anchor.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from itertools import pairwise

ANCHORS = tuple((Decimal(u), Decimal(s)) for u, s in ((0, 0), (1, 1), (3, 2), (6, 3), (10, 4), (20, 5)))


@dataclass(frozen=True, slots=True)
class Diversity:
    """The score with the units and the score of each industry."""

    score: Decimal
    units: Mapping[str, Decimal]
    scores: Mapping[str, Decimal]


def industry_score(units: Decimal) -> Decimal:
    """The score of the row whose lower edge is at or below the units.

    >>> industry_score(Decimal("2.5"))
    Decimal('1.7500')
    """
    row = ((units + Decimal("0.05")) * 10).to_integral_value(ROUND_FLOOR) / 10
    for (low, below), (high, above) in pairwise(ANCHORS):
        if row <= high:
            exact = below + (row - low) * (above - below) / (high - low)
            return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return ANCHORS[-1][1]


def diversity(holdings: Iterable[tuple[str, str, Decimal]]) -> Diversity:
    """Of issuer, industry and par in the deal's currency; an issuer's first asset decides its industry."""
    pars: dict[str, Decimal] = {}
    industries: dict[str, str] = {}
    for issuer, industry, par in holdings:
        pars[issuer] = pars.get(issuer, Decimal(0)) + par
        industries.setdefault(issuer, industry)
    total = sum(pars.values(), Decimal(0))
    units: dict[str, Decimal] = {}
    for issuer, par in pars.items():
        unit = min(Decimal(1), par * len(pars) / total) if total else Decimal(0)
        units[industries[issuer]] = units.get(industries[issuer], Decimal(0)) + unit
    scores = {industry: industry_score(each) for industry, each in units.items()}
    return Diversity(sum(scores.values(), Decimal(0)), units, scores)
