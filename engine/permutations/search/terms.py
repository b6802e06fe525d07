"""What a search is asked: an objective, limits that must hold, and the levers it may move, each from a list or a range.

A range is searched on a fine lattice, so that an answer is a set of terms that can be written down: a basis point of a
coupon, a thousandth of cover or of a share. Source: design of issue 10, part 8.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from engine.basics.ranges import given_shown, whole
from engine.basics.units import Unit
from engine.deal.axes import AXES, WHOLE_UNITS, AxisSpec, Lever
from engine.deal.columns import RESULT_COLUMNS, ColumnSpec
from engine.errors import InputProblems, Problem
from engine.permutations.levers import MAX_VALUES_PER_AXIS, HardFilter, LeverSet, steps
from engine.terms import Objective

# Sponsor equity over all uses, worked out where results do not hold it.
EQUITY_RATIO = "equity_ratio"
_EQUITY = ColumnSpec(EQUITY_RATIO, "Equity", Unit.SHARE, "size", "Sponsor equity over all uses at close.")
MEASURES: dict[str, ColumnSpec] = {_EQUITY.name: _EQUITY} | {spec.name: spec for spec in RESULT_COLUMNS}
LIMIT_OPERATORS = (">=", "<=")
# By objective: the column, and whether more of it is better.
GOALS: dict[str, tuple[str, float]] = {
    Objective.DAY_ONE_VALUE.value: ("day_one_value", 1.0),
    Objective.SENIOR_RAISE.value: ("senior_amount", 1.0),
    Objective.WACC.value: ("wacc_rate", -1.0),
    Objective.EQUITY_IRR.value: ("sponsor_irr_rate", 1.0),
}
DEFAULT_SEED, LARGEST_SEED = 1, 2**32 - 1
DEFAULT_EFFORT, LEAST_EFFORT, MOST_EFFORT = 20_000, 500, 200_000
_FINENESS: dict[Unit, float] = {
    Unit.RATE: 0.0001,
    Unit.SHARE: 0.001,
    Unit.TIMES: 0.001,
    Unit.FACTOR: 0.001,
    Unit.AMOUNT: 0.01,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A range of a lever, both ends included."""

    low: float
    high: float

    def lattice(self, spec: AxisSpec, also: Sequence[Lever] = ()) -> tuple[Lever, ...]:
        """The values searched, rising: the lattice of the lever's unit, and what else lies inside.

        >>> Span(0.05, 0.0502).lattice(AXES["senior_coupon_rate"], [0.05015])
        (0.05, 0.0501, 0.05015, 0.0502)
        """
        step = _FINENESS[Unit(spec.unit)]
        while (self.high - self.low) / step >= MAX_VALUES_PER_AXIS:
            step *= 10.0
        inside = [float(value) for value in also if self.low <= float(value) <= self.high]
        return tuple(sorted({*steps(self.low, self.high, step), self.high, *inside}))

    def to_dict(self) -> dict[str, float]:
        """As JSON keeps it."""
        return {"from": self.low, "to": self.high}


Searched = Span | tuple[Lever, ...]


@dataclass(frozen=True, slots=True)
class SearchTerms:
    """A search as asked for; levers in catalogue order. With the case it decides the answer to the last digit."""

    objective: str
    limits: tuple[HardFilter, ...]
    levers: tuple[tuple[str, Searched], ...]
    seed: int
    effort: int

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any], around: LeverSet) -> SearchTerms:
        """The terms of {"objective", "limits", "levers", "seed", "effort"}; raises InputProblems.

        A lever that is not named is searched between the values the lever set gives it.
        """
        known = ("objective", "limits", "levers", "seed", "effort")
        problems = [Problem("unknown", key, f"{key} is not part of a search.") for key in payload if key not in known]
        objective = payload.get("objective") or Objective.DAY_ONE_VALUE.value
        if objective not in GOALS:
            message = f"Objective: expected one of {', '.join(GOALS)}, got {given_shown(objective)}."
            problems.append(Problem("not_a_choice", "objective", message))
        limits = _read_limits(payload.get("limits", ()), problems)
        levers = _read_levers(payload.get("levers", {}), around, problems)
        seed = _read_whole("seed", payload.get("seed"), (DEFAULT_SEED, 0, LARGEST_SEED), problems)
        effort = _read_whole("effort", payload.get("effort"), (DEFAULT_EFFORT, LEAST_EFFORT, MOST_EFFORT), problems)
        if problems:
            raise InputProblems(problems)
        return cls(str(objective), limits, levers, seed, effort)

    def to_dict(self) -> dict[str, Any]:
        """The JSON-able mapping that `from_dict` reads back, whatever the lever set then is."""
        return {
            "objective": self.objective,
            "limits": [{"column": f.column, "operator": f.operator, "value": f.value} for f in self.limits],
            "levers": {code: each.to_dict() if isinstance(each, Span) else list(each) for code, each in self.levers},
            "seed": self.seed,
            "effort": self.effort,
        }


def searched_of(spec: AxisSpec, values: Sequence[Lever]) -> Searched:
    """Where a run's axis is searched: between its ends where its lever is continuous, else at its values."""
    if is_continuous(spec) and len(values) > 1:
        numbers = [float(value) for value in values]
        return Span(min(numbers), max(numbers))
    return tuple(values)


def is_continuous(spec: AxisSpec) -> bool:
    """True of a lever that may take any value in its range."""
    return not spec.choices and spec.unit not in WHOLE_UNITS


def _read_limits(raw: Any, problems: list[Problem]) -> tuple[HardFilter, ...]:
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        problems.append(Problem("not_limits", "limits", "Limits: expected a list."))
        return ()
    found = [_read_limit(f"limits.{number}", item, problems) for number, item in enumerate(raw)]
    return tuple(limit for limit in found if limit is not None)


def _read_limit(place: str, item: Any, problems: list[Problem]) -> HardFilter | None:
    if not isinstance(item, Mapping) or item.get("column") not in MEASURES:
        problems.append(Problem("unknown_column", place, "Limit: expected a column of the results."))
        return None
    label, operator, value = MEASURES[item["column"]].label, item.get("operator"), item.get("value")
    if operator not in LIMIT_OPERATORS:
        message = f"{label}: expected an operator of {' '.join(LIMIT_OPERATORS)}, got {given_shown(operator)}."
        problems.append(Problem("unknown_operator", place, message))
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        problems.append(
            Problem("not_a_number", place, f"{label}: expected a number as limit, got {given_shown(value)}.")
        )
        return None
    return HardFilter(item["column"], operator, float(value))


def _read_levers(raw: Any, around: LeverSet, problems: list[Problem]) -> tuple[tuple[str, Searched], ...]:
    if not isinstance(raw, Mapping):
        problems.append(Problem("not_levers", "levers", "Levers: expected values or a range by lever."))
        return ()
    problems.extend(Problem("unknown_lever", code, f"{code} is not a lever.") for code in raw if code not in AXES)
    asked = {code: _read_lever(AXES[code], raw[code], problems) for code in raw if code in AXES}
    own = {code: searched_of(AXES[code], values) for code, values in around.axes}
    every = own | {code: each for code, each in asked.items() if each is not None}
    if not every:
        problems.append(Problem("nothing_to_search", "levers", "Levers: expected at least one to search."))
    return tuple((code, every[code]) for code in AXES if code in every)


def _read_lever(spec: AxisSpec, raw: Any, problems: list[Problem]) -> Searched | None:
    if isinstance(raw, Mapping):
        return _read_span(spec, raw, problems)
    if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
        problems.append(Problem("empty_lever", spec.code, f"{spec.label}: expected at least one value, or a range."))
        return None
    values = [spec.read(item, problems) for item in raw]
    return tuple(dict.fromkeys(spec.canonical(value) for value in values if value is not None)) or None


def _read_span(spec: AxisSpec, raw: Mapping[str, Any], problems: list[Problem]) -> Searched | None:
    if not is_continuous(spec):
        problems.append(Problem("no_range", spec.code, f"{spec.label}: expected values, for it has no range."))
        return None
    low, high = (spec.read(raw.get(end), problems) for end in ("from", "to"))
    if low is None or high is None:
        return None
    if float(low) > float(high):
        message = f"{spec.label}: expected a lowest value not above the highest."
        problems.append(Problem("no_range", spec.code, message))
        return None
    return Span(float(low), float(high)) if low != high else (float(low),)


def _read_whole(place: str, raw: Any, bounds: tuple[int, int, int], problems: list[Problem]) -> int:
    default, low, high = bounds
    if raw is None:
        return default
    number = isinstance(raw, int | float) and not isinstance(raw, bool) and isfinite(raw)
    found = whole(raw) if number else None
    if found is None or not low <= found <= high:
        message = f"{place.capitalize()}: expected a whole number from {low:,} to {high:,}, got {raw}."
        problems.append(Problem("out_of_range", place, message))
        return default
    return found
