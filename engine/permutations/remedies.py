"""What would cure a failure: the smallest move of one lever that passes, found by solving and proved by re-evaluating."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.permutations.axes import AXES, Lever
from engine.permutations.evaluate import evaluate
from engine.permutations.levers import LeverSet
from engine.permutations.resolve import Case
from engine.ratings.scale import notch_of, rating_label

# Coarse grid and fine step of the search, per lever.
SEARCHED: dict[str, tuple[float, float]] = {
    "senior_dscr": (0.02, 0.0005),
    "senior_coupon_rate": (0.0025, 0.00005),
    "senior_tenor_years": (1.0, 1.0),
    "mezz_dscr": (0.02, 0.0005),
    "mezz_coupon_rate": (0.0025, 0.00005),
    "over_raise_ratio": (0.02, 0.0005),
}
NAMED = ("senior_amortisation", "wrap")


@dataclass(frozen=True, slots=True)
class Remedy:
    """One lever moved alone from `current` to `proposed`, after which the permutation passes at `rating`."""

    lever: str
    label: str
    unit: str
    current: Lever | None
    proposed: Lever
    rating: str


def find_remedies(case: Case, index: int, target_rating: str | None = None) -> tuple[Remedy, ...]:
    """Single-lever moves that make the permutation pass both gates at `target_rating` (default: the run's minimum)."""
    levers = case.levers.levers_at(index)
    target = notch_of(target_rating or case.terms.minimum_rating)
    found = [_numeric_remedy(case, levers, code, target) for code in SEARCHED]
    found += [_named_remedy(case, levers, code, target) for code in NAMED]
    return tuple(remedy for remedy in found if remedy is not None)


def _passes(case: Case, levers: dict[str, Lever], code: str, values: list[Lever], target: int) -> list[int]:
    """Rating notch at each value of one lever, 0 where it does not pass at the target."""
    axes = {name: [value] for name, value in levers.items()} | {code: values}
    moved = LeverSet.from_dict({"axes": axes})
    columns = evaluate(replace(case, levers=LeverSet(moved.axes, case.levers.filters)), np.arange(moved.size)).columns
    good = (columns["gate"] == 2) & (columns["rating_notch"] <= target)
    return [int(n) if ok else 0 for n, ok in zip(columns["rating_notch"], good, strict=True)]


def _numeric_remedy(case: Case, levers: dict[str, Lever], code: str, target: int) -> Remedy | None:
    spec = AXES[code]
    coarse, fine = SEARCHED[code]
    current = levers.get(code)
    # A closed cap binds nothing: it is searched down from its top.
    start = float(current) if isinstance(current, (int, float)) else float(spec.maximum or 0.0)
    grid = _grid(float(spec.minimum or 0.0), float(spec.maximum or 0.0), start, coarse)
    hit = _nearest_pass(case, levers, code, grid, start, target)
    if hit is None:
        return None
    value, notch = hit
    if fine < coarse:
        between = np.arange(0.0, coarse + fine / 2, fine)
        side = 1.0 if value < start else -1.0
        finer = sorted({round(float(value + side * step), 6) for step in between if abs(step) <= abs(value - start)})
        value, notch = _nearest_pass(case, levers, code, finer, start, target) or (value, notch)
    if abs(value - start) < 1e-12:
        return None
    proposed: Lever = int(value) if spec.unit in {"years", "months"} else value
    return Remedy(code, spec.label, spec.unit, current, proposed, rating_label(notch))


def _grid(low: float, high: float, start: float, step: float) -> list[float]:
    down = np.arange(start, low - step / 2, -step)
    up = np.arange(start, high + step / 2, step)
    return sorted({round(float(v), 6) for v in (*down, *up) if low <= v <= high})


def _nearest_pass(
    case: Case, levers: dict[str, Lever], code: str, values: list[float], start: float, target: int
) -> tuple[float, int] | None:
    if not values:
        return None
    notches = _passes(case, levers, code, list(values), target)
    passing = [(abs(v - start), v, n) for v, n in zip(values, notches, strict=True) if n]
    if not passing:
        return None
    _, value, notch = min(passing)
    return value, notch


def _named_remedy(case: Case, levers: dict[str, Lever], code: str, target: int) -> Remedy | None:
    spec = AXES[code]
    current = levers.get(code)
    others: list[Lever] = [choice for choice in spec.choices if choice != current]
    notches = _passes(case, levers, code, others, target)
    for choice, notch in zip(others, notches, strict=True):
        if notch:
            return Remedy(code, spec.label, spec.unit, current, choice, rating_label(notch))
    return None
