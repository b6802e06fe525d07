"""Why a margin requirement changed: by component, with the first driver in the stated order that holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

COMPONENTS = (
    "scan_risk",
    "inter_spread_charge",
    "short_opt_minimum",
    "long_opt_credit",
    "net_premium",
    "add_on_margin",
)
SIGNIFICANT_AMOUNT, SIGNIFICANT_RATIO = Decimal(500), Decimal("0.02")
CONTRIBUTOR_RATIO, ENOUGH_RATIO, MOST_CONTRIBUTORS = Decimal("0.05"), Decimal("0.80"), 3
CREDITS = frozenset({"long_opt_credit"})


@dataclass(frozen=True, slots=True)
class Margin:
    """The components of one day, in currency, and the positions they are for, in lots by contract."""

    components: Mapping[str, Decimal]
    positions: Mapping[str, Decimal]

    @property
    def total(self) -> Decimal:
        """What is called: credits take off."""
        return sum((-v if n in CREDITS else v for n, v in self.components.items()), Decimal(0))


@dataclass(frozen=True, slots=True)
class MarginChange:
    """The change from one day to the next, in currency and as a fraction, with who made it."""

    delta: Decimal
    change_ratio: Decimal | None
    is_significant: bool
    by_component: Mapping[str, Decimal]
    contributors: tuple[str, ...]
    driver: str


def margin_change(prior: Margin, current: Margin) -> MarginChange:
    """What changed between two days."""
    names = [*COMPONENTS, *sorted({*prior.components, *current.components} - set(COMPONENTS))]
    by = {n: _signed(current, n) - _signed(prior, n) for n in names if n in prior.components or n in current.components}
    delta = current.total - prior.total
    ratio = delta / prior.total if prior.total else None
    is_large = abs(delta) >= SIGNIFICANT_AMOUNT or (ratio is not None and abs(ratio) >= SIGNIFICANT_RATIO)
    return MarginChange(delta, ratio, is_large, by, _contributors(by), _driver(prior, current, by))


def _signed(margin: Margin, name: str) -> Decimal:
    value = margin.components.get(name, Decimal(0))
    return -value if name in CREDITS else value


def _contributors(by: Mapping[str, Decimal]) -> tuple[str, ...]:
    """Up to three components over 5% of all movement, until they explain 80% of it."""
    moved = sum((abs(value) for value in by.values()), Decimal(0))
    found: list[str] = []
    told = Decimal(0)
    for name in sorted(by, key=lambda each: -abs(by[each])):
        if (
            not moved
            or len(found) == MOST_CONTRIBUTORS
            or told >= ENOUGH_RATIO
            or abs(by[name]) / moved <= CONTRIBUTOR_RATIO
        ):
            break
        found.append(name)
        told += abs(by[name]) / moved
    return tuple(found)


def _driver(prior: Margin, current: Margin, by: Mapping[str, Decimal]) -> str:
    """The first that holds: a new product, a closed one, a changed position, else the largest component."""
    before, after = _open(prior), _open(current)
    if new := sorted(after - before):
        return f"new product {', '.join(new)}"
    if closed := sorted(before - after):
        return f"closed product {', '.join(closed)}"
    changed = sorted(n for n in before if prior.positions[n] != current.positions[n])
    if changed:
        return f"position changed in {', '.join(changed)}"
    largest = max(by, key=lambda name: abs(by[name]), default="")
    return largest if largest and by[largest] else "no change"


def _open(margin: Margin) -> set[str]:
    return {name for name, lots in margin.positions.items() if lots}
